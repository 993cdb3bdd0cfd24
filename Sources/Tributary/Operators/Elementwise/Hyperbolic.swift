import CTributaryKernels

extension Tensor {
  /// The hyperbolic sine, (eˣ − e⁻ˣ) / 2, exact also near 0. Integers are taken as float32.
  public func sinh() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_SINH, self, "sinh")
    if AutogradMode.records(self) { out.record(SinhBackward(self), cost: .function) }
    return out
  }

  /// The hyperbolic cosine, (eˣ + e⁻ˣ) / 2. Integers are taken as float32.
  public func cosh() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_COSH, self, "cosh")
    if AutogradMode.records(self) { out.record(CoshBackward(self), cost: .function) }
    return out
  }

  /// The inverse of ``sinh()``, log(x + √(x² + 1)), exact also near 0. Integers are taken as float32.
  public func asinh() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_ASINH, self, "asinh")
    if AutogradMode.records(self) { out.record(AsinhBackward(self), cost: .function) }
    return out
  }

  /// The inverse of ``cosh()``, log(x + √(x² − 1)) for x ≥ 1, else NaN. Integers are taken as float32.
  public func acosh() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_ACOSH, self, "acosh")
    if AutogradMode.records(self) { out.record(AcoshBackward(self), cost: .function) }
    return out
  }

  /// The inverse of ``tanh()``, ½ log((1 + x) / (1 − x)); ±1 give infinities, what is beyond NaN. Integers are taken as
  /// float32.
  public func atanh() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_ATANH, self, "atanh")
    if AutogradMode.records(self) { out.record(AtanhBackward(self), cost: .function) }
    return out
  }
}

final class SinhBackward: InputNode, @unchecked Sendable {
  override func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try g.mul(x.cosh())
  }
}

final class CoshBackward: InputNode, @unchecked Sendable {
  override func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try g.mul(x.sinh())
  }
}

final class AsinhBackward: InputNode, @unchecked Sendable {
  override func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try g.mul(x.square().add(1).rsqrt())
  }
}

final class AcoshBackward: InputNode, @unchecked Sendable {
  override func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try g.mul(x.square().sub(1).rsqrt())
  }
}

final class AtanhBackward: InputNode, @unchecked Sendable {
  override func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try g.div(1 - x.square())
  }
}
