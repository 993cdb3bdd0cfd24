import CTributaryKernels

extension Tensor {
  /// The hyperbolic tangent of each element; integers are taken as float32. At most 1 ulp off in float32.
  public func tanh() throws(TensorError) -> Tensor {
    let out = try Unary.apply(
      TRI_UNARY_TANH, cast(to: dtype.floating, "tanh"), "tanh", cost: .function)
    if AutogradMode.records(self) { out.record(TanhBackward(self, result: out)) }
    return out
  }

  /// `self · (1 − y²)`, the gradient through y = tanh(x), in one kernel.
  func tanhBackward(_ y: Tensor) throws(TensorError) -> Tensor {
    let out = try Binary.apply(TRI_BINARY_TANH_BACKWARD, self, y, "tanh_backward")
    if AutogradMode.records(self, y) { out.record(TanhBackwardBackward(self, y)) }
    return out
  }
}

final class TanhBackward: Node, @unchecked Sendable {
  init(_ x: Tensor, result: Tensor) {
    super.init(x)
    save(output: result)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try gradient.tanhBackward(saved(0)) }
  }
}

/// Of g·(1 − y²): by g, 1 − y²; by y, −2·g·y.
final class TanhBackwardBackward: Node, @unchecked Sendable {
  override init(_ g: Tensor, _ y: Tensor) {
    super.init(g, y)
    save(g)
    save(y)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    let (g, y) = (try saved(0), try saved(1))
    if sink.wants(0) { sink[0] = try gradient.tanhBackward(y) }
    if sink.wants(1) { sink[1] = try gradient.mul(g).mul(y).mul(-2) }
  }
}
