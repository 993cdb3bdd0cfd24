import CTributaryKernels

extension Tensor {
  /// self − other · ⌊self / other⌋, exact, with the sign of the divisor, as Python's `%`.
  ///
  /// Throws for integers where a divisor is 0, and for bool.
  public func remainder(_ other: Tensor) throws(TensorError) -> Tensor {
    try Division.checkDivisor(other, of: self, "remainder")
    let out = try Binary.apply(TRI_BINARY_REMAINDER, self, other, "remainder", cost: .power)
    if AutogradMode.records(self, other) { out.record(RemainderBackward(self, other)) }
    return out
  }

  /// self − other · trunc(self / other), exact, with the sign of the dividend, as C's `fmod`.
  ///
  /// Throws for integers where a divisor is 0, and for bool.
  public func fmod(_ other: Tensor) throws(TensorError) -> Tensor {
    try Division.checkDivisor(other, of: self, "fmod")
    let out = try Binary.apply(TRI_BINARY_FMOD, self, other, "fmod", cost: .power)
    if AutogradMode.records(self, other) { out.record(FmodBackward(self, other)) }
    return out
  }

  /// The remainder by a number, with the number's sign; integers and bools become float32.
  public func remainder(_ other: Double) throws(TensorError) -> Tensor {
    try remainder(.real(other))
  }

  /// The remainder by a whole number, with the number's sign, in this dtype, but bools become int64.
  ///
  /// Throws for integers where the divisor is 0.
  public func remainder(_ other: Int) throws(TensorError) -> Tensor {
    try remainder(.integer(other))
  }

  /// The remainder by a number, with the element's sign; integers and bools become float32.
  public func fmod(_ other: Double) throws(TensorError) -> Tensor { try fmod(.real(other)) }
  /// The remainder by a whole number, with the element's sign, in this dtype, but bools become int64.
  ///
  /// Throws for integers where the divisor is 0.
  public func fmod(_ other: Int) throws(TensorError) -> Tensor { try fmod(.integer(other)) }

  private func remainder(_ scalar: Scalar) throws(TensorError) -> Tensor {
    try Division.checkDivisor(scalar, scalar.promoted(with: dtype), "remainder")
    let out = try Binary.apply(TRI_BINARY_REMAINDER, self, scalar, "remainder", cost: .power)
    if AutogradMode.records(self) {
      out.record(ScalarRemainderBackward(self, "RemainderBackward0"))
    }
    return out
  }

  private func fmod(_ scalar: Scalar) throws(TensorError) -> Tensor {
    try Division.checkDivisor(scalar, scalar.promoted(with: dtype), "fmod")
    let out = try Binary.apply(TRI_BINARY_FMOD, self, scalar, "fmod", cost: .power)
    if AutogradMode.records(self) { out.record(ScalarRemainderBackward(self, "FmodBackward0")) }
    return out
  }

  /// As ``remainder(_:)-(Tensor)``.
  public static func % (a: Tensor, b: Tensor) throws(TensorError) -> Tensor { try a.remainder(b) }
  /// As ``remainder(_:)-(Double)``.
  public static func % (a: Tensor, b: Double) throws(TensorError) -> Tensor { try a.remainder(b) }
  /// As ``remainder(_:)-(Int)``.
  public static func % (a: Tensor, b: Int) throws(TensorError) -> Tensor { try a.remainder(b) }
}

/// By the dividend 1; by the divisor minus the rounded quotient.
class RemainderNode: Node, @unchecked Sendable {
  @inline(__always)
  override init(_ a: Tensor, _ b: Tensor) {
    super.init(a, b)
    if b.requiresGrad {
      save(a)
      save(b)
    }
  }

  var rounding: RoundingMode { .floor }

  final override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try fitted(gradient, toInput: 0) }
    if sink.wants(1) {
      let (a, b) = (try savedToComputing(0), try savedToComputing(1))
      let quotient = try a.div(b, roundingMode: rounding)
      sink[1] = try fitted(gradient.toComputing().neg().mul(quotient), toInput: 1)
    }
  }
}

final class RemainderBackward: RemainderNode, @unchecked Sendable {
  override var name: String { "RemainderBackward1" }
}

final class FmodBackward: RemainderNode, @unchecked Sendable {
  override var name: String { "FmodBackward1" }
  override var rounding: RoundingMode { .trunc }
}

final class ScalarRemainderBackward: Node, @unchecked Sendable {
  private let title: StaticString

  init(_ x: Tensor, _ name: StaticString) {
    title = name
    super.init(x)
  }

  override var name: String { "\(title)" }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = gradient }
  }
}
