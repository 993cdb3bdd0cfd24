extension RecordedPass {
  /// A pass with the medians of every node's and loop's times over `passes` of one structure: what a node takes when
  /// nothing disturbs it. One disturbed node on the critical path would decide how a whole pass scales. Nil where the
  /// structures differ, or there is none.
  package static func typical(of passes: [RecordedPass]) -> RecordedPass? {
    guard var typical = passes.first,
      passes.allSatisfy({
        $0.edges.receiver == typical.edges.receiver && $0.loops.node == typical.loops.node
          && $0.nodes.time.count == typical.nodes.time.count
      })
    else { return nil }
    func medians(_ column: (RecordedPass) -> [Int]) -> [Int] {
      let columns = passes.map(column)
      return columns[0].indices.map { row in
        columns.map { $0[row] }.sorted()[columns.count / 2]
      }
    }
    typical.nodes.time = medians(\.nodes.time)
    typical.edges.folding = medians(\.edges.folding)
    // No less than it sums, whose medians may be other passes'.
    typical.nodes.time = zip(typical.nodes.time, typical.folding).map(max)
    typical.loops.start = medians(\.loops.start)
    typical.loops.time = medians(\.loops.time)
    return typical
  }
}
