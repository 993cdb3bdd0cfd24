import CTributaryShims
import Synchronization
import TestTools
import Testing
import TributaryParallel
import TributarySplitMix

@Suite struct ParallelForTests {
  @Test(arguments: widths)
  func eachTileRunsOnce(width: Int) {
    let team = WorkerTeam(width: width)
    for tiles in [0, 1, 2, 3, 7, 64, 1_000] {
      for cost in [0.0, 10, 3_000, 1e9] {
        let counts = TileCounts(tiles)
        parallelFor(tiles: tiles, nanosecondsPerTile: cost, on: team) { counts.add($0) }
        #expect(counts.allOnce)
      }
    }
  }

  @Test(arguments: [2, 3, 5])
  func nodesShareTheTiles(nodes: Int) {
    let topology = Topology(
      nodes: (0..<nodes).map { Topology.Node(id: 3 * $0, cores: [2 * $0, 2 * $0 + 1]) })
    let team = WorkerTeam(width: 4, topology: topology)
    for tiles in [2, 3, 10, 999] {
      for _ in 0..<50 {
        let counts = TileCounts(tiles)
        parallelFor(tiles: tiles, nanosecondsPerTile: 20_000, on: team) { counts.add($0) }
        #expect(counts.allOnce)
      }
    }
  }

  /// Cores that do not exist: pinning is refused, as in some containers.
  @Test func whoCannotBePinnedIsOnNoNode() {
    let topology = Topology(
      nodes: [.init(id: 0, cores: [1 << 16]), .init(id: 1, cores: [(1 << 16) + 1])])
    let team = WorkerTeam(width: 4, topology: topology)
    let claimed = Atomic<Int>(0)
    for _ in 0..<50 {
      let counts = TileCounts(40)
      parallelFor(tiles: 40, nanosecondsPerTile: 20_000, on: team) { range in
        spin(microseconds: 20)
        if tri_parallel().pointee.node != 0 { claimed.add(1, ordering: .relaxed) }
        counts.add(range)
      }
      #expect(counts.allOnce)
    }
    #expect(claimed.load(ordering: .relaxed) == 0)
  }

  @Test(arguments: widths)
  func theErrorIsThatOfTheLowestTile(width: Int) {
    let team = WorkerTeam(width: width)
    for seed in 0..<50 as Range<UInt64> {
      var random = SplitMix(seed: seed)
      let failing = Set((0..<3).map { _ in Int.random(in: 0..<200, using: &random) })
      #expect(throws: NodeError(node: failing.min() ?? 0)) {
        try WorkerTeam.withTeam(team) { () throws(NodeError) in
          try parallelForThrowing(tiles: 200, nanosecondsPerTile: 1_000) {
            (range: Range<Int>) throws(NodeError) in
            for tile in range {
              disturb(tile)
              if failing.contains(tile) { throw NodeError(node: tile) }
            }
          }
        }
      }
    }
  }

  @Test(arguments: [1, 2, 4])
  func bodiesRunInStandardFloatingPoint(width: Int) {
    let team = WorkerTeam(width: width)
    let found = tri_fp_get()
    #if arch(x86_64)
      // Flush to zero, denormals are zero, round towards zero.
      let odd = tri_fp_standard() | 0x8040 | 0x6000
    #else
      let odd: UInt64 = 1 << 24
    #endif
    tri_fp_set(odd)
    let wrong = Atomic<Int>(0)
    for cost in [1.0, 10_000] {
      parallelFor(tiles: 16, nanosecondsPerTile: cost, on: team) { _ in
        if !tri_fp_is_standard(tri_fp_get()) { wrong.add(1, ordering: .relaxed) }
      }
    }
    _ = concurrentRun(count: 16, on: team) { index in
      disturb(index)
      if !tri_fp_is_standard(tri_fp_get()) { wrong.add(1, ordering: .relaxed) }
    }
    let after = tri_fp_get()
    tri_fp_set(found)
    #expect(wrong.load(ordering: .relaxed) == 0)
    #expect(after == odd)
  }

  @Test func manyClientsAtOnce() async {
    let team = WorkerTeam(width: 4)
    await withTaskGroup(of: Bool.self) { group in
      for client in 0..<12 {
        group.addTask {
          var good = true
          for round in 0..<200 {
            let tiles = 2 + (client + round) % 30
            let counts = TileCounts(tiles)
            parallelFor(tiles: tiles, nanosecondsPerTile: 5_000, on: team) { counts.add($0) }
            good = good && counts.allOnce
          }
          return good
        }
      }
      for await good in group { #expect(good) }
    }
  }

  @Test(arguments: [Double.nan, -1, 0, .infinity])
  func anyEstimateRunsEachTileOnce(nanoseconds: Double) {
    let counts = TileCounts(40)
    parallelFor(tiles: 40, nanosecondsPerTile: nanoseconds, on: WorkerTeam(width: 3)) {
      counts.add($0)
    }
    #expect(counts.allOnce)
  }
}

/// How often each tile ran.
final class TileCounts: Sendable {
  private let tiles: Int
  // SAFETY: made once, freed with the object.
  private nonisolated(unsafe) let counts: UnsafeMutablePointer<Atomic<Int>>

  init(_ tiles: Int) {
    self.tiles = tiles
    counts = .allocate(capacity: max(1, tiles))
    for tile in 0..<tiles { (counts + tile).initialize(to: Atomic(0)) }
  }

  deinit { counts.deallocate() }

  func add(_ range: Range<Int>) {
    for tile in range { counts[tile].add(1, ordering: .relaxed) }
  }

  var allOnce: Bool { (0..<tiles).allSatisfy { counts[$0].load(ordering: .relaxed) == 1 } }
}
