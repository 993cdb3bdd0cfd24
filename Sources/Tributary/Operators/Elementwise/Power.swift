import CTributaryKernels

extension Tensor {
  /// Each element to a power. Exponents 0, 1, 2, 3, ½, −½, −1 and −2 take products, roots and division.
  public func pow(_ exponent: Double) throws(TensorError) -> Tensor { try pow(.real(exponent)) }

  /// Each element to a whole power; integers stay integers and wrap. Throws for integers to a negative power.
  public func pow(_ exponent: Int) throws(TensorError) -> Tensor { try pow(.integer(exponent)) }

  package func pow(_ exponent: Scalar) throws(TensorError) -> Tensor {
    let dtype = exponent.promoted(with: self.dtype)
    if !dtype.isFloatingPoint, exponent.double < 0 { throw Power.negativeExponent(dtype) }
    let x = try cast(to: dtype, "pow")
    let out: Tensor
    if case .integer(let whole) = exponent, whole > Power.largestParameter, !dtype.isFloatingPoint {
      // As an int64 element, for not every Int is a Double. What wraps in int64 wraps to the same in fewer bits.
      let wide = try x.cast(to: .int64, "pow")
      out = try Binary.apply(TRI_BINARY_POW, wide, exponent, "pow", cost: .power)
        .cast(to: dtype, "pow")
    } else {
      out = try KernelParameters(exponent.double).pass { (parameters) throws(TensorError) in
        try Unary.apply(TRI_UNARY_POW_SCALAR, x, "pow", parameters: parameters, cost: .power)
      }
    }
    if AutogradMode.records(self) { out.record(PowScalarBackward(self, exponent), cost: .power) }
    return out
  }

  /// Each element to the power of the other's, broadcast. Integers wrap; to a negative power they give 0, but
  /// 1 and −1 to themselves or each other. Throws for two bools.
  public func pow(_ exponent: Tensor) throws(TensorError) -> Tensor {
    let out = try Binary.apply(TRI_BINARY_POW, self, exponent, "pow", cost: .power)
    if AutogradMode.records(self, exponent) {
      out.record(PowTensorBackward(self, exponent), cost: .power)
    }
    return out
  }

  /// `base` to the power of each element of `exponent`.
  public static func pow(_ base: Double, _ exponent: Tensor) throws(TensorError) -> Tensor {
    try Power.of(.real(base), exponent)
  }

  /// A whole `base` to the power of each element of `exponent`, in its dtype; integers wrap.
  public static func pow(_ base: Int, _ exponent: Tensor) throws(TensorError) -> Tensor {
    try Power.of(.integer(base), exponent)
  }

  /// Each element times itself; bools are taken as int64.
  public func square() throws(TensorError) -> Tensor {
    let out = try Unary.apply(
      TRI_UNARY_SQUARE, dtype == .bool ? cast(to: .int64, "square") : self, "square")
    if AutogradMode.records(self) { out.record(PowScalarBackward(self, .integer(2))) }
    return out
  }
}

enum Power {
  /// The greatest whole number up to which a kernel's parameter, a Double, holds each.
  static let largestParameter = 1 << 53

  static func of(_ base: Scalar, _ exponent: Tensor) throws(TensorError) -> Tensor {
    let out = try Binary.apply(
      TRI_BINARY_POW, exponent, base, scalarFirst: true, "pow", cost: .power)
    if AutogradMode.records(exponent) {
      out.record(PowBaseBackward(base, exponent, result: out))
    }
    return out
  }

  static func negativeExponent(_ dtype: DType) -> TensorError {
    TensorError(
      .invalidArgument, "pow", dtypes: [dtype],
      "integers to a negative power are not whole; convert with to(.float32) first")
  }
}

final class PowScalarBackward: Node, @unchecked Sendable {
  private let exponent: Scalar

  init(_ x: Tensor, _ exponent: Scalar) {
    self.exponent = exponent
    super.init(x)
    save(x)
  }

  override var name: String { "PowBackward0" }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    guard sink.wants(0) else { return }
    let x = try savedToComputing(0)
    let n = exponent.double
    let slope =
      try n == 0
      ? Tensor.zerosLike(x) : gradient.toComputing().mul((n == 2 ? x : x.pow(n - 1)).mul(n))
    sink[0] = try slope.to(inputDType(0))
  }
}

/// x^n by x is n·x^(n−1), and 0 for n = 0; by n it is xⁿ·log x, and 0 for x = 0 and n ≥ 0.
///
/// The power itself is not saved but computed again: its bits are the same, and recording stays at three objects.
final class PowTensorBackward: Node, @unchecked Sendable {
  @inline(__always)
  override init(_ x: Tensor, _ exponent: Tensor) {
    super.init(x, exponent)
    save(x)
    save(exponent)
  }

  override var name: String { "PowBackward1" }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    let (x, n) = (try savedToComputing(0), try savedToComputing(1))
    let gradient = try gradient.toComputing()
    if sink.wants(0) {
      let slope = try gradient.mul(n.mul(x.pow(n.sub(1))))
      sink[0] = try fitted(Tensor.where(n.eq(0), 0, slope), toInput: 0)
    }
    if sink.wants(1) {
      let flat = try x.eq(0).logicalAnd(n.ge(0))
      let slope = try gradient.mul(Tensor.where(flat, 0, x.pow(n).mul(x.log())))
      sink[1] = try fitted(slope, toInput: 1)
    }
  }
}

final class PowBaseBackward: Node, @unchecked Sendable {
  private let base: Double

  init(_ base: Scalar, _ exponent: Tensor, result: Tensor) {
    self.base = base.double
    super.init(exponent)
    save(output: result)
    if base.double == 0 { save(exponent) }
  }

  override var name: String { "PowBackward2" }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    guard sink.wants(0) else { return }
    let (gradient, y) = (try gradient.toComputing(), try savedToComputing(0))
    if base != 0 {
      sink[0] = try gradient.mul(y.mul(Self.logarithm(base))).to(inputDType(0))
    } else {
      let slope = try y.mul(-Double.infinity)
      sink[0] = try gradient.mul(Tensor.where(saved(1).ge(0), 0, slope)).to(inputDType(0))
    }
  }

  /// Taken by the kernel in float64, as no libm may reach a bit.
  private static func logarithm(_ value: Double) throws(TensorError) -> Double {
    try noGrad { () throws(TensorError) in
      try Tensor.number(.real(value), .float64, "pow").log().item()
    }
  }
}
