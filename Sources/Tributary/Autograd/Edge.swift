/// Where a gradient flows to: an output of the node that made a tensor, or a leaf's accumulator.
package struct Edge {
  package let node: Node
  /// Which of `node`'s outputs the tensor was.
  package let outputIndex: Int32

  @inline(__always)
  package init(node: Node, outputIndex: Int32) {
    self.node = node
    self.outputIndex = outputIndex
  }
}

/// Equal where they lead to the same output of the same node.
extension Edge: Hashable {
  package static func == (a: Edge, b: Edge) -> Bool {
    a.node === b.node && a.outputIndex == b.outputIndex
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(node))
    hasher.combine(outputIndex)
  }
}

extension Tensor {
  /// The edge along which this tensor's gradient leaves; nil where it requires none.
  @inline(__always)
  package var gradientEdge: Edge? {
    gradientNode.map { Edge(node: $0, outputIndex: outputIndex) }
  }

  /// Where that edge ends; by ``outputIndex``, which is 0 of a leaf, and read after this: for a view this brings both up to
  /// date. One reference is counted: many branches that use one leaf all write its count.
  @inline(__always)
  var gradientNode: Node? {
    if let node { return node }
    return requiresGrad ? leaf : nil
  }
}
