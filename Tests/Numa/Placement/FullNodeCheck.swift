import Glibc
import TributaryMemory
import TributaryParallel

/// `full=NODE`: buffers whose share of a node is half as large again as the node's memory. What does not fit spills
/// over; all bytes are there, and nothing is killed.
enum FullNodeCheck {
  static func run(_ value: String) throws -> String {
    guard let id = Int(value), let node = Topology.current.nodes.first(where: { $0.id == id }),
      let kib = field("MemTotal", ofNode: id)
    else { throw Failure("full=NODE takes a node that has cores and memory") }
    var words: [String] = []
    for (placement, nodes) in [
      (Placement.spread, Topology.current.nodes.count),
      (.interleaved, Topology.current.nodes.filter(\.hasMemory).count), (.local, 1),
    ] {
      let share = kib * 1024 * 3 / 2
      let here = try bytes(on: node, of: share * nodes, placement)
      try require(
        here > 0 && here < share,
        "\(placement): \(here) bytes on node \(id), of a share of \(share)")
      words.append("\(placement) \(here >> 20) of \(share >> 20) MiB")
    }
    return "node \(id) of \(kib >> 10) MiB took " + words.joined(separator: ", ")
  }

  /// Fills a buffer and gives it back; returns how much of it lay on `node`.
  private static func bytes(
    on node: Topology.Node, of byteCount: Int, _ placement: Placement
  ) throws -> Int {
    defer { BufferPool.trim() }
    let buffer = try pinned(to: node) {
      try TiledBuffer.allocate(byteCount: byteCount, placement: placement)
    }
    try write(buffer)
    let (found, pageSize) = try buffer.nodesOfPages()
    return found.filter { $0 == node.id }.count * pageSize
  }

  /// Writes a word of its own to every page and reads all back.
  private static func write(_ buffer: TiledBuffer) throws {
    let step = 4096
    for offset in stride(from: 0, to: buffer.byteCount - 8, by: step) {
      buffer.base.storeBytes(of: offset ^ 0x5a5a, toByteOffset: offset, as: Int.self)
    }
    for offset in stride(from: 0, to: buffer.byteCount - 8, by: step) {
      try require(
        buffer.base.load(fromByteOffset: offset, as: Int.self) == offset ^ 0x5a5a,
        "the word at \(offset) is lost")
    }
  }

  /// A field of /sys/devices/system/node/nodeN/meminfo, in KiB.
  private static func field(_ name: String, ofNode node: Int) -> Int? {
    guard let text = text(of: "/sys/devices/system/node/node\(node)/meminfo") else { return nil }
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: " ")
      if fields.count > 3, fields[2] == "\(name):" { return Int(fields[3]) }
    }
    return nil
  }
}
