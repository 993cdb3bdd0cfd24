/// A pass as a trace recorded it: what depends on what, how long each node took and which loops it opened. Enough
/// to replay it on other numbers of threads (`PassReplay`).
///
/// Columns by serial position of the nodes, by edge, by port and by loop, so that a trace file stays small. Times are
/// nanoseconds.
package struct RecordedPass: Codable, Sendable {
  /// How wide the team was.
  package var threads = 1
  /// How many nodes the pass had; without `nodes` where only its times were taken.
  package var count = 0
  /// Whether a team of more than one thread is given such a pass, or its caller runs the nodes one after another.
  package var wantsTeam = false
  /// See `PassOptions.smallPriority`; nil in recordings that know no small nodes.
  package var smallPriority: Float?

  // What the pass took: to walk the graph, to decide who runs it, to run its nodes, and to store the gradients.
  package var discovery = 0
  package var decision = 0
  package var run = 0
  package var commit = 0

  package var nodes = Nodes()
  package var edges = Edges()
  package var ports = Ports()
  package var loops = Loops()

  package init() {}

  package struct Nodes: Codable, Sendable {
    /// How long each took, its loops and what it folded included.
    package var time: [Int] = []
    /// Nanoseconds from the beginning of the run.
    package var start: [Int] = []
    /// The longest remaining path as the engine estimated it.
    package var priority: [Float] = []
    /// The engine's estimate of the node's own time.
    package var cost: [Float] = []
    /// Bytes of the gradient that arrives, of those that leave, and of what the node had saved.
    package var bytesIn: [Int] = []
    package var bytesOut: [Int] = []
    package var bytesSaved: [Int] = []
    /// Whether what arrives is kept until the pass ends: the gradient of a leaf.
    package var isLeaf: [Bool] = []
    /// In which of the branches recorded at the same time each was recorded (`BranchPlace`); 0: in none.
    package var branch: [Int] = []
    /// The first of its edges and of its ports; one entry more than nodes.
    package var firstEdge: [Int] = []
    package var firstPort: [Int] = []

    package init() {}
  }

  package struct Edges: Codable, Sendable {
    /// The receiver's position; -1: none.
    package var receiver: [Int] = []
    package var port: [Int] = []
    package var slot: [Int] = []
    /// Of its node's time, what summing took: its own result with what had come before, and what had waited for it.
    package var folding: [Int] = []

    package init() {}
  }

  package struct Ports: Codable, Sendable {
    /// How many contributions meet at each, the seeds of roots included.
    package var slots: [Int] = []
    /// How many consecutive contributions are summed left to right.
    package var run = 16

    package init() {}
  }

  package struct Loops: Codable, Sendable {
    /// The node that opened it; ascending, and of one node in the order of time.
    package var node: [Int] = []
    package var tiles: [Int] = []
    /// As the opener estimated it.
    package var nanosecondsPerTile: [Double] = []
    /// Nanoseconds since the node began.
    package var start: [Int] = []
    package var time: [Int] = []

    package init() {}
  }
}

extension RecordedPass {
  /// By port, nanoseconds of the addition of one contribution, on the average.
  var additions: [Double] {
    var sums = [Double](repeating: 0, count: ports.slots.count)
    for (port, time) in zip(edges.port, edges.folding) where time > 0 { sums[port] += Double(time) }
    return zip(sums, contributions).map { $0 / Double(max(1, $1)) }
  }

  /// By port, how many come from nodes: the seeds of roots are there before.
  var contributions: [Int] {
    var count = [Int](repeating: 0, count: ports.slots.count)
    for edge in edges.port.indices where edges.receiver[edge] >= 0 { count[edges.port[edge]] += 1 }
    return count
  }

  /// By node, what summing its results took.
  var folding: [Int] {
    (0..<count).map { edges.folding[nodes.firstEdge[$0]..<nodes.firstEdge[$0 + 1]].reduce(0, +) }
  }

  /// The pass with so much less for each node: what reading the clock took.
  package func withoutClock(_ nanoseconds: Double) -> RecordedPass {
    var pass = self
    let ends = endsOfLoops
    for node in nodes.time.indices {
      var (folding, sums) = (0, 0)
      for edge in nodes.firstEdge[node]..<nodes.firstEdge[node + 1]
      where edges.receiver[edge] >= 0 && ports.slots[edges.port[edge]] > 1 {
        // Of the two readings of each, one lies between them.
        pass.edges.folding[edge] = max(0, edges.folding[edge] - Int(nanoseconds))
        folding += pass.edges.folding[edge]
        sums += 1
      }
      // What the loops took, which read the clock on their own account, stays whole.
      pass.nodes.time[node] = max(
        (ends[node] ?? 0) + folding, nodes.time[node] - (1 + 2 * sums) * Int(nanoseconds))
    }
    return pass
  }

  /// The pass with so much less in all, of each node the same as far as it has that besides its loops and sums.
  package func less(_ nanoseconds: Double) -> RecordedPass {
    var pass = self
    let (ends, folding) = (endsOfLoops, folding)
    let least = nodes.time.indices.map { (ends[$0] ?? 0) + folding[$0] }
    var left = Int(nanoseconds)
    // What some nodes do not have the others give.
    while true {
      let able = least.indices.filter { left < 0 || pass.nodes.time[$0] > least[$0] }
      let share = able.isEmpty ? 0 : left / able.count
      if share == 0 { return pass }
      for node in able {
        let taken = min(share, max(0, pass.nodes.time[node] - least[node]))
        pass.nodes.time[node] -= taken
        left -= taken
      }
    }
  }

