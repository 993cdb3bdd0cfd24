import Synchronization

/// The nodes that a pass's roots reach, numbered; the first step of a pass (ENGINE.md, "Discover").
///
/// An iterative depth-first walk from the roots in their order, edges in input order. A node's number is its
/// place in the walk's postorder, and lies in the node's own ``Node/passWord``, claimed by compare-and-swap;
/// a node whose word another live pass has is entered in ``elsewhere`` instead.
package struct GraphDiscovery {
  private let pass = PassNumber.next()
  private var elsewhere: [ObjectIdentifier: Int] = [:]
  /// In postorder: serial order is this one reversed.
  private(set) var found: [Found] = []
  /// The edges of the nodes found, in the same order.
  private(set) var edges: [FoundEdge] = []

  /// What the rest of the pass needs of a node, taken when the walk leaves it: over a long graph a second
  /// look would wait for memory again.
  struct Found {
    let node: Unmanaged<Node>
    let firstEdge: Int32
    let edgeCount: Int32
    let outputCount: Int32
    let isLeaf: Bool
    let cost: Float
  }

  struct FoundEdge {
    /// Place in postorder; -1 where the input requires no gradient.
    let number: Int32
    let output: Int32
  }

  private struct Frame {
    let node: Unmanaged<Node>
    var nextEdge: Int32
    let edgeCount: Int32
  }

  package init(roots: [Edge]) {
    found.reserveCapacity(32)
    edges.reserveCapacity(32)
    var stack: [Frame] = []
    stack.reserveCapacity(32)
    for root in roots {
      let reference = Unmanaged.passUnretained(root.node)
      guard claim(reference) else { continue }
      stack.append(Self.frame(reference))
      walk(&stack)
    }
  }

  private static func frame(_ node: Unmanaged<Node>) -> Frame {
    Frame(node: node, nextEdge: 0, edgeCount: node._withUnsafeGuaranteedRef(\.edgeCount))
  }

  // SAFETY of the unmanaged references here and in `GraphTask`: the roots are held by the pass, and a node
  // holds the nodes of its edges, which never change; so every node lives as long as the pass.
  private mutating func walk(_ stack: inout [Frame]) {
    while let top = stack.last {
      if top.nextEdge == top.edgeCount {
        leave(top.node)
        stack.removeLast()
        continue
      }
      stack[stack.count - 1].nextEdge += 1
      let next = top.node._withUnsafeGuaranteedRef { $0.edgeReference(Int(top.nextEdge)) }
      if let next, claim(next) { stack.append(Self.frame(next)) }
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
  private mutating func leave(_ reference: Unmanaged<Node>) {
    let firstEdge = edges.count
    reference._withUnsafeGuaranteedRef { node in
      for index in 0..<Int(node.edgeCount) {
        let next = node.edgeReference(index).flatMap(number(of:))
        edges.append(FoundEdge(number: Int32(next ?? -1), output: node.edgeOutput(index)))
      }
      if UInt32(truncatingIfNeeded: node.passWord.load(ordering: .relaxed) >> 32) == pass {
        node.passWord.store(UInt64(pass) << 32 | UInt64(found.count), ordering: .relaxed)
      } else {
        elsewhere[Self.identity(reference)] = found.count
      }
      found.append(
        Found(
          node: reference, firstEdge: Int32(firstEdge), edgeCount: node.edgeCount,
          outputCount: Int32(node.outputCount), isLeaf: type(of: node) == AccumulateGrad.self,
          cost: node.cost))
    }
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
    number(of: node).map { found.count - 1 - $0 }
  }

  /// Gives the claimed nodes back. Until then other passes over them use maps of their own.
  package func release() {
    for entry in found {
      entry.node._withUnsafeGuaranteedRef { node in
        if UInt32(truncatingIfNeeded: node.passWord.load(ordering: .relaxed) >> 32) == pass {
          node.passWord.store(0, ordering: .relaxed)
        }
      }
    }
  }
}
