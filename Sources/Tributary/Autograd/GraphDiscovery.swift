import CTributaryShims
import Synchronization

/// The nodes that a pass's roots reach, numbered; the first step of a pass (ENGINE.md, "Discover").
///
/// An iterative depth-first walk from the roots in their order, edges in input order. A node's number is its
/// place in the walk's postorder, and lies in the node's own ``Node/passWord``, claimed by compare-and-swap;
/// a node whose word another live pass has is entered in ``elsewhere`` instead.
struct GraphDiscovery: ~Copyable {
  private let pass = PassNumber.next()
  private var elsewhere: [ObjectIdentifier: Int] = [:]
  /// In postorder: serial order is this one reversed. Holds all that the pass needs of a node, taken when the walk
  /// leaves it: over a long graph a second look would wait for memory again.
  private(set) var nodes = PassArray<GraphTask.NodeRecord>()
  /// The edges of the nodes, in the same order.
  private(set) var edges = PassArray<GraphTask.EdgeRecord>()
  /// The longest path of any node. Found on the way, where the nodes that follow one have just been seen.
  private(set) var longest: Float = 0

  /// The estimate for hooks, of which nothing is known: more than a small node's, so that nobody waits for them who
  /// need not.
  private static var hookNanoseconds: Float { 1_000 }

  /// A node in the branch that the walk comes to next; nil where that has been seen to its end.
  private var scout: Unmanaged<Node>?
  /// A node of so many inputs is where branches part.
  private static var wide: Int { 4 }

  private struct Frame {
    let node: Unmanaged<Node>
    var nextEdge: Int32
    let edgeCount: Int32
  }

  /// Finds what `roots` reach. After an error ``release()`` is still owed, as after success.
  mutating func walk(from roots: [GraphTask.Root]) throws(TensorError) {
    var stack = PassArray<Frame>()
    do throws(TensorError) {
      // By index: a root that is copied counts references.
      for index in roots.indices {
        let reference = Unmanaged.passUnretained(roots[index].edge.node)
        guard claim(reference) else { continue }
        try stack.append(Self.frame(reference))
        try walk(&stack)
      }
    } catch {
      // Claimed and not numbered: `release` does not know them.
      for index in 0..<stack.count { giveBack(stack.base[index].node) }
      throw error
    }
  }

  private static func frame(_ node: Unmanaged<Node>) -> Frame {
    Frame(node: node, nextEdge: 0, edgeCount: node._withUnsafeGuaranteedRef(\.edgeCount))
  }

  // SAFETY of the unmanaged references here and in `GraphTask`: the roots are held by the pass, and a node
  // holds the nodes of its edges, which never change; so every node lives as long as the pass.
  private mutating func walk(_ stack: inout PassArray<Frame>) throws(TensorError) {
    while stack.count > 0 {
      let top = stack.base + (stack.count - 1)
      let (node, edge) = (top.pointee.node, top.pointee.nextEdge)
      if edge == top.pointee.edgeCount {
        try leave(node)
        stack.removeLast()
        continue
      }
      top.pointee.nextEdge += 1
      let next = node._withUnsafeGuaranteedRef { node in
        // The walk waits for memory at every node: ask for the one after this one's part of the graph.
        if edge + 1 < node.edgeCount, let later = node.edgeReference(Int(edge) + 1) {
          tri_prefetch_for_writing(later.toOpaque())
          if node.edgeCount >= Self.wide { scout = later }
        }
        return node.edgeReference(Int(edge))
      }
      // Room first: a node that is claimed must be on the stack.
      try stack.makeRoom()
      if let next, claim(next) {
        try stack.append(Self.frame(next))
        advanceScout()
      }
    }
  }

  /// Asks for the nodes of the branch after this one, a step for each step of the walk: whoever recorded it has them in
  /// its cache.
  @inline(__always)
  private mutating func advanceScout() {
    guard let ahead = scout else { return }
    scout = ahead._withUnsafeGuaranteedRef { node in
      for edge in 0..<min(Int(node.edgeCount), Self.wide) {
        if let next = node.edgeReference(edge) { tri_prefetch_for_writing(next.toOpaque()) }
      }
      return node.edgeReference(0)
    }
  }

