import CTributaryShims
import Dispatch
import Synchronization
import TestTools
import Testing
import TributaryParallel

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What holds for the process as a whole; run with `--no-parallel`.
@Suite(.serialized) struct TeamTests {
  @Test func anIdleTeamHoldsNoThreadBusy() {
    let team = WorkerTeam(width: 4)
    _ = concurrentRun(count: 64, on: team) { _ in spin(microseconds: 100) }
    OwnProcess.sleep(milliseconds: 100)
    let before = OwnProcess.cpuNanoseconds
    OwnProcess.sleep(milliseconds: 300)
    // One spinning thread would spend 300 ms, or what the machine leaves it.
    #expect(OwnProcess.cpuNanoseconds - before < 60_000_000)
  }

  @Test func noBudgetIsAllowed() {
    let team = WorkerTeam(width: 3, spin: .zero)
    for _ in 0..<50 {
      let sum = Atomic<Int>(0)
      let outcome = concurrentRun(count: 20, on: team) { sum.add($0, ordering: .relaxed) }
      guard case .completed = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(sum.load(ordering: .relaxed) == 190)
    }
  }

  @Test(arguments: [2, 3, 4, 8, 16])
  func asManyWorkersAsAskedForAreInsideAtOnce(width: Int) {
    let team = WorkerTeam(width: width)
    var options = PassOptions()
    let tracker = PeakTracker()
    options.tracker = tracker
    // Each node waits until all workers are inside, a long time at most.
    let start = nanosecondsNow()
    let outcome = concurrentRun(count: width, on: team, options: options) { _ in
      while tracker.peak < width, nanosecondsNow() - start < 20_000_000_000 { yieldThread() }
    }
    guard case .completed = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(tracker.peak == width)
  }

  @Test func aPassNeverHasMoreThreadsThanTheWidth() {
    for width in [2, 4] {
      let team = WorkerTeam(width: width)
      var options = PassOptions()
      let tracker = PeakTracker()
      options.tracker = tracker
      for _ in 0..<20 {
        _ = concurrentRun(count: 40, on: team, options: options) { _ in
          spin(microseconds: 20)
        }
      }
      #expect(tracker.peak <= width)
    }
  }

  @Test func clientsShareOneTeam() {
    let width = 4
    let clients = 8
    let team = WorkerTeam(width: width)
    let idle = OwnProcess.runnableThreads
    let running = Countdown(clients)
    for _ in 0..<clients {
      let call = Unmanaged.passRetained(Client(team: team, running: running))
      let started = tri_start_thread(
        { Unmanaged<Client>.fromOpaque($0).takeRetainedValue().work() }, call.toOpaque())
      #expect(started)
    }
    var most = 0
    while running.left > 0 {
      most = max(most, OwnProcess.runnableThreads)
      OwnProcess.sleep(milliseconds: 2)
    }
    #expect(most <= width - 1 + clients + idle + 1)
  }

  /// Workers that cannot come must not slow their caller.
  @Test func aBlockedGlobalQueueCostsNothing() {
    let release = DispatchSemaphore(value: 0)
    let blockers = 300
    for _ in 0..<blockers {
      DispatchQueue.global(qos: .userInitiated).async { release.wait() }
    }
    let team = WorkerTeam(width: 2)
    var times: [UInt64] = []
    for _ in 0..<20 {
      let start = nanosecondsNow()
      let tiles = Atomic<Int>(0)
      parallelFor(tiles: 10, nanosecondsPerTile: 1e6, on: team) { range in
        for _ in range { spin(microseconds: 1_000) }
        tiles.add(range.count, ordering: .relaxed)
      }
      #expect(tiles.load(ordering: .relaxed) == 10)
      times.append(nanosecondsNow() - start)
      let sum = Atomic<Int>(0)
      _ = concurrentRun(count: 10, on: team) { sum.add($0, ordering: .relaxed) }
      #expect(sum.load(ordering: .relaxed) == 45)
    }
    // 10 ms of work each; a wait for the pool, which grows by a thread a second, would show in every one.
    #expect(times.sorted()[10] < 800_000_000)
    for _ in 0..<blockers { release.signal() }
  }

