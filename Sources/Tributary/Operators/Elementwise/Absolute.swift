import CTributaryKernels

extension Tensor {
  /// The magnitude of each element. Throws for bool.
  public func abs() throws(TensorError) -> Tensor {
    if dtype == .bool { throw Binary.unsupported(dtype, "abs") }
    let out = try Unary.apply(TRI_UNARY_ABS, self, "abs")
    if AutogradMode.records(self) { out.record(AbsBackward(self)) }
    return out
  }

  /// -1, 0 or 1 by the sign of each element; 0 for NaN. Its gradient is zero.
  public func sign() throws(TensorError) -> Tensor {
    let out = try Unary.apply(TRI_UNARY_SIGN, self, "sign")
    if AutogradMode.records(self) { out.record(SignBackward(self)) }
    return out
  }

  /// `self · sign(x)`, in one kernel.
  func absBackward(_ x: Tensor) throws(TensorError) -> Tensor {
    let out = try Binary.apply(TRI_BINARY_ABS_BACKWARD, self, x, "abs_backward")
    if AutogradMode.records(self, x) { out.record(AbsBackwardBackward(self, x)) }
    return out
  }
}

final class AbsBackward: InputNode, @unchecked Sendable {
  override var isOneKernel: Bool { true }

  override func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try g.absBackward(x)
  }
}

final class AbsBackwardBackward: GradientKernelNode, @unchecked Sendable {
  override func byGradient(_ gradient: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try gradient.absBackward(x)
  }
}

final class SignBackward: ZeroGradientNode, @unchecked Sendable {}
