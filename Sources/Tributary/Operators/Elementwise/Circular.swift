import CTributaryKernels

extension Tensor {
  /// The sine of each element, in radians: at most 1 ulp off in float32 and in float64, however large the element.
  /// Infinities give NaN. Integers are taken as float32.
  public func sin() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_SIN, self, "sin")
    if AutogradMode.records(self) { out.record(SinBackward(self), cost: .function) }
    return out
  }

  /// The cosine of each element, in radians, as precise as ``sin()``.
  public func cos() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_COS, self, "cos")
    if AutogradMode.records(self) { out.record(CosBackward(self), cost: .function) }
    return out
  }

  /// The tangent of each element, in radians, as precise as ``sin()``.
  public func tan() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_TAN, self, "tan")
    if AutogradMode.records(self) { out.record(TanBackward(self, result: out), cost: .function) }
    return out
  }
}

final class SinBackward: InputNode, @unchecked Sendable {
  override func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try g.mul(x.cos())
  }
}

final class CosBackward: InputNode, @unchecked Sendable {
  override func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try g.mul(x.sin().neg())
  }
}

final class TanBackward: ResultNode, @unchecked Sendable {
  override func gradient(_ g: Tensor, _ y: Tensor) throws(TensorError) -> Tensor {
    try g.mul(y.square().add(1))
  }
}
