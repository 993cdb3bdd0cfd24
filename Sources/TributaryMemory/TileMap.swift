import TributaryParallel

/// Which node each tile of a large buffer belongs to: a pure function of size and topology.
///
/// Tile t of T belongs to node ⌊t · nodes / T⌋ of the nodes that have cores which may be used: the
/// rule by which `parallelFor` offers tiles to workers. Nodes without cores hold no tiles, for no
/// worker would find them near. A node with cores and no memory has tiles too; their pages lie
/// where the system thinks nearest.
package struct TileMap: Sendable, Equatable {
  /// 2 MiB, a huge page: smaller tiles would share huge pages across nodes.
  package static let tileSize = 2 << 20

  /// How many tiles the buffer has; at least one. The last may be partly used.
  package let tileCount: Int
  /// The system's numbers of the nodes, ascending; gaps are allowed.
  package let nodes: [Int]

  package init(byteCount: Int, topology: Topology) {
    tileCount = TileMap.tileCount(byteCount: byteCount)
    nodes = topology.nodes.map(\.id)
  }

  package static func tileCount(byteCount: Int) -> Int {
    max(1, byteCount / tileSize + (byteCount % tileSize == 0 ? 0 : 1))
  }

  /// The node of a tile, `0 ..< tileCount`.
  package func node(ofTile tile: Int) -> Int { nodes[tile * nodes.count / tileCount] }

  /// The tiles of the node at a place in `nodes`; empty when there are fewer tiles than nodes.
  package func tiles(ofNodeAt place: Int) -> Range<Int> {
    Topology.tiles(ofNode: place, of: tileCount, nodes: nodes.count)
  }
}

extension TiledBuffer {
  /// 2 MiB.
  package static var tileSize: Int { TileMap.tileSize }
  package var tileCount: Int { TileMap.tileCount(byteCount: byteCount) }
  /// The tiles' nodes when the buffer is spread over `topology`.
  package func tileMap(_ topology: Topology = .current) -> TileMap {
    TileMap(byteCount: byteCount, topology: topology)
  }
}
