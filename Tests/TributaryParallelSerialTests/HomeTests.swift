import CTributaryShims
import TestTools
import Testing
import TributaryParallel

/// Two NUMA nodes made of the machine's cores; nil with one core.
private let twoNodes: Topology? = {
  let cores = AffinityMask.ofProcess?.cores ?? []
  guard let first = cores.first, let last = cores.last, first != last else { return nil }
  return Topology(nodes: [.init(id: 0, cores: [first]), .init(id: 5, cores: [last])])
}()

/// Nodes of a pass go to the workers near what they read.
@Suite(.serialized, .enabled(if: twoNodes != nil, "needs two cores"))
struct HomeTests {
  private struct Run {
    var home = -1
    var start: UInt64 = 0
  }

  /// Runs `count` nodes that are all ready at once, node i at home in `homes[i % homes.count]`, on one thread a NUMA
  /// node; returns by node who ran it and when.
  private func run(count: Int, homes: [Int], _ topology: Topology) throws -> [Run] {
    let team = WorkerTeam(width: 2, topology: topology)
    let runs = UnsafeMutablePointer<Run>.allocate(capacity: count)
    runs.initialize(repeating: Run(), count: count)
    defer { runs.deallocate() }
    // SAFETY: each element is written by the one thread that runs the node, and read when the pass is over.
    nonisolated(unsafe) let places = runs
    var options = PassOptions()
    options.home = { homes[$0 % homes.count] }
    let tracker = PeakTracker()
    options.tracker = tracker
    // The client is on the node of its core, so it is held there.
    let mask = try #require(AffinityMask.ofThread())
    #expect(AffinityMask(cores: topology.nodes[0].cores).apply())
    defer { _ = mask.apply() }
    let begun = nanosecondsNow()
    let outcome = DependencyScheduler.run(
      count: count, dependencies: nil, priorities: nil, on: team, options: options
    ) { node, context in
      places[node] = Run(home: context.worker == 0 ? 0 : 1, start: nanosecondsNow())
      // Until both have come, so that neither takes all.
      while tracker.peak < 2, nanosecondsNow() - begun < 20_000_000_000 { yieldThread() }
      spin(microseconds: 100)
    }
    guard case .completed = outcome else {
      Issue.record("\(outcome)")
      return []
    }
    #expect(tracker.peak == 2)
    return (0..<count).map { runs[$0] }
  }

  @Test func nodesAreTakenByThoseNearFirst() throws {
    let topology = try #require(twoNodes)
    let homes = [0, 1]
    let runs = try run(count: 200, homes: homes, topology)
    for thread in 0..<2 {
      let mine = runs.indices.filter { runs[$0].home == thread }
        .sorted { runs[$0].start < runs[$1].start }
      #expect(!mine.isEmpty)
      // Once what lies near is gone it does not come back: all were ready from the beginning.
      let isNear = mine.map { homes[$0 % 2] == thread }
      #expect(!isNear.drop { $0 }.contains(true), "thread \(thread): \(mine)")
    }
    #expect(runs.allSatisfy { $0.home >= 0 })
  }

  /// A preference only: with all of the work near one of the two, the other takes its part.
  @Test func whoIsIdleTakesWhatLiesElsewhere() throws {
    let topology = try #require(twoNodes)
    for home in 0..<2 {
      let runs = try run(count: 200, homes: [home], topology)
      for thread in 0..<2 { #expect(runs.contains { $0.home == thread }) }
    }
  }

  /// Of no known home: as if there were one NUMA node.
  @Test func unknownHomesAreAnybodys() throws {
    let topology = try #require(twoNodes)
    let runs = try run(count: 100, homes: [-1], topology)
    #expect(runs.allSatisfy { $0.home >= 0 })
  }

  /// Nobody lives on a third NUMA node: what lies there is as anybody's, and not left for last.
  @Test func nodesWithoutWorkersGetNone() throws {
    let two = try #require(twoNodes)
    let (first, last) = (two.nodes[0], two.nodes[1])
    let topology = Topology(nodes: [
      first, .init(id: 3, cores: [first.cores[0] + 4_000]), .init(id: 5, cores: last.cores),
    ])
    let team = WorkerTeam(width: 2, topology: topology)
    var options = PassOptions()
    options.home = { $0 % 3 }
    // Priorities grow with the number: without a queue of its own what lies on the middle node is run by its turn.
    let priorities: [Float] = (0..<60).map(Float.init)
    let order = Order(count: 60)
    let mask = try #require(AffinityMask.ofThread())
    #expect(AffinityMask(cores: first.cores).apply())
    defer { _ = mask.apply() }
    let outcome = DependencyScheduler.run(
      count: 60, dependencies: nil, priorities: priorities, on: team, options: options
    ) { node, _ in order.note(node) }
    guard case .completed = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(order.all.sorted() == Array(0..<60))
    // Sent to a queue that nobody looks at first, they would come when the client's own are gone.
    let kept = order.all.filter { $0 % 3 != 2 }
    let before = kept.prefix { $0 % 3 == 0 }
    #expect(before.count < 10, "\(kept)")
  }

  /// However a pass ends, the queues of the NUMA nodes are empty for the next.
  @Test func queuesAreEmptyAfterEveryEnd() throws {
    struct Fault: Error {}
    let topology = try #require(twoNodes)
    let team = WorkerTeam(width: 2, topology: topology)
    let frees = UnsafeMutablePointer<Bool>.allocate(capacity: 100)
    frees.initialize(repeating: true, count: 100)
    defer { frees.deallocate() }
    for round in 0..<60 {
      var options = PassOptions()
      options.home = { $0 % 2 }
      let flag = CancellationFlag()
      options.cancellation = flag
      if round % 4 == 2 { options.thrift = Thrift(frees: frees) { true } }
      let order = Order(count: 100)
      let outcome = DependencyScheduler.run(
        count: 100, dependencies: nil, priorities: nil, on: team, options: options
      ) { node, _ in
        order.note(node)
        if node == 40 {
          if round % 4 == 0 { flag.cancel() }
          if round % 4 == 1 { throw Fault() }
        }
      }
      switch (round % 4, outcome) {
      case (0, .cancelled), (1, .failed(position: 40, error: _)): break
      case (2, .completed), (3, .completed): #expect(order.all.sorted() == Array(0..<100))
      // Raised by the last of all.
      case (0, .completed): break
      default: Issue.record("round \(round): \(outcome)")
      }
    }
  }
}

/// The order in which nodes ran.
private final class Order: @unchecked Sendable {
  private let lock = SpinLock()
  /// Guarded by `lock`.
  private var nodes: [Int] = []

  init(count: Int) { nodes.reserveCapacity(count) }

  func note(_ node: Int) {
    lock.lock()
    nodes.append(node)
    lock.unlock()
  }

  /// Called when all have run.
  var all: [Int] { nodes }
}
