import CTributaryKernels

extension Tensor {
  /// Each element with its sign changed; uint8 wraps. Throws for bool: use `logicalNot`.
  public func neg() throws(TensorError) -> Tensor {
    let out = try Unary.apply(TRI_UNARY_NEG, self, "neg")
    if AutogradMode.records(self) { out.record(NegBackward(self)) }
    return out
  }

  /// As ``neg()``.
  public static prefix func - (x: Tensor) throws(TensorError) -> Tensor { try x.neg() }
}

final class NegBackward: Node, @unchecked Sendable {
  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try gradient.neg() }
  }
}
