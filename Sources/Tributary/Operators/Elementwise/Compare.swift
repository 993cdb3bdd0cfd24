import CTributaryKernels
import Glibc

extension Tensor {
  /// Whether elements are equal, as bool; a NaN equals nothing.
  ///
  /// As for all comparisons: operands broadcast, or it throws, and are promoted; nothing is recorded.
  public func eq(_ other: Tensor) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_EQ, other, "eq")
  }
  /// Whether elements differ, as bool; a NaN differs from all. See ``eq(_:)-(Tensor)``.
  public func ne(_ other: Tensor) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_NE, other, "ne")
  }
  /// Whether elements are less than the other's, as bool; false beside a NaN. See ``eq(_:)-(Tensor)``.
  public func lt(_ other: Tensor) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_LT, other, "lt")
  }
  /// Whether elements are at most the other's, as bool; false beside a NaN. See ``eq(_:)-(Tensor)``.
  public func le(_ other: Tensor) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_LE, other, "le")
  }
  /// Whether elements are greater than the other's, as bool; false beside a NaN. See ``eq(_:)-(Tensor)``.
  public func gt(_ other: Tensor) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_GT, other, "gt")
  }
  /// Whether elements are at least the other's, as bool; false beside a NaN. See ``eq(_:)-(Tensor)``.
  public func ge(_ other: Tensor) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_GE, other, "ge")
  }

  /// Whether each element equals a number, as bool; integers and bools are compared in float32.
  ///
  /// As for all comparisons with a number, it is rounded to the dtype of the elements first.
  public func eq(_ other: Double) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_EQ, .real(other), "eq")
  }
  /// Whether each element differs from a number, as bool; integers and bools are compared in float32.
  public func ne(_ other: Double) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_NE, .real(other), "ne")
  }
  /// Whether each element is less than a number, as bool; integers and bools are compared in float32.
  public func lt(_ other: Double) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_LT, .real(other), "lt")
  }
  /// Whether each element is at most a number, as bool; integers and bools are compared in float32.
  public func le(_ other: Double) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_LE, .real(other), "le")
  }
  /// Whether each element is greater than a number, as bool; integers and bools are compared in float32.
  public func gt(_ other: Double) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_GT, .real(other), "gt")
  }
  /// Whether each element is at least a number, as bool; integers and bools are compared in float32.
  public func ge(_ other: Double) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_GE, .real(other), "ge")
  }

  /// Whether each element equals a whole number taken into this dtype, as bool; bools are compared in int64.
  public func eq(_ other: Int) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_EQ, .integer(other), "eq")
  }
  /// Whether each element differs from a whole number taken into this dtype, as bool; bools are compared in int64.
  public func ne(_ other: Int) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_NE, .integer(other), "ne")
  }
  /// Whether each element is less than a whole number taken into this dtype, as bool; bools are compared in int64.
  public func lt(_ other: Int) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_LT, .integer(other), "lt")
  }
  /// Whether each element is at most a whole number taken into this dtype, as bool; bools are compared in int64.
  public func le(_ other: Int) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_LE, .integer(other), "le")
  }
  /// Whether each element is greater than a whole number taken into this dtype, as bool; bools are compared in int64.
  public func gt(_ other: Int) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_GT, .integer(other), "gt")
  }
  /// Whether each element is at least a whole number taken into this dtype, as bool; bools are compared in int64.
  public func ge(_ other: Int) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_GE, .integer(other), "ge")
  }
}

extension Tensor {
  /// As ``eq(_:)-(Tensor)``. These are the standard library's spellings, as its SIMD types have them.
  public static func .== (a: Tensor, b: Tensor) throws(TensorError) -> Tensor { try a.eq(b) }
  /// As ``ne(_:)-(Tensor)``.
  public static func .!= (a: Tensor, b: Tensor) throws(TensorError) -> Tensor { try a.ne(b) }
  /// As ``lt(_:)-(Tensor)``.
  public static func .< (a: Tensor, b: Tensor) throws(TensorError) -> Tensor { try a.lt(b) }
  /// As ``le(_:)-(Tensor)``.
  public static func .<= (a: Tensor, b: Tensor) throws(TensorError) -> Tensor { try a.le(b) }
  /// As ``gt(_:)-(Tensor)``.
  public static func .> (a: Tensor, b: Tensor) throws(TensorError) -> Tensor { try a.gt(b) }
  /// As ``ge(_:)-(Tensor)``.
  public static func .>= (a: Tensor, b: Tensor) throws(TensorError) -> Tensor { try a.ge(b) }

