import CTributaryKernels

extension Tensor {
  /// The complementary error function, 1 − erf(x), its tail without cancellation; integers are taken as float32.
  public func erfc() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_ERFC, self, "erfc")
    if AutogradMode.records(self) { out.record(ErfcBackward(self), cost: .function) }
    return out
  }
}

extension Tensor {
  /// The x whose ``erf()`` each element is: infinite for ±1, NaN beyond; integers are taken as float32.
  ///
  /// At most 1 ulp off in float32, 2 in float64: a polynomial up to ½, beyond it a rational function of
  /// √(−log(1 − |x|)), in float64 with one step of Newton's.
  public func erfinv() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_ERFINV, self, "erfinv")
    if AutogradMode.records(self) { out.record(ErfinvBackward(self, result: out), cost: .function) }
    return out
  }
}

final class ErfcBackward: InputNode, @unchecked Sendable {
  override func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try g.neg().erfBackward(x)
  }
}

/// With y = erfinv(x): √π/2 · e^(y²).
final class ErfinvBackward: ResultNode, @unchecked Sendable {
  override func gradient(_ g: Tensor, _ y: Tensor) throws(TensorError) -> Tensor {
    try g.mul(y.square().exp().mul(0x1.c5bf891b4ef6bp-1))
  }
}
