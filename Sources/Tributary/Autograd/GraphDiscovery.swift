import CTributaryShims

/// The nodes that a pass's roots reach, numbered; the first step of a pass (ENGINE.md, "Discover").
///
/// An iterative depth-first walk from the roots in their order, edges in input order. A node's place is that in the
/// walk's postorder, and is noted in ``marks``: to the graph the walk writes nothing.
struct GraphDiscovery: ~Copyable {
  /// In postorder: serial order is this one reversed. Holds all that the pass needs of a node, taken when the walk
  /// leaves it: over a long graph a second look would wait for memory again.
  var nodes = PassArray<GraphTask.NodeRecord>()
  /// The edges of the nodes, in the order in which the walk comes to these.
  var edges = PassArray<GraphTask.EdgeRecord>()
  /// Of each node that was met 1 + its place in postorder, or ``open``.
  private var marks = NodeMarks()
  /// The walk has not left the node yet.
  private static var open: Int32 { -1 }
  private var stack = PassArray<Frame>()
  /// The longest path of any node. Found on the way, where the nodes that follow one have just been seen.
  private(set) var longest: Float = 0

  /// The estimate for hooks, of which nothing is known: more than a small node's, so that nobody waits for them who
  /// need not.
  private static var hookNanoseconds: Float { 1_000 }

  /// A node in the branch that the walk comes to next; nil where that has been seen to its end.
  private var scout: Unmanaged<Node>?
  /// A node of so many inputs is where branches part.
  private static var wide: Int { 4 }

  /// A node that the walk is in.
  private struct Frame {
    let node: Unmanaged<Node>
    let mark: NodeMarks.Place
    let firstEdge: Int32
    let edgeCount: Int32
    var nextEdge: Int32 = 0
    /// The longest path of the nodes that follow.
    var rest: Float = 0

    /// Notes that the edge taken last leads to the node at place `number` in postorder.
    func note(_ number: Int32, in edges: borrowing PassArray<GraphTask.EdgeRecord>) {
      edges.base[Int(firstEdge + nextEdge) - 1].node = number
    }
  }

  // Inlined: what a call returns is copied to where it stays.
  @inline(__always)
  init() {}

  /// Finds what `roots` reach, and the roots' places in postorder (`Root.node`).
  mutating func walk(from roots: inout [GraphTask.Root]) throws(TensorError) {
    // By index: a root that is copied counts references.
    for index in roots.indices {
      if let number = try enter(Unmanaged.passUnretained(roots[index].edge.node)) {
        roots[index].node = number
      } else {
        roots[index].node = try walk()
      }
    }
    // Of a long chain it is as large as the graph.
    stack = PassArray()
  }

  // SAFETY of the unmanaged references here and in `GraphTask`: the roots are held by the pass, and a node
  // holds the nodes of its edges, which never change; so every node lives as long as the pass.
  /// Walks on from the node on the stack, whose place in postorder it returns.
  private mutating func walk() throws(TensorError) -> Int32 {
    while true {
      let top = stack.base + (stack.count - 1)
      let (node, edge) = (top.pointee.node, top.pointee.nextEdge)
      if edge == top.pointee.edgeCount {
        let (number, path) = try leave(top.pointee)
        stack.removeLast()
        if stack.count == 0 { return number }
        let before = stack.base + (stack.count - 1)
        before.pointee.note(number, in: edges)
        before.pointee.rest = max(before.pointee.rest, path)
        continue
      }
      top.pointee.nextEdge += 1
      let hasMore = edge + 1 < top.pointee.edgeCount
      let (next, output, later) = node._withUnsafeGuaranteedRef { node in
        (
          node.edgeReference(Int(edge)), node.edgeOutput(Int(edge)),
          hasMore ? node.edgeReference(Int(edge) + 1) : nil
        )
      }
      // The walk waits for memory at every node: ask for the one after this one's part of the graph.
      if let later {
        tri_prefetch(later.toOpaque())
        if top.pointee.edgeCount >= Self.wide { scout = later }
      }
      guard let next else { continue }
      edges.base[Int(top.pointee.firstEdge + edge)].port = output
      // A node that was met before, or that has no edges: the stack is as it was.
      if let number = try enter(next) {
        top.pointee.note(number, in: edges)
        top.pointee.rest = max(top.pointee.rest, nodes.base[Int(number)].path)
      }
    }
  }

  /// Puts the node on the stack, or returns its place in postorder where the walk has met it before or leaves it at once:
  /// half of a network's nodes are leaves.
  @inline(__always)
  private mutating func enter(_ node: Unmanaged<Node>) throws(TensorError) -> Int32? {
    let (identity, edgeCount) = node._withUnsafeGuaranteedRef { ($0.number, $0.edgeCount) }
    let mark = try marks.place(of: identity)
    let before = marks[mark]
    if before != 0 { return before - 1 }
    let firstEdge = edges.count
    guard firstEdge < Int(Int32.max) - Int(edgeCount), nodes.count + stack.count < Int(Int32.max)
    else {
      throw TensorError(
        .autograd, "backward",
        "the graph has more than \(Int32.max) nodes or edges; cut it by detach()")
    }
    let frame = Frame(node: node, mark: mark, firstEdge: Int32(firstEdge), edgeCount: edgeCount)
    advanceScout()
    if edgeCount == 0 { return try leave(frame).number }
    try edges.append(repeating: .init(node: -1, port: 0), count: Int(edgeCount))
    try stack.append(frame)
    marks[mark] = Self.open
    return nil
  }

  /// Asks for the nodes of the branch after this one, a step for each step of the walk: whoever recorded it has them in
  /// its cache.
  @inline(__always)
  private mutating func advanceScout() {
    guard let ahead = scout else { return }
    scout = ahead._withUnsafeGuaranteedRef { node in
      for edge in 0..<min(Int(node.edgeCount), Self.wide) {
        if let next = node.edgeReference(edge) { tri_prefetch(next.toOpaque()) }
      }
      return node.edgeReference(0)
    }
  }

  /// Numbers a node whose successors are all numbered. Returns its place in postorder, and its path.
  @inline(__always)
  private mutating func leave(_ frame: Frame) throws(TensorError) -> (number: Int32, path: Float) {
    let number = Int32(nodes.count)
    let record = frame.node._withUnsafeGuaranteedRef { node in
      let cost = node.cost + (node.isHooked ? Self.hookNanoseconds : 0)
      return GraphTask.NodeRecord(
        node: frame.node, firstEdge: frame.firstEdge, edgeCount: frame.edgeCount,
        outputCount: Int32(node.outputCount), cost: cost,
        path: frame.rest + cost + BackwardEngine.overheadNanoseconds,
        leaf: type(of: node) == AccumulateGrad.self ? 0 : -1, place: node.place)
    }
    try nodes.append(record)
    longest = max(longest, record.path)
    marks[frame.mark] = number + 1
    return (number, record.path)
  }

  /// The place of `node` in postorder; nil where the roots do not reach it.
  mutating func number(of node: Node) -> Int32? {
    guard let mark = marks.existingPlace(of: node.number) else { return nil }
    return marks[mark] > 0 ? marks[mark] - 1 : nil
  }
}
