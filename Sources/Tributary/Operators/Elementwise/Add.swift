import CTributaryKernels

extension Tensor {
  /// The sum, element by element, of operands that are promoted and broadcast, or it throws; of bools, either.
  public func add(_ other: Tensor) throws(TensorError) -> Tensor {
    let out = try Binary.apply(TRI_BINARY_ADD, self, other, "add")
    if AutogradMode.records(self, other) { out.record(AddBackward(self, other)) }
    return out
  }

  package func add(_ scalar: Scalar) throws(TensorError) -> Tensor {
    let out = try Binary.apply(TRI_BINARY_ADD, self, scalar, "add")
    if AutogradMode.records(self) { out.record(AddBackward(self)) }
    return out
  }

  /// The sum of each element and a number; integers and bools become float32.
  public func add(_ other: Double) throws(TensorError) -> Tensor { try add(.real(other)) }
  /// The sum of each element and a whole number, in this dtype, but bools become int64. Integers wrap.
  public func add(_ other: Int) throws(TensorError) -> Tensor { try add(.integer(other)) }

  /// `self + alpha · other`, rounded twice: the same bits as the product and then the sum.
  ///
  /// Throws for an integer or bool result: its `alpha` is an Int.
  public func add(_ other: Tensor, alpha: Double) throws(TensorError) -> Tensor {
    let out = try Scaled.sum(self, other, .real(alpha), "add")
    if AutogradMode.records(self, other) {
      out.record(ScaledSumBackward(self, other, .real(alpha), name: "AddBackward0"))
    }
    return out
  }

  /// `self + alpha · other` with a whole `alpha`, for every dtype but bool.
  public func add(_ other: Tensor, alpha: Int) throws(TensorError) -> Tensor {
    let out = try Scaled.sum(self, other, .integer(alpha), "add")
    if AutogradMode.records(self, other) {
      out.record(ScaledSumBackward(self, other, .integer(alpha), name: "AddBackward0"))
    }
    return out
  }

  /// As ``add(_:)-(Tensor)``.
  public static func + (a: Tensor, b: Tensor) throws(TensorError) -> Tensor { try a.add(b) }
  /// As ``add(_:)-(Double)``.
  public static func + (a: Tensor, b: Double) throws(TensorError) -> Tensor { try a.add(b) }
  /// As ``add(_:)-(Double)``.
  public static func + (a: Double, b: Tensor) throws(TensorError) -> Tensor { try b.add(a) }
  /// As ``add(_:)-(Int)``.
  public static func + (a: Tensor, b: Int) throws(TensorError) -> Tensor { try a.add(b) }
  /// As ``add(_:)-(Int)``.
  public static func + (a: Int, b: Tensor) throws(TensorError) -> Tensor { try b.add(a) }
}

final class AddBackward: Node, @unchecked Sendable {
  // Inlined, as the initializers of the other small operators: a call would count references to its arguments.
  @inline(__always)
  override init(_ a: Tensor, _ b: Tensor) { super.init(a, b) }

  @inline(__always)
  override init(_ x: Tensor) { super.init(x) }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    for input in 0..<Int(edgeCount) where sink.wants(input) {
      sink[input] = try fitted(gradient, toInput: input)
    }
  }
}

/// Sums of a tensor and a multiple of another.
enum Scaled {
  static func sum(
    _ a: Tensor, _ b: Tensor, _ alpha: Scalar, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    let dtype = a.promotedDType(with: b)
    if dtype.isFloatingPoint {
      return try KernelParameters(alpha.double).pass { (parameters) throws(TensorError) in
        try Binary.apply(TRI_BINARY_ADD_SCALED, a, b, operation, parameters: parameters)
      }
    }
    guard case .integer(let factor) = alpha, dtype != .bool else {
      throw TensorError(
        .dtypeMismatch, operation, dtypes: [a.dtype, b.dtype],
        dtype == .bool
          ? "alpha has no meaning for bool; convert with to(_:) first"
          : "alpha must be a whole number where the result is \(dtype)")
    }
    // The kernel's factor is a Double, which does not hold every Int.
    let product = try Binary.apply(
      TRI_BINARY_MUL, b.cast(to: dtype, operation), .integer(factor), operation)
    return try Binary.apply(TRI_BINARY_ADD, a.cast(to: dtype, operation), product, operation)
  }
}

final class ScaledSumBackward: Node, @unchecked Sendable {
  private let alpha: Scalar
  private let title: StaticString

  init(_ a: Tensor, _ b: Tensor, _ alpha: Scalar, name: StaticString) {
    self.alpha = alpha
    title = name
    super.init(a, b)
  }

  override var name: String { "\(title)" }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try fitted(gradient, toInput: 0) }
    if sink.wants(1) {
      sink[1] = try fitted(beforeSum(gradient, toInput: 1).mul(alpha), toInput: 1)
    }
  }
}