  /// Takes the node for this walk; false where it was taken before.
  private mutating func claim(_ node: Unmanaged<Node>) -> Bool {
    // Asked first: the pass that had the word when this walk met the node may have given it back since, and
    // a node must not be taken twice.
    if !elsewhere.isEmpty, elsewhere[Self.identity(node)] != nil { return false }
    let word = UInt64(pass) << 32
    // Relaxed here and below: the word orders nothing but itself. What a pass reads of a node was written
    // when it was recorded, before the caller handed it over.
    let (exchanged, found) = node._withUnsafeGuaranteedRef {
      $0.passWord.compareExchange(expected: 0, desired: word, ordering: .relaxed)
    }
    if exchanged { return true }
    if UInt32(truncatingIfNeeded: found >> 32) == pass { return false }
    elsewhere[Self.identity(node)] = -1
    return true
  }

  private static func identity(_ node: Unmanaged<Node>) -> ObjectIdentifier {
    node._withUnsafeGuaranteedRef { ObjectIdentifier($0) }
  }

  /// Numbers a node whose successors are all numbered.
  private mutating func leave(_ reference: Unmanaged<Node>) throws(TensorError) {
    let firstEdge = edges.count
    let edgeCount = reference._withUnsafeGuaranteedRef(\.edgeCount)
    guard firstEdge < Int(Int32.max) - Int(edgeCount) else {
      throw TensorError(
        .autograd, "backward", "the graph has more than \(Int32.max) edges; cut it by detach()")
    }
    var rest: Float = 0
    for index in 0..<Int(edgeCount) {
      let (next, output) = reference._withUnsafeGuaranteedRef {
        ($0.edgeReference(index), $0.edgeOutput(index))
      }
      var place = -1
      if let next, let number = number(of: next) {
        place = number
        rest = max(rest, nodes.base[number].path)
      }
      try edges.append(.init(node: Int32(place), port: output))
    }
    let number = nodes.count
    let isOurs = reference._withUnsafeGuaranteedRef { node in
      guard UInt32(truncatingIfNeeded: node.passWord.load(ordering: .relaxed) >> 32) == pass else {
        return false
      }
      node.passWord.store(UInt64(pass) << 32 | UInt64(number), ordering: .relaxed)
      return true
    }
    if !isOurs { elsewhere[Self.identity(reference)] = number }
    try nodes.append(
      reference._withUnsafeGuaranteedRef { node in
        let cost = node.cost + (node.isHooked ? Self.hookNanoseconds : 0)
        let path = rest + cost + BackwardEngine.overheadNanoseconds
        longest = max(longest, path)
        return GraphTask.NodeRecord(
          node: reference, firstEdge: Int32(firstEdge), edgeCount: edgeCount,
          outputCount: Int32(node.outputCount), cost: cost, path: path,
          leaf: type(of: node) == AccumulateGrad.self ? 0 : -1)
      })
  }

  private func number(of node: Unmanaged<Node>) -> Int? {
    let word = node._withUnsafeGuaranteedRef { $0.passWord.load(ordering: .relaxed) }
    if UInt32(truncatingIfNeeded: word >> 32) == pass {
      return Int(UInt32(truncatingIfNeeded: word))
    }
    return elsewhere.isEmpty ? nil : elsewhere[Self.identity(node)]
  }

  /// The place of `node` in serial order, or nil where the roots do not reach it.
  func serialPosition(of node: Unmanaged<Node>) -> Int? {
    number(of: node).map { nodes.count - 1 - $0 }
  }

  /// Gives the claimed nodes back. Until then other passes over them use maps of their own.
  func release() {
    for index in 0..<nodes.count {
      if index + 8 < nodes.count {
        tri_prefetch_for_writing(nodes.base[index + 8].node.toOpaque())
      }
      giveBack(nodes.base[index].node)
    }
  }

  @inline(__always)
  private func giveBack(_ node: Unmanaged<Node>) {
    node._withUnsafeGuaranteedRef { node in
      if UInt32(truncatingIfNeeded: node.passWord.load(ordering: .relaxed) >> 32) == pass {
        node.passWord.store(0, ordering: .relaxed)
      }
    }
  }
}
