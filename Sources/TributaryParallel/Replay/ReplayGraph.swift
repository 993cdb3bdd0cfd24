/// What a replay asks of the recorded pass again and again.
struct ReplayGraph {
  /// How many contributions each node waits for.
  let dependencies: [Int32]
  /// The loops that a team of the replay's width shares: their numbers in the record, and by node the first.
  let sharedLoops: [Int]
  let firstShared: [Int]
  /// By node what it sums took, and by port one addition.
  let folding: [Int]
  let additions: [Double]
  /// What the pass reads and writes that is not gone when it ends. More than fits the shared cache comes from memory.
  let footprint: Int

  init(_ pass: RecordedPass, width: Int) {
    var dependencies = [Int32](repeating: 0, count: pass.count)
    for receiver in pass.edges.receiver where receiver >= 0 { dependencies[receiver] += 1 }
    self.dependencies = dependencies
    let shared = pass.loops.node.indices.filter {
      LoopRule.isShared(
        tiles: pass.loops.tiles[$0], nanosecondsPerTile: pass.loops.nanosecondsPerTile[$0],
        width: width)
    }
    var first = [Int](repeating: 0, count: pass.count + 1)
    for loop in shared { first[pass.loops.node[loop] + 1] += 1 }
    for node in 0..<pass.count { first[node + 1] += first[node] }
    (sharedLoops, firstShared) = (shared, first)
    (folding, additions) = (pass.folding, pass.additions)
    footprint = (0..<pass.count).reduce(0) { sum, node in
      sum + pass.nodes.bytesSaved[node] + (pass.nodes.isLeaf[node] ? pass.nodes.bytesIn[node] : 0)
    }
  }

  func loops(of node: Int32) -> Range<Int> {
    firstShared[Int(node)]..<firstShared[Int(node) + 1]
  }
}
