import TributaryMemory

/// An interleaved buffer lies evenly on all nodes that have cores and memory, to a huge page.
enum InterleavedCheck {
  static func run(_: String) throws -> String {
    let expected = Expected()
    let holders = expected.topology.nodes.filter(\.hasMemory).map(\.id)
    guard expected.manyNodes, !holders.isEmpty else { return "one node" }
    let buffer = try TiledBuffer.allocate(byteCount: 64 << 20, placement: .interleaved)
    buffer.fill(1)
    let (nodes, pageSize) = try buffer.nodesOfPages()
    let share = nodes.count / holders.count
    for holder in holders {
      let count = nodes.filter { $0 == holder }.count
      try require(
        abs(count - share) <= expected.tileSize / pageSize,
        "node \(holder) has \(count) pages, not about \(share); \(tally(nodes, "pages"))")
    }
    return tally(nodes, "pages")
  }
}
