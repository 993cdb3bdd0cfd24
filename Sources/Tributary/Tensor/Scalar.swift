import CTributaryKernels
import TributaryParallel

/// A number beside a tensor, whole or not: the difference decides promotion.
package enum Scalar: Sendable {
  case integer(Int)
  case real(Double)

  package var double: Double {
    switch self {
    case .integer(let value): Double(value)
    case .real(let value): value
    }
  }

  /// The dtype of an operation between a tensor of `dtype` and this number.
  package func promoted(with dtype: DType) -> DType {
    switch self {
    case .integer: dtype.promotedWithInt
    case .real: dtype.promotedWithDouble
    }
  }

  /// The number as an element of `dtype`, in the low bytes: what the kernels' casts make of an int64 or a
  /// float64. Whole numbers wrap, others round (to the nearest, whatever the thread's mode) or saturate (in
  /// uint8 they wrap too).
  @inline(__always)
  package func bits(as dtype: DType) -> UInt64 {
    switch dtype {
    case .float32: UInt64(withStandardFloatingPoint { float }.bitPattern)
    case .float64: double.bitPattern
    case .int64: UInt64(bitPattern: Int64(integer))
    case .int32: UInt64(UInt32(bitPattern: int32))
    case .uint8: UInt64(UInt8(truncatingIfNeeded: integer))
    case .bool: double != 0 ? 1 : 0
    case .float16, .bfloat16: UInt64(half(dtype))
    }
  }

  /// The element of a half dtype that this number becomes, as a number again.
  package func rounded(toHalf dtype: DType) -> Double {
    Double(tri_float_of_half(dtype.kernel, half(dtype)))
  }

  /// Rounded once, from either.
  private func half(_ dtype: DType) -> UInt16 {
    withStandardFloatingPoint {
      switch self {
      case .integer(let value): tri_half_of_integer(dtype.kernel, Int64(value))
      case .real(let value): tri_half_of_double(dtype.kernel, value)
      }
    }
  }

  /// Rounded once: not every Int is a Double.
  private var float: Float {
    switch self {
    case .integer(let value): Float(value)
    case .real(let value): Float(value)
    }
  }

  private var int32: Int32 {
    switch self {
    case .integer(let value): Int32(truncatingIfNeeded: value)
    case .real: Int32(clamping: integer)
    }
  }

  private var integer: Int {
    switch self {
    case .integer(let value): return value
    case .real(let value):
      if value.isNaN { return 0 }
      return Int(exactly: value.rounded(.towardZero)) ?? (value < 0 ? .min : .max)
    }
  }
}
