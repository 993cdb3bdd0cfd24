import CTributaryKernels

extension Tensor {
  /// e to the power of each element; integers are taken as float32. At most 1 ulp off in float32.
  public func exp() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_EXP, self, "exp")
    if AutogradMode.records(self) { out.record(ExpBackward(self, result: out)) }
    return out
  }

  /// eˣ − 1, exact also near 0.
  public func expm1() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_EXPM1, self, "expm1")
    if AutogradMode.records(self) { out.record(Expm1Backward(self, result: out)) }
    return out
  }
}

final class ExpBackward: ResultNode, @unchecked Sendable {
  override var isOneKernel: Bool { true }

  override func gradient(_ g: Tensor, _ y: Tensor) throws(TensorError) -> Tensor { try g.mul(y) }
}

final class Expm1Backward: ResultNode, @unchecked Sendable {
  override func gradient(_ g: Tensor, _ y: Tensor) throws(TensorError) -> Tensor {
    try g.mul(y.add(1))
  }
}
