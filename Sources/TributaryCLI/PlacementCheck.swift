import ArgumentParser
import Foundation
import Tributary
import TributaryMemory
import TributaryParallel

/// Fills a large tensor, and reads back on which nodes its pages lie.
enum PlacementCheck {
  private static let byteCount = 64 << 20

  static func run(_ topology: Topology) throws {
    let tensor = try Tensor.zeros([byteCount / DType.float32.itemSize])
    let buffer = tensor.buffer
    let tiles = buffer.tileMap(topology)
    guard let pages = buffer.pageMap else {
      throw TensorError(
        .invalidArgument, operation: "topology",
        "the system does not tell where pages lie: it refuses move_pages, and /proc/self/numa_maps "
          + "cannot be read")
    }
    print(
      "\n\(TopologyReport.bytes(byteCount)) in \(tiles.tileCount) tiles; "
        + "pages of \(pages.pageSize >> 10) KiB")
    line("node", "tiles", "pages due", "pages there")
    let due = dueCounts(buffer, tiles, pages)
    for node in Set(tiles.nodes).union(pages.pages.keys).sorted() {
      let place = tiles.nodes.firstIndex(of: node)
      line(
        "\(node)", "\(place.map { tiles.tiles(ofNodeAt: $0).count } ?? 0)", "\(due[node] ?? 0)",
        "\(pages.pages[node] ?? 0)")
    }
    if let absent = pages.absent, absent > 0 { line("none", "", "0", "\(absent)") }
    try judge(buffer, tiles, pages)
  }

  private static func line(_ cells: String...) {
    print(cells.map { $0.padding(toLength: 14, withPad: " ", startingAt: 0) }.joined())
  }

  private static func dueCounts(
    _ buffer: TiledBuffer, _ tiles: TileMap, _ pages: PageMap
  ) -> [Int: Int] {
    var due: [Int: Int] = [:]
    let count = (buffer.byteCount + pages.pageSize - 1) / pages.pageSize
    for page in 0..<count {
      due[tiles.node(ofTile: page * pages.pageSize / TileMap.tileSize), default: 0] += 1
    }
    return due
  }

  private static func judge(_ buffer: TiledBuffer, _ tiles: TileMap, _ pages: PageMap) throws {
    guard !pages.nodeOfPage.isEmpty else {
      print("only sums are known, for whole mappings; neighbours are counted with the tensor")
      return
    }
    let astray = pages.nodeOfPage.enumerated().filter { page, node in
      node != tiles.node(ofTile: min(page * pages.pageSize / TileMap.tileSize, tiles.tileCount - 1))
    }.count
    guard astray == 0 else {
      throw TensorError(
        .invalidArgument, operation: "topology",
        "\(astray) of \(pages.nodeOfPage.count) pages do not lie on the node of their tile")
    }
    print("all \(pages.nodeOfPage.count) pages lie on the node of their tile")
  }
}