  @Test func masksAreRestored() {
    guard let whole = AffinityMask.ofThread() else { return }
    let cores = whole.cores
    // Two nodes that share the machine's cores, so that pinning succeeds.
    let topology = Topology(nodes: [
      .init(id: 0, cores: [cores[0]]), .init(id: 5, cores: [cores[cores.count - 1]]),
    ])
    let team = WorkerTeam(width: 4, topology: topology)
    let wrong = Atomic<Int>(0)
    for _ in 0..<20 {
      _ = concurrentRun(count: 12, on: team) { index in
        spin(microseconds: 50)
        if tri_parallel().pointee.node > 0, AffinityMask.ofThread()?.cores.count != 1 {
          wrong.add(1, ordering: .relaxed)
        }
      }
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
    #expect(AffinityMask.ofThread() == whole)
    OwnProcess.sleep(milliseconds: 50)
    let other = Atomic<Int>(0)
    DispatchQueue.global(qos: .userInitiated).sync {
      if AffinityMask.ofThread() != whole { other.add(1, ordering: .relaxed) }
    }
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      if AffinityMask.ofThread() != whole { other.add(1, ordering: .relaxed) }
    }
    #expect(other.load(ordering: .relaxed) == 0)
  }

  /// Two nodes made of the machine's cores: who is pinned to one claims tiles of the other only when its own
  /// are gone.
  @Test func workersClaimTilesOfTheirOwnNodeFirst() throws {
    let cores = AffinityMask.ofProcess?.cores ?? []
    guard let first = cores.first, let last = cores.last, first != last else { return }
    let topology = Topology(nodes: [.init(id: 0, cores: [first]), .init(id: 5, cores: [last])])
    let team = WorkerTeam(width: 4, topology: topology)
    let tiles = 400
    let claims = Claims(ofLoopOver: tiles, on: team)
    // The caller, worker 0, is pinned to no node.
    #expect((0..<tiles).contains { claims[$0].worker > 0 })
    for worker in 1..<4 {
      let mine = claims.tiles(of: worker)
      guard let node = mine.first.map({ claims[$0].node }) else { continue }
      let own = topology.tiles(ofNode: node, of: tiles)
      #expect(begin(mine, with: own), "worker \(worker) of node \(node): \(mine)")
    }
    // A thread that libdispatch starts for a pinned worker must not inherit its mask.
    let pinned = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: 16) { _ in
      if AffinityMask.ofThread()?.cores.count == 1 { pinned.add(1, ordering: .relaxed) }
    }
    #expect(pinned.load(ordering: .relaxed) == 0)
  }

  /// On one node each worker begins with its part of the tiles, or all together with the lowest.
  @Test(arguments: [TileOrder.inParts, .together])
  func workersClaimTilesOfTheirPartFirst(order: TileOrder) throws {
    let team = WorkerTeam(width: 2, topology: Topology(nodes: [.init(id: 0, cores: [0, 1])]))
    let tiles = 400
    var claims = Claims(ofLoopOver: tiles, order: order, on: team)
    // Until the worker comes in time: beside other programs it may not.
    for _ in 0..<100 where claims.tiles(of: 1).count < 2 {
      claims = Claims(ofLoopOver: tiles, order: order, on: team)
    }
    let mine = (0..<2).map(claims.tiles)
    try #require(!mine[1].isEmpty)
    #expect(mine[0].first == 0)
    switch order {
    case .inParts:
      for worker in 0..<2 {
        let own = Topology.tiles(ofNode: worker, of: tiles, nodes: 2)
        #expect(begin(mine[worker], with: own), "worker \(worker): \(mine[worker])")
      }
    case .together:
      // Tiles this long are claimed one by one. What a worker claims after a tile lies above all that the other had by then.
      for (one, other) in [(mine[0], mine[1]), (mine[1], mine[0])] {
        for (tile, next) in zip(one, one.dropFirst()) {
          let before = other.filter { claims[$0].time < claims[tile].time }
          #expect(before.allSatisfy { $0 < next }, "\(mine)")
        }
      }
    }
  }

  /// Whether those of `own` come before all others.
  private func begin(_ tiles: [Int], with own: Range<Int>) -> Bool {
    !tiles.drop(while: own.contains).contains(where: own.contains)
  }

  @Test func aForkedChildGetsAnErrorAndDoesNotHang() {
    let team = WorkerTeam(width: 2)
    _ = concurrentRun(count: 8, on: team) { _ in spin(microseconds: 50) }
    let child = fork()
    if child == 0 {
      alarm(20)
      var sum = 0
      parallelFor(tiles: 4, nanosecondsPerTile: 1e6, on: team) { sum += $0.count }
      let outcome = concurrentRun(count: 4, on: team) { _ in }
      if case .forked = outcome, sum == 4, WorkerTeam.poisonedByFork { _exit(0) }
      _exit(1)
    }
    var status: Int32 = 0
    #expect(waitpid(child, &status, 0) == child)
    #expect(status == 0)
    #expect(!WorkerTeam.poisonedByFork)
  }

  /// Prints the figures of SCHEDULER.md; `TRIBUTARY_MEASURE=1` turns it on. Times are never asserted.
  @Test(.enabled(if: getenv("TRIBUTARY_MEASURE") != nil))
  func measure() {
    let team = WorkerTeam(width: 2)
    for microseconds in [5, 20, 100] as [UInt64] {
      func median(_ run: () -> Void) -> Double {
        var times: [UInt64] = []
        for _ in 0..<2_001 {
          let start = nanosecondsNow()
          run()
          times.append(nanosecondsNow() - start)
        }
        return Double(times.sorted()[1_000]) / 1_000
      }
      let resident = median {
        parallelFor(tiles: 2, nanosecondsPerTile: Double(microseconds) * 1_000, on: team) {
          for _ in $0 { spin(microseconds: microseconds) }
        }
      }
      let plain = median {
        DispatchQueue.concurrentPerform(iterations: 2) { _ in
          spin(microseconds: microseconds)
        }
      }
      print("2 × \(microseconds) µs: team \(resident) µs, concurrentPerform \(plain) µs")
    }
  }
}

