import Synchronization

/// A `.grad`: read by the user, written by passes, possibly several at a time.
package final class GradientHolder: Sendable {
  private let value = Mutex<Tensor?>(nil)

  package init() {}

  package var gradient: Tensor? {
    get { value.withLock { $0 } }
    set { value.withLock { $0 = newValue } }
  }

  /// Replaces the gradient by what `change` makes of it, so that no concurrent pass's update is lost.
  package func update(_ change: (Tensor?) throws(TensorError) -> Tensor?) throws(TensorError) {
    let result: Result<Void, TensorError> = value.withLock { held in
      do throws(TensorError) {
        held = try change(held)
        return .success(())
      } catch {
        return .failure(error)
      }
    }
    try result.get()
  }
}

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
