import CTributaryShims
import Glibc
import Synchronization
import TestTools
import TributaryParallel

/// A pinned worker runs on its node's cores, and takes tiles of other nodes only when its own are gone.
enum WorkerCheck {
  static func run(_: String) throws -> String {
    let topology = Topology.current
    guard topology.nodes.count > 1 else { return "one node" }
    let team = WorkerTeam(width: max(topology.coreCount, topology.nodes.count))
    let tiles = 64 * topology.nodes.count
    let log = ClaimLog(tiles: tiles)
    // All workers inside at once, so that each has had its first claim.
    let inside = Atomic<Int>(0)
    let everyone = team.width
    parallelFor(tiles: tiles, nanosecondsPerTile: 1e6, on: team) { range in
      for tile in range {
        if log.note(tile) { inside.add(1, ordering: .relaxed) }
        let end = nanosecondsNow() + 20_000_000_000
        while inside.load(ordering: .relaxed) < everyone, nanosecondsNow() < end { yieldThread() }
      }
    }
    try require(
      inside.load(ordering: .relaxed) == everyone, "not every worker came")
    var atHome = 0
    for (thread, claims) in log.byThread() {
      guard let pinnedTo = claims.first?.pinnedTo, pinnedTo >= 0 else { continue }
      let node = topology.nodes[pinnedTo]
      let own = topology.tiles(ofNode: pinnedTo, of: tiles)
      let outside = claims.first { !node.cores.contains($0.core) }
      try require(
        outside == nil, "thread \(thread) of node \(node.id) ran on core \(outside?.core ?? -1)")
      let isOwn = claims.map { own.contains($0.tile) }
      try require(
        isOwn.first == true && !isOwn.drop { $0 }.contains(true),
        "thread \(thread) of node \(node.id) left its own tiles and came back")
      atHome += isOwn.filter { $0 }.count
    }
    return "\(everyone) threads, \(atHome) of \(tiles) tiles by pinned workers of their nodes"
  }
}

/// Who ran which tile where, in what order.
private final class ClaimLog: @unchecked Sendable {
  struct Claim {
    var tile = 0
    var core = -1
    /// Index of the node that the thread is pinned to; -1: none.
    var pinnedTo = -1
    var time: UInt64 = 0
    var thread: UInt = 0
  }

  private let lock = SpinLock()
  /// Guarded by `lock`.
  private var claims: [Claim] = []

  init(tiles: Int) { claims.reserveCapacity(tiles) }

  /// True at a thread's first claim.
  func note(_ tile: Int) -> Bool {
    let claim = Claim(
      tile: tile, core: Int(tri_current_core()), pinnedTo: Int(tri_parallel().pointee.node) - 1,
      time: nanosecondsNow(), thread: UInt(pthread_self()))
    lock.lock()
    defer { lock.unlock() }
    let isFirst = !claims.contains { $0.thread == claim.thread }
    claims.append(claim)
    return isFirst
  }

  /// Called when all have left.
  func byThread() -> [UInt: [Claim]] {
    Dictionary(grouping: claims, by: \.thread).mapValues { $0.sorted { $0.time < $1.time } }
  }
}
