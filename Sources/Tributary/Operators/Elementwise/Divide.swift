import CTributaryKernels

/// How a quotient is made whole.
public enum RoundingMode: Sendable {
  /// Towards minus infinity, as Python's `//`.
  case floor
  /// Towards zero, as C's integer division.
  case trunc
}

extension Tensor {
  /// The quotient, element by element, of broadcast operands; of integers, as float32.
  public func div(_ other: Tensor) throws(TensorError) -> Tensor {
    let out =
      dtype == other.dtype && dtype.isFloatingPoint
      ? try Binary.apply(TRI_BINARY_DIV, self, other, "div", cost: .division)
      : try Division.promoting(self, other)
    if AutogradMode.records(self, other) {
      out.record(DivBackward(self, other), cost: .division)
    }
    return out
  }

  package func div(_ scalar: Scalar) throws(TensorError) -> Tensor {
    let x = try dtype.isFloatingPoint ? self : cast(to: .float32, "div")
    let out = try Binary.apply(TRI_BINARY_DIV, x, scalar, "div", cost: .division)
    if AutogradMode.records(self) { out.record(DivScalarBackward(self, scalar), cost: .division) }
    return out
  }

  /// Each element divided by a number; integers and bools become float32. By 0: infinite or NaN.
  public func div(_ other: Double) throws(TensorError) -> Tensor { try div(.real(other)) }
  /// Each element divided by a whole number; integers and bools become float32. By 0: infinite or NaN.
  public func div(_ other: Int) throws(TensorError) -> Tensor { try div(.integer(other)) }

  /// The quotient made whole, in the promoted dtype: integers stay integers. Its gradient is zero.
  ///
  /// Throws for integers where a divisor is 0, and for bool.
  public func div(_ other: Tensor, roundingMode: RoundingMode) throws(TensorError) -> Tensor {
    try Division.checkDivisor(other, of: self, "div")
    let out = try Binary.apply(roundingMode.kernel, self, other, "div", cost: .division)
    if AutogradMode.records(self, other) { out.record(DivRoundedBackward(self, other)) }
    return out
  }

  /// The quotient by a number, made whole; integers and bools become float32. Its gradient is zero.
  public func div(_ other: Double, roundingMode: RoundingMode) throws(TensorError) -> Tensor {
    try div(.real(other), roundingMode)
  }

  /// The quotient by a whole number, made whole, in this dtype, but bools become int64. Its gradient is zero.
  ///
  /// Throws for integers where the divisor is 0.
  public func div(_ other: Int, roundingMode: RoundingMode) throws(TensorError) -> Tensor {
    try div(.integer(other), roundingMode)
  }

  private func div(_ scalar: Scalar, _ mode: RoundingMode) throws(TensorError) -> Tensor {
    try Division.checkDivisor(scalar, scalar.promoted(with: dtype), "div")
    let out = try Binary.apply(mode.kernel, self, scalar, "div", cost: .division)
    if AutogradMode.records(self) { out.record(DivRoundedBackward(self)) }
    return out
  }

  /// `scalar / self`: PyTorch's own way, the reciprocal times the number.
  package func rdiv(_ scalar: Scalar) throws(TensorError) -> Tensor {
    if dtype.isHalf { return try widened { (x) throws(TensorError) in try x.rdiv(scalar) } }
    return try reciprocal().mul(scalar)
  }

  /// As ``div(_:)-(Tensor)``.
  public static func / (a: Tensor, b: Tensor) throws(TensorError) -> Tensor { try a.div(b) }
  /// As ``div(_:)-(Double)``.
  public static func / (a: Tensor, b: Double) throws(TensorError) -> Tensor { try a.div(b) }
  /// A number times each element's reciprocal, as in PyTorch: rounded twice, a half once. Integers become float32.
  public static func / (a: Double, b: Tensor) throws(TensorError) -> Tensor { try b.rdiv(.real(a)) }
  /// As ``div(_:)-(Int)``.
  public static func / (a: Tensor, b: Int) throws(TensorError) -> Tensor { try a.div(b) }
  /// A whole number times each element's reciprocal, as in PyTorch: rounded twice, a half once. Integers become float32.
  public static func / (a: Int, b: Tensor) throws(TensorError) -> Tensor {
    try b.rdiv(.integer(a))
  }
}

extension RoundingMode {
  fileprivate var kernel: tri_binary_op {
    self == .floor ? TRI_BINARY_DIV_FLOOR : TRI_BINARY_DIV_TRUNC
  }
}

enum Division {
  static func promoting(_ a: Tensor, _ b: Tensor) throws(TensorError) -> Tensor {
    let dtype = a.promotedDType(with: b).floating
    return try Binary.apply(
      TRI_BINARY_DIV, a.cast(to: dtype, "div"), b.cast(to: dtype, "div"), "div", cost: .division)
  }

  /// Throws where integers would be divided by a zero: the kernels answer 0 then.
  static func checkDivisor(
    _ divisor: Tensor, of dividend: Tensor, _ operation: StaticString
  ) throws(TensorError) {
    let dtype = dividend.promotedDType(with: divisor)
    guard !dtype.isFloatingPoint, dtype != .bool, dividend.count > 0 else { return }
    // As elements: a divisor without dims takes the dividend's dtype, and 256 is 0 in uint8.
    let elements = try divisor.cast(to: dtype, operation)
    if try elements.compared(TRI_COMPARE_EQ, .integer(0), operation).hasTrue {
      throw byZero(operation, dtype)
    }
  }

  static func checkDivisor(
    _ divisor: Scalar, _ dtype: DType, _ operation: StaticString
  ) throws(TensorError) {
    guard !dtype.isFloatingPoint, dtype != .bool else { return }
    // As an element: 256 is 0 in uint8.
    if divisor.bits(as: dtype) == 0 { throw byZero(operation, dtype) }
  }

  private static func byZero(_ operation: StaticString, _ dtype: DType) -> TensorError {
    TensorError(
      .invalidArgument, operation, dtypes: [dtype],
      "integer division by zero; convert to a floating dtype, or replace zeros in the divisor")
  }
}

final class DivBackward: Node, @unchecked Sendable {
  @inline(__always)
  override init(_ a: Tensor, _ b: Tensor) {
    super.init(a, b)
    save(b)
    if b.requiresGrad { save(a) }
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) {
      sink[0] = try fitted(beforeSum(gradient, toInput: 0).div(saved(0)), toInput: 0)
    }
    if sink.wants(1) {
      let (a, b) = (try savedToComputing(1), try savedToComputing(0))
      sink[1] = try fitted(gradient.toComputing().neg().mul(a.div(b).div(b)), toInput: 1)
    }
  }
}

final class DivScalarBackward: Node, @unchecked Sendable {
  private let scalar: Scalar

  init(_ x: Tensor, _ scalar: Scalar) {
    self.scalar = scalar
    super.init(x)
  }

  override var name: String { "DivBackward0" }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try gradient.div(scalar) }
  }
}

final class DivRoundedBackward: ZeroGradientNode, @unchecked Sendable {
  override var name: String { "DivBackward2" }
}
