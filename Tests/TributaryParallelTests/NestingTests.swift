import CTributaryShims
import Synchronization
import Testing
import TributaryParallel

@Suite struct NestingTests {
  @Test(arguments: widths)
  func nodesOpenLoops(width: Int) {
    let team = WorkerTeam(width: width)
    for seed in 0..<10 as Range<UInt64> {
      let graph = RandomGraph(count: 60, fanOut: 2, reach: 20, seed: seed)
      let ledger = Ledger(graph)
      let bad = Atomic<Int>(0)
      let outcome = graph.run(on: team, ledger: ledger) { node in
        let counts = TileCounts(9)
        parallelFor(tiles: 9, nanosecondsPerTile: 4_000, on: team) {
          disturb(node)
          counts.add($0)
        }
        if !counts.allOnce { bad.add(1, ordering: .relaxed) }
      }
      #expect(outcome.isCompleted)
      #expect(ledger.allOnce)
      #expect(bad.load(ordering: .relaxed) == 0)
    }
  }

  @Test(arguments: widths)
  func nodesRunPasses(width: Int) {
    let team = WorkerTeam(width: width)
    let inner = RandomGraph(count: 25, fanOut: 2, reach: 8, seed: 9)
    let bad = Atomic<Int>(0)
    func nested(_ depth: Int) {
      let ledger = Ledger(inner)
      var options = PassOptions()
      options.perturb = disturb
      let outcome = inner.run(on: team, options: options, ledger: ledger) { node in
        if depth > 0, node % 9 == 0 { nested(depth - 1) }
      }
      if !outcome.isCompleted || !ledger.allOnce { bad.add(1, ordering: .relaxed) }
    }
    for _ in 0..<3 { nested(3) }
    #expect(bad.load(ordering: .relaxed) == 0)
  }

  /// A waiting thread must not run a node that could need a lock that it holds.
  @Test(arguments: [2, 3, 8])
  func aWaitingThreadRunsNothingForeign(width: Int) {
    let team = WorkerTeam(width: width)
    let bad = Atomic<Int>(0)
    for _ in 0..<20 {
      _ = concurrentRun(count: 12, on: team) { outer in
        // Bound to the call chain: a foreign node on this stack would see what the node below bound.
        if Mode.value != 0 { bad.add(1, ordering: .relaxed) }
        Mode.$value.withValue(outer + 1) {
          _ = concurrentRun(count: 6, on: team) { index in
            disturb(index)
            parallelFor(tiles: 4, nanosecondsPerTile: 3_000, on: team) { _ in disturb(index) }
          }
        }
      }
      let lock = Mutex(())
      _ = concurrentRun(count: 6, on: team) { _ in
        lock.withLock { _ in
          _ = concurrentRun(count: 4, on: team) { disturb($0) }
          parallelFor(tiles: 4, nanosecondsPerTile: 5_000, on: team) { _ in disturb(1) }
        }
      }
    }
    #expect(bad.load(ordering: .relaxed) == 0)
  }

  @Test(arguments: [1, 2, 4])
  func aThousandDeep(width: Int) {
    let team = WorkerTeam(width: width)
    let deepest = Atomic<Int>(0)
    func nested(_ depth: Int) {
      deepest.max(depth, ordering: .relaxed)
      if depth == 1_000 { return }
      let outcome = concurrentRun(count: 2, on: team) { index in
        if index == 0 { nested(depth + 1) }
      }
      if !outcome.isCompleted { Issue.record("\(outcome)") }
    }
    nested(0)
    #expect(deepest.load(ordering: .relaxed) == 1_000)
  }

  @Test func endlessNestingIsAnOutcome() {
    let team = WorkerTeam(width: 2)
    let refused = Atomic<Int>(0)
    func nested() {
      let outcome = concurrentRun(count: 1, on: team) { _ in nested() }
      if case .nestedTooDeeply = outcome { refused.add(1, ordering: .relaxed) }
    }
    nested()
    #expect(refused.load(ordering: .relaxed) == 1)
  }

  @Test func teamsWithinTeams() {
    let outer = WorkerTeam(width: 3)
    let inner = WorkerTeam(width: 2)
    let bad = Atomic<Int>(0)
    for _ in 0..<20 {
      _ = concurrentRun(count: 8, on: outer) { _ in
        if WorkerTeam.current !== outer { bad.add(1, ordering: .relaxed) }
        WorkerTeam.withTeam(inner) {
          _ = concurrentRun(count: 4, on: .current) { _ in
            if WorkerTeam.current !== inner { bad.add(1, ordering: .relaxed) }
            _ = concurrentRun(count: 3, on: outer) { disturb($0) }
          }
        }
      }
    }
    #expect(bad.load(ordering: .relaxed) == 0)
    #expect(tri_thread().pointee.team == nil)
    #expect(tri_thread().pointee.depth == 0)
  }

  @Test(arguments: [2, 4])
  func manyClientsRunPasses(width: Int) async {
    let team = WorkerTeam(width: width)
    let graph = RandomGraph(count: 80, fanOut: 3, reach: 12, seed: 5)
    await withTaskGroup(of: Bool.self) { group in
      for client in 0..<8 {
        group.addTask {
          var good = true
          for round in 0..<25 {
            let ledger = Ledger(graph)
            let outcome = graph.run(on: team, ledger: ledger) { node in
              if (node + client + round) % 10 == 0 {
                parallelFor(tiles: 5, nanosecondsPerTile: 3_000, on: team) { _ in disturb(node) }
              }
            }
            good = good && outcome.isCompleted && ledger.allOnce
          }
          return good
        }
      }
      for await good in group { #expect(good) }
    }
  }
}
