import CTributaryKernels

extension Tensor {
  /// 1 / x of each element; integers are taken as float32.
  public func reciprocal() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_RECIPROCAL, self, "reciprocal", cost: .division)
    if AutogradMode.records(self) { out.record(ReciprocalBackward(self, result: out)) }
    return out
  }
}

final class ReciprocalBackward: ResultNode, @unchecked Sendable {
  override func gradient(_ g: Tensor, _ y: Tensor) throws(TensorError) -> Tensor {
    try g.neg().mul(y.mul(y))
  }
}
