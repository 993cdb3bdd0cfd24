import CTributaryKernels
import Glibc

extension Tensor {
  /// Whether elements are equal, as bool. Operands broadcast and are promoted; nothing here is recorded.
  public func eq(_ other: Tensor) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_EQ, other, "eq")
  }
  public func ne(_ other: Tensor) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_NE, other, "ne")
  }
  public func lt(_ other: Tensor) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_LT, other, "lt")
  }
  public func le(_ other: Tensor) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_LE, other, "le")
  }
  public func gt(_ other: Tensor) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_GT, other, "gt")
  }
  public func ge(_ other: Tensor) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_GE, other, "ge")
  }

  public func eq(_ other: Double) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_EQ, .real(other), "eq")
  }
  public func ne(_ other: Double) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_NE, .real(other), "ne")
  }
  public func lt(_ other: Double) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_LT, .real(other), "lt")
  }
  public func le(_ other: Double) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_LE, .real(other), "le")
  }
  public func gt(_ other: Double) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_GT, .real(other), "gt")
  }
  public func ge(_ other: Double) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_GE, .real(other), "ge")
  }

  public func eq(_ other: Int) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_EQ, .integer(other), "eq")
  }
  public func ne(_ other: Int) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_NE, .integer(other), "ne")
  }
  public func lt(_ other: Int) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_LT, .integer(other), "lt")
  }
  public func le(_ other: Int) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_LE, .integer(other), "le")
  }
  public func gt(_ other: Int) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_GT, .integer(other), "gt")
  }
  public func ge(_ other: Int) throws(TensorError) -> Tensor {
    try compared(TRI_COMPARE_GE, .integer(other), "ge")
  }
}

extension Tensor {
  /// The standard library's spellings of comparisons by element, as its SIMD types have them.
  public static func .== (a: Tensor, b: Tensor) throws(TensorError) -> Tensor { try a.eq(b) }
  public static func .!= (a: Tensor, b: Tensor) throws(TensorError) -> Tensor { try a.ne(b) }
  public static func .< (a: Tensor, b: Tensor) throws(TensorError) -> Tensor { try a.lt(b) }
  public static func .<= (a: Tensor, b: Tensor) throws(TensorError) -> Tensor { try a.le(b) }
  public static func .> (a: Tensor, b: Tensor) throws(TensorError) -> Tensor { try a.gt(b) }
  public static func .>= (a: Tensor, b: Tensor) throws(TensorError) -> Tensor { try a.ge(b) }

  public static func .== (a: Tensor, b: Double) throws(TensorError) -> Tensor { try a.eq(b) }
  public static func .!= (a: Tensor, b: Double) throws(TensorError) -> Tensor { try a.ne(b) }
  public static func .< (a: Tensor, b: Double) throws(TensorError) -> Tensor { try a.lt(b) }
  public static func .<= (a: Tensor, b: Double) throws(TensorError) -> Tensor { try a.le(b) }
  public static func .> (a: Tensor, b: Double) throws(TensorError) -> Tensor { try a.gt(b) }
  public static func .>= (a: Tensor, b: Double) throws(TensorError) -> Tensor { try a.ge(b) }

  public static func .== (a: Tensor, b: Int) throws(TensorError) -> Tensor { try a.eq(b) }
  public static func .!= (a: Tensor, b: Int) throws(TensorError) -> Tensor { try a.ne(b) }
  public static func .< (a: Tensor, b: Int) throws(TensorError) -> Tensor { try a.lt(b) }
  public static func .<= (a: Tensor, b: Int) throws(TensorError) -> Tensor { try a.le(b) }
  public static func .> (a: Tensor, b: Int) throws(TensorError) -> Tensor { try a.gt(b) }
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
    ElementwiseMap.run(map, x, scalar: scalar, into: out)
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
      let wide = common.isFloatingPoint ? common : .float64
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
