import CTributaryNuma
import Glibc
import Synchronization
import TributaryParallel

/// Where the tiles of a fresh block are to lie: a `Placement` with all choices made.
package enum TilePlacement: Sendable, Hashable {
  case anywhere
  case spread
  case interleaved
  case node(Int)

  /// On one node everything is `anywhere`, and no call is made.
  package init(
    _ placement: Placement, byteCount: Int, topology: Topology, core: () -> Int
  ) {
    guard topology.nodes.count > 1, byteCount > SizeClass.mediumLimit else {
      self = .anywhere
      return
    }
    switch placement {
    case .spread: self = .spread
    case .interleaved: self = .interleaved
    case .automatic where byteCount > TileMap.tileSize: self = .spread
    case .automatic, .local:
      let here = core()
      self = topology.nodes.first { $0.cores.contains(here) }.map { .node($0.id) } ?? .anywhere
    }
  }

  /// What tells free blocks of one placement from those of another.
  var key: Int16 {
    switch self {
    case .anywhere: 0
    case .spread: 1
    case .interleaved: 2
    case .node(let id): Int16(clamping: 3 + id)
    }
  }

  /// Places the pages of a block not yet touched.
  ///
  /// By `mbind` with a preferred node, which spills over when the node is full (a strict binding
  /// would have the process killed). Where containers forbid it, by first touch: this thread goes
  /// to the node's cores, writes to each page, and comes back. (Handing the touch to a worker of
  /// the node was rejected: an allocation would then wait for a thread that may be busy for long.)
  package func place(_ base: UnsafeMutableRawPointer, tiles: Int, topology: Topology) {
    let map = TileMap(byteCount: tiles * TileMap.tileSize, topology: topology)
    switch self {
    case .anywhere: return
    case .node(let id):
      guard let node = topology.nodes.first(where: { $0.id == id }) else { return }
      place(base, 0..<tiles, on: node)
    case .spread:
      for (place, node) in topology.nodes.enumerated() {
        self.place(base, map.tiles(ofNodeAt: place), on: node)
      }
    case .interleaved:
      let nodes = topology.nodes.filter(\.hasMemory)
      let policy = MemoryPolicy.interleaved(nodes.map(\.id))
      if MemoryPolicy.apply(policy, to: base, byteCount: tiles * TileMap.tileSize) { return }
      // Without mbind, tile by tile round the nodes: coarser, and as even.
      for (place, node) in nodes.enumerated() {
        let own = stride(from: place, to: tiles, by: nodes.count)
        FirstTouch.touch(
          on: node, own.lazy.map { (base + $0 * TileMap.tileSize, TileMap.tileSize) })
      }
    }
  }

  private func place(_ base: UnsafeMutableRawPointer, _ tiles: Range<Int>, on node: Topology.Node) {
    guard !tiles.isEmpty, node.hasMemory else { return }
    let start = base + tiles.lowerBound * TileMap.tileSize
    let byteCount = tiles.count * TileMap.tileSize
    if MemoryPolicy.apply(.preferred(node.id), to: start, byteCount: byteCount) { return }
    FirstTouch.touch(on: node, CollectionOfOne((start, byteCount)))
  }
}
