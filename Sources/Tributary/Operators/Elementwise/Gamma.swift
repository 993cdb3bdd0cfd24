import CTributaryKernels

extension Tensor {
  /// log |Γ(x)| of each element; infinite at 0, −1, −2, …. Integers are taken as float32.
  ///
  /// At most 1 ulp off in float32, 2 in float64, but within 2⁻⁸ of a zero 2⁻⁵⁰ off. Stirling's series from 8 on, a
  /// polynomial about 2 below, reflection for negative elements.
  public func lgamma() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_LGAMMA, self, "lgamma", cost: .power)
    if AutogradMode.records(self) { out.record(LgammaBackward(self), cost: .power) }
    return out
  }

  /// The derivative of ``lgamma()``: infinite at ±0, with the opposite sign, and NaN at −1, −2, …. As precise as that.
  public func digamma() throws(TensorError) -> Tensor {
    let out = try Unary.floating(TRI_UNARY_DIGAMMA, self, "digamma", cost: .power)
    if AutogradMode.records(self) { out.record(DigammaBackward(self), cost: .power) }
    return out
  }

  /// The `n`-th derivative of ``digamma()``, by Euler and Maclaurin's formula for Hurwitz's zeta.
  ///
  /// Infinite at the poles. Some ulp off, the more the greater `n`. Throws for `n` beyond 0 to 100, where the factorial
  /// nears overflow. Its gradient is `polygamma(n + 1)`, up to order 120; a derivative beyond that throws.
  public func polygamma(_ n: Int) throws(TensorError) -> Tensor {
    guard (0...100).contains(n) else {
      throw TensorError(
        .invalidArgument, "polygamma", shapes: [shape], "n is \(n); give one from 0 to 100")
    }
    return try polygamma(order: n)
  }

  fileprivate func polygamma(order n: Int) throws(TensorError) -> Tensor {
    guard n <= Int(TRI_POLYGAMMA_MOST) else {
      throw TensorError(
        .invalidArgument, "polygamma_backward", shapes: [shape],
        "the derivative would be of order \(n), whose factorial nears overflow; differentiate up to order \(TRI_POLYGAMMA_MOST)"
      )
    }
    let out: Tensor
    if n == 0 {
      out = try Unary.floating(TRI_UNARY_DIGAMMA, self, "polygamma", cost: .power)
    } else {
      let x = try dtype.isFloatingPoint ? self : cast(to: .float32, "polygamma")
      out = try Unary.floatingOnly(
        TRI_UNARY_POLYGAMMA, x, "polygamma", parameters: KernelParameters(Double(n)), cost: .power)
    }
    if AutogradMode.records(self) { out.record(PolygammaBackward(self, n), cost: .power) }
    return out
  }
}

final class LgammaBackward: InputNode, @unchecked Sendable {
  override func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try g.mul(x.digamma())
  }
}

final class DigammaBackward: InputNode, @unchecked Sendable {
  override func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try g.mul(x.polygamma(1))
  }
}

final class PolygammaBackward: InputNode, @unchecked Sendable {
  private let n: Int

  init(_ x: Tensor, _ n: Int) {
    self.n = n
    super.init(x)
  }

  override func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try g.mul(x.polygamma(order: n + 1))
  }
}
