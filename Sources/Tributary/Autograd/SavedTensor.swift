/// A tensor that a node keeps for its gradient, and the version it had.
package struct SavedTensor {
  /// As it is now: `unpack` says whether that is what was saved.
  let tensor: Tensor
  private let version: UInt32
  private let isOutput: Bool

  @inline(__always)
  package init(input tensor: Tensor) {
    self.tensor = tensor
    self.version = tensor.version
    self.isOutput = false
  }

  /// The result of the saving node itself. Kept without its place in the graph: a node that held its own
  /// result whole would hold itself. `changes` in place are still to come before it is the result.
  package init(output tensor: Tensor, changes: UInt32 = 0) {
    self.tensor = tensor.detach()
    self.version = tensor.version &+ changes
    self.isOutput = true
  }

  /// Throws where the tensor is not what was saved.
  @inline(__always)
  func check(by node: Node) throws(TensorError) {
    guard tensor.version != version else { return }
    throw TensorError(
      .autograd, operation: node.name, shapes: [tensor.shape],
      "a tensor that the gradient needs was changed in place after it was saved: it is at version "
        + "\(tensor.version), expected \(version); use an operation that makes a new tensor instead"
    )
  }

  /// What was saved, with the place in the graph that it had. After ``check(by:)``.
  @inline(__always)
  func tensor(of node: Node) -> Tensor {
    guard isOutput, AutogradMode.current.recordsGraph else { return tensor }
    let output = tensor.detach()
    output.node = node
    output.requiresGrad = true
    return output
  }
}

extension Tensor {
  /// How often this tensor's elements, or a view's that shares them, were changed in place.
  @inline(__always)
  package var version: UInt32 {
    // Relaxed: a write in place beside a reader is the caller's error; this only helps to find it.
    UInt32(truncatingIfNeeded: buffer.writeCount.load(ordering: .relaxed))
  }

  package func bumpVersion() {
    // Relaxed: as above.
    buffer.writeCount.wrappingAdd(1, ordering: .relaxed)
  }
}
