import CTributaryKernels

extension Tensor {
  /// The error function of each element, 2/√π · ∫₀ˣ e^(−t²) dt; integers are taken as float32.
  public func erf() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_ERF, self, "erf")
    if AutogradMode.records(self) { out.record(ErfBackward(self), cost: .function) }
    return out
  }

  /// `self · 2/√π · e^(−x²)`, in one kernel.
  func erfBackward(_ x: Tensor) throws(TensorError) -> Tensor {
    let out = try Binary.apply(TRI_BINARY_ERF_BACKWARD, self, x, "erf_backward", cost: .function)
    if AutogradMode.records(self, x) { out.record(ErfBackwardBackward(self, x), cost: .function) }
    return out
  }
}

final class ErfBackward: InputNode, @unchecked Sendable {
  override var isOneKernel: Bool { true }

  override func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try g.erfBackward(x)
  }
}

/// Of g·erf′(x) by x: −2x·g·erf′(x).
final class ErfBackwardBackward: GradientKernelNode, @unchecked Sendable {
  override func byGradient(_ gradient: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try gradient.erfBackward(x)
  }

  override func byInput(
    _ gradient: Tensor, _ g: Tensor, _ x: Tensor
  ) throws(TensorError) -> Tensor {
    try gradient.mul(g).erfBackward(x).mul(x).mul(-2)
  }
}