  /// When the last loop of each node ended, of those that have any.
  private var endsOfLoops: [Int: Int] {
    zip(loops.node, zip(loops.start, loops.time)).reduce(into: [:]) {
      $0[$1.0] = max($0[$1.0] ?? 0, $1.1.0 + $1.1.1)
    }
  }

  /// What makes the record unfit for a replay, which may come from a file; nil: nothing.
  package var flaw: String? {
    let perNode = [
      nodes.time.count, nodes.start.count, nodes.priority.count, nodes.cost.count,
      nodes.bytesIn.count, nodes.bytesOut.count, nodes.bytesSaved.count, nodes.isLeaf.count,
      nodes.branch.count,
    ]
    guard count > 0, count <= Int(Int32.max), threads > 0 else { return "it has no nodes" }
    guard perNode.allSatisfy({ $0 == count }) else { return "some nodes lack figures" }
    guard
      [edges.receiver.count, edges.slot.count, edges.folding.count]
        .allSatisfy({ $0 == edges.port.count }),
      Self.areBounds(nodes.firstEdge, count, edges.port.count),
      Self.areBounds(nodes.firstPort, count, ports.slots.count)
    else { return "its edges do not fit its nodes" }
    let sizes = [nodes.bytesIn, nodes.bytesOut, nodes.bytesSaved]
    let times = [
      nodes.time, edges.folding, loops.time, [discovery, decision, run, commit],
    ]
    guard (times + sizes).allSatisfy({ $0.allSatisfy { (0...Self.most).contains($0) } }),
      sizes.allSatisfy({ Self.sum($0) <= Double(Self.most) }),
      Self.sum(edges.folding) <= Double(Self.most), zip(folding, nodes.time).allSatisfy(<=),
      nodes.priority.allSatisfy({ $0 >= 0 && $0.isFinite }),
      nodes.branch.allSatisfy({ (0...Int(UInt16.max)).contains($0) })
    else { return "a time or size is out of range" }
    guard (1...16).contains(ports.run), hasSoundSlots else { return "its slots do not fit" }
    return hasSoundLoops ? nil : "its loops do not fit its nodes"
  }

  /// Nanoseconds or bytes; a double tells all whole numbers up to here apart.
  private static let most = 1 << 53

  /// As a double, for what a file says may add up to more than any Int.
  private static func sum(_ values: [Int]) -> Double { values.reduce(0) { $0 + Double($1) } }

  private static func areBounds(_ bounds: [Int], _ count: Int, _ total: Int) -> Bool {
    bounds.count == count + 1 && bounds[0] == 0 && bounds[count] == total
      && zip(bounds, bounds.dropFirst()).allSatisfy(<=)
  }

  private static let mostSeeds = 1 << 24

  /// Each slot of a port is filled by one edge at most, from a node before the port's; those that none fills, the seeds
  /// of roots, are the first. (A seed behind a contribution would be folded with it, and count as one more.)
  private var hasSoundSlots: Bool {
    // Together: a replay keeps something for each. Slots that no edge fills are the seeds of roots.
    var left = edges.port.count + count + Self.mostSeeds
    for slots in ports.slots {
      guard (0...left).contains(slots), slots <= edges.port.count + count else { return false }
      left -= slots
    }
    var filled = Set<Int>()
    var counts = [Int](repeating: 0, count: ports.slots.count)
    var firsts = ports.slots
    for node in 0..<count {
      for edge in nodes.firstEdge[node]..<nodes.firstEdge[node + 1] where edges.receiver[edge] >= 0
      {
        let (receiver, port, slot) = (edges.receiver[edge], edges.port[edge], edges.slot[edge])
        guard receiver > node, receiver < count,
          (nodes.firstPort[receiver]..<nodes.firstPort[receiver + 1]).contains(port),
          (0..<ports.slots[port]).contains(slot),
          // Slots are fewer than 2³², as nodes are.
          filled.insert(port << 32 | slot).inserted
        else { return false }
        counts[port] += 1
        firsts[port] = min(firsts[port], slot)
      }
    }
    return ports.slots.indices.allSatisfy { firsts[$0] == ports.slots[$0] - counts[$0] }
  }

  /// Of all loops: a replay may claim each tile by itself.
  private static let mostTiles = 1 << 22

  private var hasSoundLoops: Bool {
    let columns = [
      loops.tiles.count, loops.nanosecondsPerTile.count, loops.start.count, loops.time.count,
    ]
    guard columns.allSatisfy({ $0 == loops.node.count }) else { return false }
    guard Self.sum(loops.tiles) <= Double(Self.mostTiles) else { return false }
    return loops.node.indices.allSatisfy { index in
      let node = loops.node[index]
      return (0..<count).contains(node) && (index == 0 || loops.node[index - 1] <= node)
        && (1...Self.mostTiles).contains(loops.tiles[index])
        && loops.nanosecondsPerTile[index].isFinite
        && (0...nodes.time[node]).contains(loops.start[index])
        && loops.time[index] <= nodes.time[node]
    }
  }
}
