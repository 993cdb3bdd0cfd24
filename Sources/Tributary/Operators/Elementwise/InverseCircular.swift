import CTributaryKernels

extension Tensor {
  /// The angle between −π/2 and π/2 whose sine each element is; NaN beyond ±1. Integers are taken as float32.
  ///
  /// At most 1 ulp off in float32 and in float64, as all here: each is the angle of a point, found by folding
  /// octants onto one polynomial.
  public func asin() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_ASIN, self, "asin")
    if AutogradMode.records(self) { out.record(AsinBackward(self), cost: .function) }
    return out
  }

  /// The angle between 0 and π whose cosine each element is; NaN beyond ±1. Integers are taken as float32.
  public func acos() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_ACOS, self, "acos")
    if AutogradMode.records(self) { out.record(AcosBackward(self), cost: .function) }
    return out
  }

  /// The angle between −π/2 and π/2 whose tangent each element is. Integers are taken as float32.
  public func atan() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_ATAN, self, "atan")
    if AutogradMode.records(self) { out.record(AtanBackward(self), cost: .function) }
    return out
  }
}

final class AsinBackward: InputNode, @unchecked Sendable {
  override func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try g.mul((1 - x.square()).rsqrt())
  }
}

final class AcosBackward: InputNode, @unchecked Sendable {
  override func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try g.mul((1 - x.square()).rsqrt().neg())
  }
}

final class AtanBackward: InputNode, @unchecked Sendable {
  override func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try g.div(x.square().add(1))
  }
}
