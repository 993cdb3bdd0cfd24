import CTributaryKernels

extension Tensor {
  /// The greater of broadcast elements; NaN where either is. At ties the gradient goes to both in halves.
  public func maximum(_ other: Tensor) throws(TensorError) -> Tensor {
    let out = try Binary.apply(TRI_BINARY_MAXIMUM, self, other, "maximum")
    if AutogradMode.records(self, other) { out.record(MaximumBackward(self, other)) }
    return out
  }

  /// The smaller of broadcast elements; NaN where either is. At ties the gradient goes to both in halves.
  public func minimum(_ other: Tensor) throws(TensorError) -> Tensor {
    let out = try Binary.apply(TRI_BINARY_MINIMUM, self, other, "minimum")
    if AutogradMode.records(self, other) { out.record(MinimumBackward(self, other)) }
    return out
  }
}

/// The node of a choice between two tensors: an input gets the gradient but where the other was chosen.
class ExtremumNode: Node, @unchecked Sendable {
  @inline(__always)
  override init(_ a: Tensor, _ b: Tensor) {
    super.init(a, b)
    save(a)
    save(b)
  }

  /// Where the result is not `a` but `b`.
  func isOther(_ a: Tensor, _ b: Tensor) throws(TensorError) -> Tensor { try a.lt(b) }

  final override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    let (a, b) = (try saved(0), try saved(1))
    let gradient = try gradient.toComputing()
    let shared = try Tensor.where(a.eq(b), gradient.mul(0.5), gradient)
    if sink.wants(0) {
      sink[0] = try fitted(Tensor.where(isOther(a, b), 0, shared), toInput: 0)
    }
    if sink.wants(1) {
      sink[1] = try fitted(Tensor.where(isOther(b, a), 0, shared), toInput: 1)
    }
  }
}

final class MaximumBackward: ExtremumNode, @unchecked Sendable {}

final class MinimumBackward: ExtremumNode, @unchecked Sendable {
  override func isOther(_ a: Tensor, _ b: Tensor) throws(TensorError) -> Tensor { try a.gt(b) }
}
