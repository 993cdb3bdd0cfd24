import ArgumentParser
import Foundation
import Tributary
import TributaryMemory
import TributaryParallel

/// Fills a large tensor, and reads back on which nodes its pages lie; then another, in memory that the
/// pool hands out again.
struct PlacementCheck {
  private static let byteCount = 64 << 20

  private let topology: Topology
  /// The nodes on which memory may be placed. Tiles of the others have pages wherever the system puts them.
  private let holders: Set<Int>

  static func run(_ topology: Topology) throws {
    try PlacementCheck(topology).run()
  }

  private init(_ topology: Topology) {
    self.topology = topology
    holders = Set(topology.nodes.filter(\.hasMemory).map(\.id))
  }

  private func run() throws {
    let elements = Self.byteCount / DType.float32.itemSize
    let base: UnsafeMutableRawPointer
    do {
      let tensor = try Tensor.zeros([elements])
      base = tensor.buffer.base
      try verify(tensor.buffer, showing: true)
    }
    let tensor = try Tensor.ones([elements])
    guard tensor.buffer.base == base else {
      print(
        "the pool did not keep the tensor's memory: it keeps up to "
          + TopologyReport.bytes(BufferPool.cacheBound))
      return
    }
    print("again, in the same memory, from the pool:")
    try verify(tensor.buffer, showing: false)
  }

  private func verify(_ buffer: TiledBuffer, showing: Bool) throws {
    guard let pages = buffer.pageMap else {
      throw TensorError(
        .invalidArgument, operation: "topology",
        "the system does not tell where pages lie: it refuses move_pages, and /proc/self/numa_maps "
          + "cannot be read")
    }
    let tiles = buffer.tileMap(topology)
    if showing { show(buffer, tiles, pages) }
    try judge(tiles, pages)
  }

  private func show(_ buffer: TiledBuffer, _ tiles: TileMap, _ pages: PageMap) {
    print(
      "\n\(TopologyReport.bytes(Self.byteCount)) in \(tiles.tileCount) tiles; "
        + "pages of \(pages.pageSize >> 10) KiB")
    line("node", "tiles", "pages due", "pages there")
    let due = dueCounts(buffer, tiles, pages)
    for node in Set(tiles.nodes).union(pages.pages.keys).sorted() {
      let place = tiles.nodes.firstIndex(of: node)
      let hasNoMemory = place != nil && !holders.contains(node)
      line(
        "\(node)", "\(place.map { tiles.tiles(ofNodeAt: $0).count } ?? 0)",
        hasNoMemory ? "anywhere" : "\(due[node] ?? 0)", "\(pages.pages[node] ?? 0)")
    }
    if let absent = pages.absent, absent > 0 { line("none", "", "0", "\(absent)") }
  }

  private func line(_ cells: String...) {
    print(cells.map { $0.padding(toLength: 14, withPad: " ", startingAt: 0) }.joined())
  }

  private func dueCounts(
    _ buffer: TiledBuffer, _ tiles: TileMap, _ pages: PageMap
  ) -> [Int: Int] {
    var due: [Int: Int] = [:]
    let count = (buffer.byteCount + pages.pageSize - 1) / pages.pageSize
    for page in 0..<count {
      due[tiles.node(ofTile: page * pages.pageSize / TileMap.tileSize), default: 0] += 1
    }
    return due
  }

  private func judge(_ tiles: TileMap, _ pages: PageMap) throws {
    guard !pages.nodeOfPage.isEmpty else {
      print("only sums are known, for whole mappings; neighbours are counted with the tensor")
      return
    }
    let astray = pages.nodeOfPage.enumerated().filter { page, node in
      let due = tiles.node(
        ofTile: min(page * pages.pageSize / TileMap.tileSize, tiles.tileCount - 1))
      return holders.contains(due) ? node != due : node == nil
    }.count
    guard astray == 0 else {
      throw TensorError(
        .invalidArgument, operation: "topology",
        "\(astray) of \(pages.nodeOfPage.count) pages do not lie on the node of their tile; a node "
          + "without free memory gives its pages to others: see MemFree in "
          + "/sys/devices/system/node/node*/meminfo")
    }
    print(
      "all \(pages.nodeOfPage.count) pages lie on the node of their tile"
        + (holders.isSuperset(of: tiles.nodes) ? "" : ", where that has memory"))
  }
}
