import CTributaryShims
import TestTools
import Testing
import TributaryParallel

/// Two NUMA nodes made of the machine's cores: nodes of a pass go to the workers near what they read.
@Suite(.serialized) struct HomeTests {
  private struct Run {
    var home = -1
    var start: UInt64 = 0
  }

  private static var topology: Topology? {
    let cores = AffinityMask.ofProcess?.cores ?? []
    guard let first = cores.first, let last = cores.last, first != last else { return nil }
    return Topology(nodes: [.init(id: 0, cores: [first]), .init(id: 5, cores: [last])])
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
    guard let topology = Self.topology else { return }
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
    guard let topology = Self.topology else { return }
    for home in 0..<2 {
      let runs = try run(count: 200, homes: [home], topology)
      for thread in 0..<2 { #expect(runs.contains { $0.home == thread }) }
    }
  }

  /// Of no known home: as if there were one NUMA node.
  @Test func unknownHomesAreAnybodys() throws {
    guard let topology = Self.topology else { return }
    let runs = try run(count: 100, homes: [-1], topology)
    #expect(runs.allSatisfy { $0.home >= 0 })
  }
}
