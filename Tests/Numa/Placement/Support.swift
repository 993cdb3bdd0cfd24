import Glibc
import TributaryMemory
import TributaryParallel

/// Why a check failed.
struct Failure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

func require(_ condition: Bool, _ reason: @autoclosure () -> String) throws {
  if !condition { throw Failure(reason()) }
}

/// Where pages ought to lie, worked out from the rule in docs/numa.md and not by the code under test.
struct Expected {
  let topology = Topology.current
  let tileSize = 2 << 20

  /// The node that tile `tile` of `tiles` belongs to; nil where it has no memory, so that any will do.
  func node(ofTile tile: Int, of tiles: Int) -> Int? {
    let node = topology.nodes[tile * topology.nodes.count / tiles]
    return node.hasMemory ? node.id : nil
  }

  var manyNodes: Bool { topology.nodes.count > 1 }
}

extension TiledBuffer {
  /// The node of each page of a buffer all of which was written. Throws where the system does not tell.
  func nodesOfPages() throws -> (nodes: [Int], pageSize: Int) {
    guard let map = pageMap, !map.nodeOfPage.isEmpty else {
      throw Failure("no answer of move_pages")
    }
    let nodes = map.nodeOfPage.compactMap { $0 }
    try require(nodes.count == map.nodeOfPage.count, "\(map.absent ?? 0) pages are not resident")
    return (nodes, map.pageSize)
  }

  func fill(_ byte: Int32) { memset(base, byte, byteCount) }
}

/// Runs `body` on the cores of `node`.
func pinned<R>(to node: Topology.Node, _ body: () throws -> R) throws -> R {
  guard let before = AffinityMask.ofThread(), AffinityMask(cores: node.cores).apply() else {
    throw Failure("the thread cannot be pinned to node \(node.id)")
  }
  defer { _ = before.apply() }
  return try body()
}

/// The first 8 KiB of a file of the kernel's.
func text(of path: String) -> String? {
  guard let file = fopen(path, "r") else { return nil }
  defer { fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 8_192)
  let got = fread(&bytes, 1, bytes.count, file)
  return String(decoding: bytes.prefix(got), as: UTF8.self)
}

/// "3 of 0, 5 of 2": how often each number occurs.
func tally(_ numbers: [Int], _ noun: String) -> String {
  Dictionary(grouping: numbers) { $0 }.sorted { $0.key < $1.key }
    .map { "\($0.value.count) \(noun) on node \($0.key)" }.joined(separator: ", ")
}
