import CTributaryShims
import Synchronization
import TestTools
import Testing
import TributaryParallel

/// What a thief takes along. Node 0 makes all others ready; its worker runs node 1, which lasts until the thief has
/// run its share.
@Suite struct HaulTests {
  /// Which of the nodes that the thief ran were stolen one by one.
  private func stolen(of others: Int, share: Int, priority: (Int) -> Float) throws -> [Bool] {
    let log = StealLog(count: others + 1)
    var options = PassOptions()
    options.observer = log
    let start = nanosecondsNow()
    let outcome = DependencyScheduler.run(
      count: others + 1, dependencies: [0] + Array(repeating: 1, count: others),
      priorities: [1e6] + (1...others).map(priority), on: WorkerTeam(width: 2), options: options
    ) { node, context in
      switch node {
      case 0: for other in 1...others { context.satisfied(other) }
      case 1:
        while log.ended < share, nanosecondsNow() - start < 20_000_000_000 { yieldThread() }
      default: break
      }
    }
    #expect(outcome.isCompleted)
    try #require(log.ended >= share, "no worker came")
    return (2..<2 + share).map(log.wasStolen)
  }

  @Test func neighboursGoTogetherUpToHalf() throws {
    // Of the 40 that are left to steal 20; of the other 20 then 10.
    let stolen = try stolen(of: 41, share: 30) { _ in 5 }
    #expect(stolen.indices.filter { stolen[$0] } == [0, 20])
  }

  @Test func noMoreThanAFewAreTakenAtOnce() throws {
    let stolen = try stolen(of: 201, share: 64) { _ in 5 }
    #expect(stolen.indices.filter { stolen[$0] } == [0, 32])
  }

  @Test func lessUrgentOnesStay() throws {
    let stolen = try stolen(of: 41, share: 12) { Float(1_000 - $0 / 4) }
    // 2 and 3, then fours.
    #expect(stolen.indices.filter { stolen[$0] } == [0, 2, 6, 10])
  }

  @Test func theLastOneIsTakenAlone() throws {
    #expect(try stolen(of: 2, share: 1) { _ in 5 } == [true])
  }
}

/// Which worker gets what before anybody steals: two threads that start node after node in step.
@Suite struct DealTests {
  /// The worker that ran each node.
  private func workers(
    of count: Int, run: (WorkerTeam, @escaping (Int) -> Void) -> PassOutcome
  ) -> [Int] {
    let ran = Locked([Int](repeating: -1, count: count))
    let started = Atomic<Int>(0)  // Relaxed: a number that grows.
    let start = nanosecondsNow()
    let outcome = run(WorkerTeam(width: 2)) { node in
      ran.withLock { $0[node] = Int(tri_thread().pointee.worker) }
      started.wrappingAdd(1, ordering: .relaxed)
      let both = 2 * (node % (count / 2) + 1)
      while started.load(ordering: .relaxed) < both, nanosecondsNow() - start < 20_000_000_000 {
        yieldThread()
      }
    }
    #expect(outcome.isCompleted)
    return ran.withLock { $0 }
  }

  private func withPlaces(
    _ places: [BranchPlace], _ run: (PassOptions) -> PassOutcome
  ) -> PassOutcome {
    places.withUnsafeBufferPointer { places in
      var options = PassOptions()
      if let first = places.baseAddress { options.places = .each(first) }
      return run(options)
    }
  }

  @Test func eachWorkerGetsItsPartOfARun() {
    let found = workers(of: 8) { team, body in concurrentRun(count: 8, on: team) { body($0) } }
    #expect(found == [0, 0, 0, 0, 1, 1, 1, 1])
  }

  /// Node 0 makes eight others ready, which belong to branches in the opposite order.
  @Test func whatBecomesReadyGoesToItsBranch() {
    let found = workers(of: 8) { team, body in
      withPlaces((0...8).map { BranchPlace(8 - $0, of: 8) }) { options in
        DependencyScheduler.run(
          count: 9, dependencies: [0] + Array(repeating: 1, count: 8), priorities: nil, on: team,
          options: options
        ) { node, context in
          if node == 0 { for other in 1...8 { context.satisfied(other) } } else { body(node - 1) }
        }
      }
    }
    #expect(found == [1, 1, 1, 1, 0, 0, 0, 0])
  }

  /// Who runs a branch's node runs what follows it in the branch before what is its own, and a node that alone becomes
  /// ready is not handed over.
  @Test func aBranchStaysWhereItIs() {
    let log = StealLog(count: 4)
    let ran = Locked([Int](repeating: -1, count: 4))
    // Of worker 1's half, but for the first and the last.
    let outcome = withPlaces([2, 7, 7, 2].map { BranchPlace($0, of: 8) }) { options in
      var options = options
      options.observer = log
      return DependencyScheduler.run(
        count: 4, dependencies: [0, 1, 1, 1], priorities: [4, 3, 2, 1], on: WorkerTeam(width: 2),
        options: options
      ) { node, context in
        ran.withLock { $0[node] = Int(tri_thread().pointee.worker) }
        if node == 0 { context.satisfied(1) }
        if node == 1 { for next in [3, 2] { context.satisfied(next) } }
      }
    }
    #expect(outcome.isCompleted)
    // Another may run the last.
    #expect(ran.withLock { $0 }.prefix(3) == [0, 0, 0])
    #expect((0..<3).allSatisfy { !log.wasStolen($0) })
  }

