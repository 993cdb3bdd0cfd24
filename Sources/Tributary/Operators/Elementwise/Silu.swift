import CTributaryKernels

extension Tensor {
  /// x · sigmoid(x) of each element. For floating dtypes.
  public func silu() throws(TensorError) -> Tensor {
    let out = try Unary.floatingOnly(TRI_UNARY_SILU, self, "silu")
    if AutogradMode.records(self) { out.record(SiluBackward(self), cost: .function) }
    return out
  }

  func siluBackward(_ x: Tensor) throws(TensorError) -> Tensor {
    let out = try Binary.apply(TRI_BINARY_SILU_BACKWARD, self, x, "silu_backward", cost: .function)
    if AutogradMode.records(self, x) { out.record(SiluBackwardBackward(self, x), cost: .function) }
    return out
  }
}

final class SiluBackward: InputNode, @unchecked Sendable {
  override var isOneKernel: Bool { true }

  override func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try g.siluBackward(x)
  }
}

/// With s = sigmoid(x), (x·s)″ = s·(1 − s)·(2 + x·(1 − 2s)).
final class SiluBackwardBackward: GradientKernelNode, @unchecked Sendable {
  override func byGradient(_ gradient: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try gradient.siluBackward(x)
  }

  override func byInput(
    _ gradient: Tensor, _ g: Tensor, _ x: Tensor
  ) throws(TensorError) -> Tensor {
    let s = try x.sigmoid()
    return try gradient * g * (s * (1 - s)) * (x * (1 - 2 * s) + 2)
  }
}