  /// As ``eq(_:)-(Double)``.
  public static func .== (a: Tensor, b: Double) throws(TensorError) -> Tensor { try a.eq(b) }
  /// As ``ne(_:)-(Double)``.
  public static func .!= (a: Tensor, b: Double) throws(TensorError) -> Tensor { try a.ne(b) }
  /// As ``lt(_:)-(Double)``.
  public static func .< (a: Tensor, b: Double) throws(TensorError) -> Tensor { try a.lt(b) }
  /// As ``le(_:)-(Double)``.
  public static func .<= (a: Tensor, b: Double) throws(TensorError) -> Tensor { try a.le(b) }
  /// As ``gt(_:)-(Double)``.
  public static func .> (a: Tensor, b: Double) throws(TensorError) -> Tensor { try a.gt(b) }
  /// As ``ge(_:)-(Double)``.
  public static func .>= (a: Tensor, b: Double) throws(TensorError) -> Tensor { try a.ge(b) }

  /// As ``eq(_:)-(Int)``.
  public static func .== (a: Tensor, b: Int) throws(TensorError) -> Tensor { try a.eq(b) }
  /// As ``ne(_:)-(Int)``.
  public static func .!= (a: Tensor, b: Int) throws(TensorError) -> Tensor { try a.ne(b) }
  /// As ``lt(_:)-(Int)``.
  public static func .< (a: Tensor, b: Int) throws(TensorError) -> Tensor { try a.lt(b) }
  /// As ``le(_:)-(Int)``.
  public static func .<= (a: Tensor, b: Int) throws(TensorError) -> Tensor { try a.le(b) }
  /// As ``gt(_:)-(Int)``.
  public static func .> (a: Tensor, b: Int) throws(TensorError) -> Tensor { try a.gt(b) }
  /// As ``ge(_:)-(Int)``.
  public static func .>= (a: Tensor, b: Int) throws(TensorError) -> Tensor { try a.ge(b) }
}

extension Tensor {
  package func compared(
    _ op: tri_compare_op, _ other: Tensor, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    let common = promotedDType(with: other)
    let (a, b) = (
      try cast(to: common, operation), try other.cast(to: common, operation)
    )
    guard let map = tri_compare(kernels, op, common.kernel) else {
      throw Binary.unsupported(common, operation)
    }
    let shape = try Shape.broadcast(a.shape, b.shape, operation)
    let out = try Tensor.empty(shape, dtype: .bool, operation)
    ElementwiseMap.run(map, a, b, into: out)
    return out
  }

  package func compared(
    _ op: tri_compare_op, _ scalar: Scalar, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    let x = try cast(to: scalar.promoted(with: dtype), operation)
    guard let map = tri_compare(kernels, op, x.dtype.kernel) else {
      throw Binary.unsupported(x.dtype, operation)
    }
    let out = try Tensor.empty(x.shape, dtype: .bool, operation)
    // An element, as PyTorch takes it: 0.1 equals the half that is nearest to it.
    ElementwiseMap.run(map, x, scalar: scalar, asElement: true, into: out)
    return out
  }

  /// Of a dense bool tensor: whether an element is true.
  package var hasTrue: Bool { memchr(pointer, 1, layout.count) != nil }

  /// Of a dense bool tensor: whether an element is false.
  package var hasFalse: Bool { memchr(pointer, 0, layout.count) != nil }

  /// Whether both tensors have one shape and equal elements. Dtypes are promoted; NaN equals nothing.
  public func equal(_ other: Tensor) throws(TensorError) -> Bool {
    if shape != other.shape { return false }
    return try !compared(TRI_COMPARE_EQ, other, "equal").hasFalse
  }

  /// Which elements agree: equal, or finite with |self − other| ≤ atol + rtol · |other|; as bool.
  ///
  /// Integers are compared exactly, and their tolerance is reckoned in float64.
  public func isclose(
    _ other: Tensor, rtol: Double = 1e-5, atol: Double = 1e-8, equalNaN: Bool = false
  ) throws(TensorError) -> Tensor {
    guard rtol >= 0, atol >= 0 else {
      throw TensorError(
        .invalidArgument, "isclose", "rtol \(rtol) and atol \(atol) must be zero or more")
    }
    return try noGrad { () throws(TensorError) in
      let common = promotedDType(with: other)
      // By itself: float64 does not tell all whole numbers apart.
      var close = try eq(other)
      let wide = common.isFloatingPoint ? common.computing : .float64
      let (a, b) = (try to(wide), try other.to(wide))
      if equalNaN { close = try close.logicalOr(a.isnan().logicalAnd(b.isnan())) }
      var difference = try a.sub(b).abs()
      if !common.isFloatingPoint {
        // Exactly, but where int64 would wrap.
        let exact = try to(.int64).sub(other.to(.int64)).abs().to(.float64)
        difference = try Tensor.where(difference.lt(0x1p62), exact, difference)
      }
      let allowed = try b.abs().mul(rtol).add(atol)
      return try close.logicalOr(difference.isfinite().logicalAnd(difference.le(allowed)))
    }
  }

  /// Whether all elements agree as ``isclose(_:rtol:atol:equalNaN:)`` says. Operands broadcast.
  public func allclose(
    _ other: Tensor, rtol: Double = 1e-5, atol: Double = 1e-8, equalNaN: Bool = false
  ) throws(TensorError) -> Bool {
    try !isclose(other, rtol: rtol, atol: atol, equalNaN: equalNaN).hasFalse
  }
}
