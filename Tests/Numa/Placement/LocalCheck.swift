import TributaryMemory
import TributaryParallel

/// A local buffer lies on the node of the thread that allocates, though another node's thread writes it first; and the
/// pool never hands one node's block to a thread of another.
enum LocalCheck {
  static func run(_: String) throws -> String {
    let nodes = Topology.current.nodes
    guard nodes.count > 1 else { return "one node" }
    var pages = 0
    // One tile, which `automatic` keeps local, and several.
    for (byteCount, placement) in [(2 << 20, Placement.automatic), (8 << 20, .local)] {
      for (place, node) in nodes.enumerated() {
        // What the thread of the node before has freed is in the pool now.
        let buffer = try pinned(to: node) {
          try TiledBuffer.allocate(byteCount: byteCount, placement: placement)
        }
        try pinned(to: nodes[(place + 1) % nodes.count]) { buffer.fill(1) }
        let (found, _) = try buffer.nodesOfPages()
        let astray = node.hasMemory ? found.filter { $0 != node.id }.count : 0
        try require(
          astray == 0, "for node \(node.id): \(tally(found, "pages"))")
        pages += found.count
      }
    }
    return "all of \(pages) pages on the node of who allocated"
  }
}
