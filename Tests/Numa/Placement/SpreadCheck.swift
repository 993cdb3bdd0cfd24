import Glibc
import TributaryMemory

/// Every page of a spread buffer lies on its tile's node, whoever wrote it first; and again when the pool hands
/// the same memory out.
enum SpreadCheck {
  static func run(_: String) throws -> String {
    let expected = Expected()
    var pages = 0
    // Many tiles; tiles that the nodes do not divide, the last one not whole; fewer tiles than four nodes.
    for byteCount in [64 << 20, 13 * expected.tileSize - 4095, 3 * expected.tileSize] {
      for placement in [Placement.automatic, .spread] {
        let base: UnsafeMutableRawPointer
        do {
          let buffer = try TiledBuffer.allocate(byteCount: byteCount, placement: placement)
          try fillFromElsewhere(buffer, expected)
          base = buffer.base
          pages += try verify(buffer, expected, "fresh")
        }
        let misses = BufferPool.statistics.misses
        let buffer = try TiledBuffer.allocate(byteCount: byteCount, placement: placement)
        try require(
          buffer.base == base && BufferPool.statistics.misses == misses,
          "\(byteCount) bytes did not come back from the pool")
        pages += try verify(buffer, expected, "recycled")
        buffer.fill(2)
        pages += try verify(buffer, expected, "recycled and written")
      }
      BufferPool.trim()
    }
    return "all of \(pages) pages on the nodes of their tiles, fresh and recycled"
  }

  /// Writes each tile from the cores of the node after its own: nothing lies right by chance.
  private static func fillFromElsewhere(_ buffer: TiledBuffer, _ expected: Expected) throws {
    let nodes = expected.topology.nodes
    let tiles = (buffer.byteCount + expected.tileSize - 1) / expected.tileSize
    for tile in 0..<tiles {
      let place = tile * nodes.count / tiles
      let start = tile * expected.tileSize
      try pinned(to: nodes[(place + 1) % nodes.count]) {
        _ = memset(buffer.base + start, 1, min(expected.tileSize, buffer.byteCount - start))
      }
    }
  }

  private static func verify(
    _ buffer: TiledBuffer, _ expected: Expected, _ state: String
  ) throws -> Int {
    let (nodes, pageSize) = try buffer.nodesOfPages()
    guard expected.manyNodes else { return nodes.count }
    let tiles = (buffer.byteCount + expected.tileSize - 1) / expected.tileSize
    let astray = nodes.enumerated().filter { page, node in
      let due = expected.node(ofTile: page * pageSize / expected.tileSize, of: tiles)
      return due != nil && due != node
    }.count
    try require(
      astray == 0,
      "\(state): \(astray) of \(nodes.count) pages astray; \(tally(nodes, "pages"))")
    return nodes.count
  }
}
