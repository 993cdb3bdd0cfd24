/// What no schedule of a recorded pass can beat.
package struct PassBounds: Sendable {
  /// Nanoseconds of all nodes, one after another.
  package let work: Double
  /// Nanoseconds of the longest path, of a loop one tile.
  package let criticalPath: Double

  package init(_ pass: RecordedPass) {
    // Of what a node sums, a path has only the addition of the contribution that it goes through: whoever comes next
    // may do the others.
    let folding = pass.folding
    var lengths = zip(pass.nodes.time, folding).map { Double($0 - $1) }
    let addition = pass.additions
    for loop in pass.loops.node.indices
    // As `parallelFor`: some loops stay on their caller, however many threads there are.
    where LoopRule.isShared(
      tiles: pass.loops.tiles[loop], nanosecondsPerTile: pass.loops.nanosecondsPerTile[loop],
      width: .max)
    {
      let time = Double(pass.loops.time[loop])
      lengths[pass.loops.node[loop]] -= time - time / Double(pass.loops.tiles[loop])
    }
    var rest = [Double](repeating: 0, count: pass.count)
    for node in stride(from: pass.count - 1, through: 0, by: -1) {
      for edge in pass.nodes.firstEdge[node]..<pass.nodes.firstEdge[node + 1]
      where pass.edges.receiver[edge] >= 0 {
        rest[node] = max(
          rest[node], rest[pass.edges.receiver[edge]] + addition[pass.edges.port[edge]])
      }
      rest[node] += max(0, lengths[node])
    }
    work = pass.nodes.time.reduce(0) { $0 + Double($1) }
    // Where the caller runs all nodes, they are one path.
    criticalPath =
      pass.wantsTeam
      ? rest.max() ?? 0
      : zip(lengths, folding).reduce(0) { $0 + max(0, $1.0) + Double($1.1) }
  }

  /// The least time on `width` workers.
  package func least(_ width: Int) -> Double { max(work / Double(max(1, width)), criticalPath) }
}
