/// A leaf's end of the graph: the node whose gradient is the leaf's.
///
/// It holds the leaf's `.grad` and not the leaf, which holds it: so a leaf and its graph are no cycle, and
/// recording an operation on a leaf that several threads share takes no lock.
package final class AccumulateGrad: Node, @unchecked Sendable {
  package let holder = GradientHolder()

  package init(leaf: Tensor) {
    super.init()
    outputShape = leaf.shape
    outputDType = leaf.dtype
  }

  package override var name: String { "AccumulateGrad" }
}
