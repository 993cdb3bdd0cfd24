import Testing
import TributaryParallel

/// Replays of made-up passes whose times are known.
@Suite struct PassReplayTests {
  private func time(
    _ pass: RecordedPass, _ width: Int, costs: ReplayCosts = ReplayCosts(), nodes: Int = 1
  ) throws -> Double {
    #expect(pass.flaw == nil)
    return try PassReplay(pass, costs: costs, width: width, topology: .made(width, nodes: nodes))
      .run()
      .nanoseconds
  }

  @Test func aChainGainsNothing() throws {
    let pass = RecordedPass(times: [100, 200, 300], edges: [(0, 1), (1, 2)])
    for width in [1, 2, 8] { #expect(try time(pass, width) == 600) }
  }

  @Test func independentNodesAreShared() throws {
    // Behind a first node, so that the caller does not begin them all.
    let pass = RecordedPass(
      times: [0] + [Int](repeating: 100, count: 12), edges: (1...12).map { (0, $0) })
    for (width, expected) in [(1, 1200), (2, 600), (3, 400), (4, 300), (5, 300), (12, 100)] {
      #expect(try time(pass, width) == Double(expected))
    }
  }

  @Test func forkAndJoin() throws {
    let pass = RecordedPass(
      times: [50, 100, 200, 30], edges: [(0, 1), (0, 2), (1, 3), (2, 3)])
    #expect(try time(pass, 1) == 380)
    #expect(try time(pass, 2) == 280)
  }

  /// Priorities are the longest remaining paths: the long node behind 1 is begun first.
  @Test func theLongestPathGoesFirst() throws {
    let pass = RecordedPass(
      times: [0, 10, 10, 10, 10, 100], edges: [(0, 1), (0, 2), (0, 3), (0, 4), (4, 5)])
    #expect(try time(pass, 2) == 110)
  }

  /// A contribution counts when all before it are there: the receiver waits for the slow first one.
  @Test func foldsKeepTheirOrder() throws {
    let pass = RecordedPass(
      times: [0, 500, 10, 10, 40], edges: [(0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (3, 4)])
    #expect(pass.ports.slots.last == 3)
    #expect(try time(pass, 4) == 540)
    #expect(try time(pass, 1) == 560)
  }

  /// One worker at a time adds; who comes meanwhile leaves its contribution to that one and goes on.
  @Test func foldsTakeTheirTime() throws {
    var pass = RecordedPass(
      times: [0, 100, 100, 100, 0, 90],
      edges: [(0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (3, 4), (2, 5)])
    // By edge as the nodes have them: 2's second leads to 5.
    pass.edges.folding = [0, 0, 0, 40, 40, 0, 40]
    #expect(pass.flaw == nil)
    // Three make 60 each; one then adds 40 three times, beside another's 90.
    #expect(try time(pass, 3) == 180)
    #expect(try time(pass, 1) == 390)
    #expect(PassBounds(pass).criticalPath == 150)
    pass.edges.folding[3] = 101
    #expect(pass.flaw != nil)
  }

  /// A contribution that another core has made comes from there.
  @Test func foldedContributionsMove() throws {
    var pass = RecordedPass(
      times: [0, 100, 100, 0], edges: [(0, 1), (0, 2), (1, 3), (2, 3)])
    pass.nodes.bytesIn[3] = 1_000
    var costs = ReplayCosts()
    (costs.memory.transfer, costs.memory.ownCacheBytes) = (0.01, 1 << 20)
    #expect(try time(pass, 2, costs: costs) == 110)
    #expect(try time(pass, 1, costs: costs) == 200)
  }

  @Test(arguments: [16, 17, 40, 1_000]) func everyWideFanInEnds(count: Int) throws {
    let edges = (1...count).flatMap { [(0, $0), ($0, count + 1)] }
    let times = [10] + (0..<count).map { 100 + $0 * 37 % 100 } + [5]
    let pass = RecordedPass(times: times, edges: edges)
    let bounds = PassBounds(pass)
    for width in [1, 2, 7, 64] {
      let found = try time(pass, width)
      #expect(found >= bounds.least(width))
      #expect(found <= bounds.work)
    }
  }

  @Test func aLoopIsShared() throws {
    // 100 ns before the loop and after it, and 48 tiles of 200: claims of 6 on two workers, of 4 on three.
    let pass = RecordedPass(
      times: [9_800, 0], edges: [(0, 1)], loops: [(node: 0, tiles: 48, start: 100, time: 9_600)])
    #expect(try time(pass, 1) == 9_800)
    #expect(try time(pass, 2) == 5_000)
    #expect(try time(pass, 3) == 3_400)
    #expect(PassBounds(pass).criticalPath == 400)
  }

  @Test func aSmallLoopStaysWithItsCaller() throws {
    let pass = RecordedPass(
      times: [1_000, 0], edges: [(0, 1)], loops: [(node: 0, tiles: 10, start: 0, time: 1_000)])
    #expect(try time(pass, 4) == 1_000)
    #expect(PassBounds(pass).criticalPath == 1_000)
  }

  /// Where the caller runs the nodes, loops are shared all the same.
  @Test func aPassOfTheCallers() throws {
    var pass = RecordedPass(
      times: [19_200, 19_200], edges: [(0, 1)],
      loops: [(node: 0, tiles: 96, start: 0, time: 19_200), (1, 96, 0, 19_200)])
    pass.wantsTeam = false
    #expect(try time(pass, 2) == 19_200)
    #expect(try time(pass, 1) == 38_400)
  }

  @Test func widthOneIsTheSumAndNothingBeatsTheBounds() throws {
    for seed in 0..<20 as Range<UInt64> {
      let pass = RecordedPass.random(seed: seed)
      let bounds = PassBounds(pass)
      #expect(try time(pass, 1) == bounds.work)
      for (width, nodes) in [(2, 1), (3, 1), (4, 2), (16, 2), (64, 4)] {
        let free = try time(pass, width, nodes: nodes)
        // Rounding of tiles.
        #expect(free >= bounds.least(width) - 1)
        #expect(free <= bounds.work + 1)
        var costs = ReplayCosts()
        (costs.team.word, costs.team.handOver, costs.team.node) = (80, 300, 10)
        #expect(try time(pass, width, costs: costs, nodes: nodes) >= bounds.least(width) - 1)
      }
    }
  }

  /// What clocks took is taken away from sums, and no node is left less than it sums.
  @Test func sumsAgreeWithoutTheClock() throws {
    for seed in 0..<10 as Range<UInt64> {
      let timed = RecordedPass.random(seed: seed)
      let pass = timed.withoutClock(40)
      #expect(pass.flaw == nil)
      #expect(pass.edges.folding.contains { $0 > 0 })
      #expect(pass.edges.folding == timed.edges.folding.map { max(0, $0 - 40) })
      #expect(try time(pass, 1) == PassBounds(pass).work)
    }
  }

  /// So much less in all as was asked for, where the nodes have it, and of none more than it has beside loops and sums.
  @Test func whatATraceAddedIsTakenOff() throws {
    for seed in 0..<10 as Range<UInt64> {
      let pass = RecordedPass.random(seed: seed)
      let all = pass.nodes.time.reduce(0, +)
      for part in [0.05, 0.3, -0.2] {
        let less = pass.less(part * Double(all))
        #expect(less.flaw == nil)
        let taken = all - less.nodes.time.reduce(0, +)
        #expect(abs(Double(taken) - part * Double(all)) <= Double(pass.count))
      }
      let least = pass.less(2 * Double(all))
      #expect(least.flaw == nil)
      #expect(least.less(1_000).nodes.time == least.nodes.time)
    }
  }

  @Test func aReplayIsTheSameEachTime() throws {
    let pass = RecordedPass.random(seed: 5)
    var costs = ReplayCosts()
    (costs.team.word, costs.team.handOver, costs.memory.transfer) = (80, 300, 0.1)
    costs.memory.sharedCacheBytes = 1 << 19
    func once() throws -> PassReplay.Outcome {
      try PassReplay(pass, costs: costs, width: 6, topology: .made(6, nodes: 2)).run()
    }
    let first = try once()
    #expect(try (0..<5).allSatisfy { _ in try once() == first })
    #expect(first.tally.moved > 0)
    #expect(first.tally.scheduling > 0)
  }

  /// Two nodes that alone take all that memory gives take twice as long beside each other.
  @Test func bandwidthIsShared() throws {
    var pass = RecordedPass(times: [0, 1_000, 1_000, 0], edges: [(0, 1), (0, 2), (1, 3), (2, 3)])
    pass.nodes.bytesSaved = [0, 10_000, 10_000, 0]
    var costs = ReplayCosts()
    #expect(try time(pass, 2, costs: costs) == 1_000)
    costs.memory.main = ReplayCosts.Bandwidth(together: [10, 10])
    #expect(try abs(time(pass, 2, costs: costs) - 2_000) < 1e-6)
    costs.memory.main.together = [10, 15]
    #expect(try abs(time(pass, 2, costs: costs) - 20_000 / 15) < 1e-6)
    // One node each of two has both memories.
    costs.memory.main.together = [10, 10]
    costs.memory.remoteFactor = 1
    #expect(try abs(time(pass, 2, costs: costs, nodes: 2) - 1_000) < 1e-6)
  }

  /// One that needs little keeps what it needs; the others share the rest.
  @Test func bandwidthIsSharedFairly() throws {
    var pass = RecordedPass(
      times: [0, 1_000, 1_000, 0], edges: [(0, 1), (0, 2), (1, 3), (2, 3)])
    pass.nodes.bytesSaved = [0, 2_000, 10_000, 0]
    var costs = ReplayCosts()
    costs.memory.main = ReplayCosts.Bandwidth(together: [10, 10])
    // The light one takes 1,000; the heavy one then has done 800 of 1,000, and goes on alone.
    #expect(try abs(time(pass, 2, costs: costs) - 1_200) < 1e-6)
  }

  @Test func busyCoresSlowEachOther() throws {
    let pass = RecordedPass(times: [0, 1_000, 1_000, 0], edges: [(0, 1), (0, 2), (1, 3), (2, 3)])
    var costs = ReplayCosts()
    costs.busy = [1, 1.25]
    #expect(try abs(time(pass, 2, costs: costs) - 1_250) < 1e-6)
    #expect(try time(pass, 1, costs: costs) == 2_000)
  }

  @Test func wakingTakesItsTime() throws {
    let pass = RecordedPass(times: [0, 1_000, 1_000, 0], edges: [(0, 1), (0, 2), (1, 3), (2, 3)])
    var costs = ReplayCosts()
    (costs.team.handOver, costs.team.summons) = (70, 700)
    func run(searching: Bool) throws -> Double {
      try PassReplay(pass, costs: costs, width: 2, searching: searching).run().nanoseconds
    }
    // The last node runs on whichever brings the last contribution.
    #expect(try run(searching: true) == 1_070)
    #expect(try run(searching: false) == 1_700)
  }

  /// With two NUMA nodes a branch whose saved tensors lie on one is run by workers of that one.
  @Test func branchesStayWhereTheirMemoryIs() throws {
    var pass = RecordedPass.branches(8, of: 6, time: 50_000)
    pass.nodes.cost = pass.nodes.time.map(Float.init)
    pass.nodes.bytesSaved = pass.nodes.time.map { $0 == 0 ? 0 : 1 << 20 }
    var costs = ReplayCosts()
    costs.memory.main.together = [10]
    costs.memory.remoteFactor = 1.5
    let replay = PassReplay(pass, costs: costs, width: 4, topology: .made(4, nodes: 2))
    #expect(try replay.run().tally.moved < 0.1 * PassBounds(pass).work)
    // Nobody knows where anything lies: half of it is far.
    pass.nodes.cost = pass.nodes.cost.map { _ in 0 }
    let blind = PassReplay(pass, costs: costs, width: 4, topology: .made(4, nodes: 2))
    #expect(try blind.run().tally.moved > 0.1 * PassBounds(pass).work)
  }

  /// One disturbed node does not decide.
  @Test func theTypicalPass() throws {
    let edges = [(0, 1), (0, 2)]
    let passes = [[9, 10, 10], [5, 500, 11], [5, 12, 300]].map {
      RecordedPass(times: $0, edges: edges, loops: [(1, 2, 1, $0[1] - 2)])
    }
    let typical = try #require(RecordedPass.typical(of: passes))
    #expect(typical.nodes.time == [5, 12, 11])
    #expect(typical.loops.time == [10])
    #expect(typical.flaw == nil)
    #expect(
      RecordedPass.typical(of: passes + [RecordedPass(times: [1, 1, 1], edges: [(0, 1)])]) == nil)
    #expect(RecordedPass.typical(of: []) == nil)
  }

  /// A seed comes before all contributions; behind one it would be counted with it, and the replay would never end.
  @Test func seedsComeFirst() throws {
    var pass = RecordedPass(times: [1, 2, 3], edges: [(0, 2), (1, 2)])
    pass.ports.slots[2] = 3
    #expect(pass.flaw != nil)
    #expect(throws: PassReplay.Unfinished.self) {
      try PassReplay(pass, costs: ReplayCosts(), width: 2).run()
    }
    pass.edges.slot = [1, 2]
    #expect(pass.flaw == nil)
    #expect(try time(pass, 2) == 5)
    pass.edges.slot = [0, 2]
    #expect(pass.flaw != nil)
  }

  @Test func flawsAreFound() throws {
    let good = RecordedPass(times: [1, 2], edges: [(0, 1)], loops: [(1, 4, 0, 2)])
    #expect(good.flaw == nil)
    var bad = [good, good, good, good, good, good]
    bad[0].nodes.time = [1]
    bad[1].edges.receiver = [0]
    bad[2].edges.slot = [9]
    bad[3].loops.time = [9]
    bad[4].nodes.firstPort = [0, 1, 7]
    bad[5].nodes.time = [1, -2]
    for pass in bad { #expect(pass.flaw != nil) }
    #expect(RecordedPass().flaw != nil)
    // Too many tiles, each of which may be a claim; each loop by itself, and all together.
    for tiles in [[1 << 40], [1 << 22, 1 << 22]] {
      let pass = RecordedPass(
        times: [2_000_000_000], edges: [], loops: tiles.map { (0, $0, 0, 1_000_000_000) })
      #expect(pass.flaw != nil)
    }
    #expect(
      RecordedPass(times: [2_000_000_000], edges: [], loops: [(0, 1 << 20, 0, 1_000_000_000)]).flaw
        == nil)
    for time in [\RecordedPass.discovery, \.decision, \.run, \.commit] {
      for wrong in [-1, .max] {
        var pass = good
        pass[keyPath: time] = wrong
        #expect(pass.flaw != nil)
      }
    }
    for size in [\RecordedPass.nodes.bytesSaved, \.nodes.bytesIn, \.nodes.bytesOut] {
      var pass = RecordedPass(times: [Int](repeating: 1, count: 1_025), edges: [])
      pass[keyPath: size] = [Int](repeating: 1 << 53, count: 1_025)
      #expect(pass.flaw != nil)
    }
    var costs = ReplayCosts()
    #expect(costs.flaw == nil)
    costs.team.word = -1
    #expect(costs.flaw != nil)
  }
}
