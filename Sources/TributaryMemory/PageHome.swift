import CTributaryNuma
import Glibc
import Synchronization
import TributaryParallel

/// On which NUMA node a small buffer lies: a question of a microsecond, asked where somebody will read the buffer who
/// could be near it.
package enum PageHome {
  /// Relaxed: a hint that saves a system call; whoever misses it makes the call and is refused.
  private static let refused = Atomic<Bool>(false)

  /// The place in `topology.nodes` of the node that holds the middle of the buffer; nil where the buffer has several
  /// tiles, which lie on all nodes, where its memory was never written, or where the system does not tell.
  package static func place(of buffer: TiledBuffer, in topology: Topology) -> Int? {
    guard topology.nodes.count > 1, buffer.byteCount <= TileMap.tileSize,
      !refused.load(ordering: .relaxed)
    else { return nil }
    var address: UnsafeMutableRawPointer? = buffer.base + buffer.byteCount / 2
    var status: Int32 = -1
    // SAFETY: no target node is given, so nothing moves: the call only writes `status`.
    guard move_pages(0, 1, &address, nil, &status, 0) == 0 else {
      if errno == EPERM || errno == ENOSYS || errno == EACCES {
        refused.store(true, ordering: .relaxed)
      }
      return nil
    }
    return topology.nodes.firstIndex { $0.id == Int(status) }
  }
}
