import TributaryParallel

/// The machine is seen as the virtual machine was made: `0:0,1/2:4,5!/memory:3`, nodes ascending with
/// their cores, `!` where no memory may be placed.
enum TopologyCheck {
  static func run(_ expected: String) throws -> String {
    let seen = describe(.current)
    try require(seen == expected, "\(seen), not \(expected)")
    return seen
  }

  private static func describe(_ topology: Topology) -> String {
    var words = topology.nodes.map { node in
      "\(node.id):" + node.cores.map(String.init).joined(separator: ",")
        + (node.hasMemory ? "" : "!")
    }
    words += topology.memoryOnlyNodes.map { "memory:\($0)" }
    return words.joined(separator: "/")
  }
}