  /// Small nodes are run by who made them ready, before anything else; an error among them ends the pass as any.
  @Test func smallNodesFollowTheirMaker() {
    // 0 makes eight ready, each of which makes two small ones ready, and one that is not.
    let order = OrderLog()
    let ran = Locked([Int](repeating: -1, count: 33))
    var options = PassOptions()
    options.smallPriority = 5
    let maker = { (node: Int) in (node - 1) / 4 * 4 + 1 }
    let priorities = (0..<33).map { Float($0 == 0 ? 30 : [20, 5, 1, 10][($0 - 1) % 4]) }
    func run(failing: Int?) -> PassOutcome {
      DependencyScheduler.run(
        count: 33, dependencies: [0] + Array(repeating: 1, count: 32), priorities: priorities,
        on: WorkerTeam(width: 2), options: options
      ) { node, context in
        ran.withLock { $0[node] = Int(tri_thread().pointee.worker) }
        order.append(node)
        if node == failing { throw Failure() }
        spin(microseconds: 20)
        if node == 0 { for next in 0..<8 { context.satisfied(4 * next + 1) } }
        if node % 4 == 1 { for next in 1...3 { context.satisfied(node + next) } }
      }
    }
    #expect(run(failing: nil).isCompleted)
    let (all, workers) = (order.all, ran.withLock { $0 })
    #expect(all.sorted() == Array(0..<33))
    for worker in 0..<2 {
      let own = all.filter { workers[$0] == worker }
      for (place, node) in own.enumerated() where node > 0 && node % 4 == 1 {
        #expect(own.dropFirst(place + 1).prefix(2).allSatisfy { maker($0) == node && $0 % 4 != 0 })
      }
    }
    guard case .failed(let position, _) = run(failing: 7) else {
      Issue.record("no failure")
      return
    }
    #expect(position == 7)
  }

  /// Past a bound the rest of one node's small nodes go into the queue, where others find them; a cancelled pass leaves them.
  @Test(arguments: [1, 2, 3]) func manySmallNodesAreShared(width: Int) {
    let team = WorkerTeam(width: width)
    for cancelling in [nil, 1, 50] {
      let ran = OrderLog()
      var options = PassOptions()
      options.smallPriority = 5
      let flag = CancellationFlag()
      options.cancellation = flag
      let outcome = DependencyScheduler.run(
        count: 101, dependencies: [0] + Array(repeating: 1, count: 100),
        priorities: [9] + Array(repeating: 1, count: 100), on: team, options: options
      ) { node, context in
        let place = ran.append(node)
        if node == 0 { for next in 1...100 { context.satisfied(next) } }
        if place == cancelling { flag.cancel() }
      }
      let all = ran.all
      #expect(Set(all).count == all.count)
      if cancelling == nil {
        #expect(outcome.isCompleted)
        #expect(all.count == 101)
      } else if case .cancelled = outcome {
        #expect(all.count < 101)
      } else {
        Issue.record("\(outcome)")
      }
    }
  }

  @Test(arguments: [1, 2, 3, 6, 7, 12, 64, 96, 4_096]) func placesAreSharedOutEvenly(width: Int) {
    let count = 10 * width
    let owners = (0..<count).map { BranchPlace($0, of: count).worker(of: width) ?? -1 }
    #expect(owners == owners.sorted())
    #expect(Set(owners) == Set(0..<width))
    for worker in 0..<width { #expect((9...11).contains(owners.count { $0 == worker })) }
    #expect(BranchPlace(word: 0).worker(of: width) == nil)
    #expect(BranchPlace(word: .max).worker(of: width) == width - 1)
    #expect((0..<width).allSatisfy { BranchPlace($0, of: width).worker(of: width) == $0 })
  }
}

private struct Failure: Error {}

private final class StealLog: PassObserver {
  private let stolen: Locked<[Bool]>
  /// Besides node 0. Relaxed: a number that grows.
  private let count = Atomic<Int>(0)

  init(count: Int) { stolen = Locked(Array(repeating: false, count: count)) }

  var ended: Int { count.load(ordering: .relaxed) }
  func wasStolen(_ node: Int) -> Bool { stolen.withLock { $0[node] } }

  func becameReady(_ node: Int) {}
  func willRun(_ node: Int, stolen: Bool) { self.stolen.withLock { $0[node] = stolen } }
  func hasRun(_ node: Int) { if node > 0 { count.wrappingAdd(1, ordering: .relaxed) } }
}
