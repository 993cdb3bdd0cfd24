import TributaryParallel
import TributarySplitMix

extension RecordedPass {
  /// A pass of nodes with one output each; the longest remaining paths are their priorities.
  init(
    times: [Int], edges: [(Int, Int)],
    loops: [(node: Int, tiles: Int, start: Int, time: Int)] = []
  ) {
    self.init()
    (count, wantsTeam) = (times.count, true)
    nodes.time = times
    nodes.start = times.map { _ in 0 }
    nodes.cost = times.map { _ in 0 }
    nodes.bytesIn = times.map { _ in 0 }
    nodes.bytesOut = nodes.bytesIn
    nodes.bytesSaved = nodes.bytesIn
    nodes.isLeaf = times.map { _ in false }
    nodes.branch = nodes.bytesIn
    nodes.firstPort = Array(0...count)
    ports.slots = times.map { _ in 0 }
    for node in 0..<count {
      nodes.firstEdge.append(self.edges.port.count)
      for edge in edges where edge.0 == node {
        self.edges.receiver.append(edge.1)
        self.edges.port.append(edge.1)
        self.edges.slot.append(ports.slots[edge.1])
        self.edges.folding.append(0)
        ports.slots[edge.1] += 1
      }
    }
    nodes.firstEdge.append(self.edges.port.count)
    nodes.priority = times.map { _ in 0 }
    for node in (0..<count).reversed() {
      let rest = edges.filter { $0.0 == node }.map { nodes.priority[$0.1] }.max() ?? 0
      nodes.priority[node] = rest + Float(times[node])
    }
    for loop in loops {
      self.loops.node.append(loop.node)
      self.loops.tiles.append(loop.tiles)
      self.loops.start.append(loop.start)
      self.loops.time.append(loop.time)
      self.loops.nanosecondsPerTile.append(Double(loop.time) / Double(loop.tiles))
    }
  }

  /// A node that leads to branches of nodes in a row, which meet in a last one; numbered branch after branch.
  static func branches(_ count: Int, of length: Int, time: Int) -> RecordedPass {
    let last = count * length + 1
    var edges: [(Int, Int)] = []
    for branch in 0..<count {
      let first = 1 + branch * length
      edges.append((0, first))
      edges += (first..<first + length - 1).map { ($0, $0 + 1) }
      edges.append((first + length - 1, last))
    }
    return RecordedPass(
      times: [0] + [Int](repeating: time, count: count * length) + [0], edges: edges)
  }

  /// Some hundred nodes with loops in a third of them, and gradients of all sizes.
  static func random(seed: UInt64) -> RecordedPass {
    let graph = RandomGraph(count: 200, fanOut: 3, reach: 40, seed: seed)
    var random = SplitMix(seed: seed)
    let times = graph.successors.map { _ in random.below(30_000) }
    let edges = graph.successors.enumerated().flatMap { node, receivers in
      receivers.map { (node, $0) }
    }
    var loops: [(node: Int, tiles: Int, start: Int, time: Int)] = []
    // A quarter of each node is left to summing.
    for node in times.indices where random.oneIn(3) {
      let (start, end) = (random.below(times[node] / 2 + 1), times[node] - times[node] / 4)
      loops.append((node, 1 + random.below(100), start, (end - start) / 2))
      if random.oneIn(2) {
        let next = start + (end - start) / 2
        loops.append((node, 1 + random.below(9), next, end - next))
      }
    }
    var pass = RecordedPass(times: times, edges: edges, loops: loops)
    for node in times.indices {
      for edge in pass.nodes.firstEdge[node]..<pass.nodes.firstEdge[node + 1]
      where pass.ports.slots[pass.edges.port[edge]] > 1 {
        pass.edges.folding[edge] = random.below(times[node] / 16 + 1)
      }
    }
    pass.nodes.bytesIn = times.map { _ in random.below(1 << 18) }
    return pass
  }
}

extension Topology {
  /// As many cores as workers, in equal parts.
  static func made(_ width: Int, nodes: Int) -> Topology {
    let each = max(1, width / nodes)
    return Topology(
      nodes: (0..<nodes).map { node in
        Node(id: node, cores: Array(node * each..<(node + 1) * each))
      })
  }
}
