import CTributaryKernels

extension Tensor {
  /// The product, element by element, of operands that are promoted and broadcast, or it throws; of bools, both.
  public func mul(_ other: Tensor) throws(TensorError) -> Tensor {
    let out = try Binary.apply(TRI_BINARY_MUL, self, other, "mul")
    if AutogradMode.records(self, other) { out.record(MulBackward(self, other)) }
    return out
  }

  package func mul(_ scalar: Scalar) throws(TensorError) -> Tensor {
    let out = try Binary.apply(TRI_BINARY_MUL, self, scalar, "mul")
    if AutogradMode.records(self) { out.record(MulScalarBackward(self, scalar)) }
    return out
  }

  /// The product of each element and a number; integers and bools become float32.
  public func mul(_ other: Double) throws(TensorError) -> Tensor { try mul(.real(other)) }
  /// The product of each element and a whole number, in this dtype, but bools become int64. Integers wrap.
  public func mul(_ other: Int) throws(TensorError) -> Tensor { try mul(.integer(other)) }

  /// As ``mul(_:)-(Tensor)``.
  public static func * (a: Tensor, b: Tensor) throws(TensorError) -> Tensor { try a.mul(b) }
  /// As ``mul(_:)-(Double)``.
  public static func * (a: Tensor, b: Double) throws(TensorError) -> Tensor { try a.mul(b) }
  /// As ``mul(_:)-(Double)``.
  public static func * (a: Double, b: Tensor) throws(TensorError) -> Tensor { try b.mul(a) }
  /// As ``mul(_:)-(Int)``.
  public static func * (a: Tensor, b: Int) throws(TensorError) -> Tensor { try a.mul(b) }
  /// As ``mul(_:)-(Int)``.
  public static func * (a: Int, b: Tensor) throws(TensorError) -> Tensor { try b.mul(a) }
}

final class MulBackward: Node, @unchecked Sendable {
  /// Saved for the other's gradient, so only where the other requires one; -1 where not saved.
  private let savedSelf: Int
  private let savedOther: Int

  @inline(__always)
  override init(_ a: Tensor, _ b: Tensor) {
    savedOther = a.requiresGrad ? 0 : -1
    savedSelf = b.requiresGrad ? (a.requiresGrad ? 1 : 0) : -1
    super.init(a, b)
    if a.requiresGrad { save(b) }
    if b.requiresGrad { save(a) }
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) {
      let product = ProductGradient(
        try beforeSum(gradient, toInput: 0), try saved(savedOther), .elements)
      try sink.give(product, toInput: 0)
    }
    if sink.wants(1) {
      let product = ProductGradient(
        try beforeSum(gradient, toInput: 1), try saved(savedSelf), .elements)
      try sink.give(product, toInput: 1)
    }
  }
}

final class MulScalarBackward: Node, @unchecked Sendable {
  private let scalar: Scalar

  init(_ x: Tensor, _ scalar: Scalar) {
    self.scalar = scalar
    super.init(x)
  }

  override var name: String { "MulBackward0" }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try fitted(gradient.mul(scalar), toInput: 0) }
  }
}