/// A thread of the program that opens loops and passes.
private final class Client: Sendable {
  private let team: WorkerTeam
  private let running: Countdown

  init(team: WorkerTeam, running: Countdown) {
    self.team = team
    self.running = running
  }

  func work() {
    for _ in 0..<100 {
      parallelFor(tiles: 32, nanosecondsPerTile: 20_000, on: team) {
        for _ in $0 { spin(microseconds: 20) }
      }
      _ = concurrentRun(count: 16, on: team) { _ in spin(microseconds: 20) }
    }
    running.finish()
  }
}

/// Who claimed which tile, and when. Each element is written by the thread that has the tile.
private final class Claims: Sendable {
  struct Entry {
    var worker = 0
    var node = 0
    var time: UInt64 = 0
  }

  // SAFETY: made once, freed with the object; read when the loop is over.
  private nonisolated(unsafe) let entries: UnsafeMutablePointer<Entry>

  private let count: Int

  /// Of a loop whose tiles take 50 µs each.
  init(ofLoopOver count: Int, order: TileOrder = .inParts, on team: WorkerTeam) {
    self.count = count
    entries = .allocate(capacity: count)
    entries.initialize(repeating: Entry(), count: count)
    parallelFor(tiles: count, nanosecondsPerTile: 50_000, order: order, on: team) { range in
      for tile in range {
        note(tile)
        spin(microseconds: 50)
      }
    }
  }

  deinit { entries.deallocate() }

  subscript(tile: Int) -> Entry { entries[tile] }

  /// In the order in which the worker claimed them.
  func tiles(of worker: Int) -> [Int] {
    (0..<count).filter { entries[$0].worker == worker }
      .sorted { entries[$0].time < entries[$1].time }
  }

  private func note(_ tile: Int) {
    entries[tile] = Entry(
      worker: Int(tri_thread().pointee.worker), node: Int(tri_parallel().pointee.node) - 1,
      time: nanosecondsNow())
  }
}

private final class Countdown: Sendable {
  private let count: Atomic<Int>

  init(_ start: Int) { count = Atomic(start) }

  var left: Int { count.load(ordering: .acquiring) }

  func finish() { count.subtract(1, ordering: .releasing) }
}
