extension Node {
  /// The node that made input `index`, or nil where that input requires no gradient.
  @inline(__always)
  package func edgeNode(_ index: Int) -> Node? {
    switch index {
    case 0: node0
    case 1: node1
    case 2: node2
    default: extra?.edge(index).node
    }
  }

  /// ``edgeNode(_:)`` without counting a reference, for walks over a graph that something else holds.
  @inline(__always)
  package func edgeReference(_ index: Int) -> Unmanaged<Node>? {
    switch index {
    case 0: node0.map(Unmanaged.passUnretained)
    case 1: node1.map(Unmanaged.passUnretained)
    case 2: node2.map(Unmanaged.passUnretained)
    default: extra?.edge(index).node.map(Unmanaged.passUnretained)
    }
  }

  /// Which output of ``edgeNode(_:)`` input `index` was.
  @inline(__always)
  package func edgeOutput(_ index: Int) -> Int32 {
    switch index {
    case 0: index0
    case 1: index1
    case 2: index2
    default: extra?.edge(index).index ?? 0
    }
  }
}
