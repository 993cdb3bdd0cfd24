import CTributaryKernels

/// The type of a tensor's elements.
///
/// `bool` takes one byte, 0 or 1. Arithmetic between dtypes follows PyTorch's promotion rules; see
/// ``promoted(with:)``.
///
/// `float16` (IEEE 754's half) and `bfloat16` (the upper half of a float32) are for storage: an operator computes in
/// float32 with what they hold, sums included, and rounds its result once, to nearest, half to even. They have
/// gradients, of their own dtype.
public enum DType: UInt8, Sendable, Hashable, CaseIterable, CustomStringConvertible {
  case float32, float64, int64, int32, uint8, bool, float16, bfloat16

  /// Bytes an element takes.
  @inline(__always)
  public var itemSize: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32: 4
    case .float16, .bfloat16: 2
    case .uint8, .bool: 1
    }
  }

  /// Whether it is float32, float64, float16 or bfloat16, the dtypes that have gradients.
  @inline(__always)
  public var isFloatingPoint: Bool { self == .float32 || self == .float64 || isHalf }

  /// Whether it is float16 or bfloat16.
  @inline(__always)
  package var isHalf: Bool { rawValue >= DType.float16.rawValue }

  /// The dtype in which operators compute with elements of this one.
  @inline(__always)
  package var computing: DType { isHalf ? .float32 : self }

  /// PyTorch's name: `float32`, `int64`, ….
  public var description: String {
    switch self {
    case .float32: "float32"
    case .float64: "float64"
    case .int64: "int64"
    case .int32: "int32"
    case .uint8: "uint8"
    case .bool: "bool"
    case .float16: "float16"
    case .bfloat16: "bfloat16"
    }
  }

  /// The same dtype in the kernels' table, whose order is this one.
  @inline(__always) package var kernel: tri_dtype { tri_dtype(UInt32(rawValue)) }
}

extension DType {
  /// Where a dtype stands among the kinds that promotion compares: bool, integer, floating point.
  private var kindRank: Int {
    switch self {
    case .bool: 0
    case .uint8, .int32, .int64: 1
    case .float32, .float64, .float16, .bfloat16: 2
    }
  }

  /// The dtype of an operation on two tensors of at least one dim each: the wider of the higher kind. float16 and
  /// bfloat16, of which neither holds the other's numbers, meet in float32.
  public func promoted(with other: DType) -> DType {
    if self == other { return self }
    if kindRank != other.kindRank { return kindRank > other.kindRank ? self : other }
    switch (self, other) {
    case (.float64, _), (_, .float64): return .float64
    case (.float32, _), (_, .float32), (.float16, .bfloat16), (.bfloat16, .float16): return .float32
    case (.int64, _), (_, .int64): return .int64
    default: return .int32  // int32 with uint8
    }
  }

  /// Promotion with PyTorch's priorities: a zero-dim tensor changes the dtype only where its kind is higher.
  package func promoted(isScalar: Bool, with other: DType, otherIsScalar: Bool) -> DType {
    if isScalar == otherIsScalar { return promoted(with: other) }
    let (strong, weak) = isScalar ? (other, self) : (self, other)
    return weak.kindRank > strong.kindRank ? weak : strong
  }

  /// The dtype of an operation between a tensor of this dtype and a Swift `Double`.
  package var promotedWithDouble: DType { isFloatingPoint ? self : .float32 }

  /// The dtype of an operation between a tensor of this dtype and a Swift `Int`.
  package var promotedWithInt: DType { self == .bool ? .int64 : self }

  /// The dtype in which functions such as `exp` and true division answer.
  package var floating: DType { isFloatingPoint ? self : .float32 }
}

/// A Swift type that is the element of a dtype, and lies in memory as that does.
public protocol TensorElement: Sendable, BitwiseCopyable {
  static var dtype: DType { get }
}

extension TensorElement {
  /// Throws unless this type is as large as an element of its dtype: any type can be declared one.
  package static func checkSize(_ operation: StaticString) throws(TensorError) {
    guard MemoryLayout<Self>.stride == dtype.itemSize, MemoryLayout<Self>.size == dtype.itemSize
    else {
      throw TensorError(
        .dtypeMismatch, operation, dtypes: [dtype],
        "\(Self.self) takes \(MemoryLayout<Self>.stride) bytes, an element of its dtype \(dtype.itemSize)"
      )
    }
  }
}

#if !(os(macOS) && arch(x86_64))
  extension Float16: TensorElement { public static var dtype: DType { .float16 } }
#endif
extension Float: TensorElement { public static var dtype: DType { .float32 } }
extension Double: TensorElement { public static var dtype: DType { .float64 } }
extension Int: TensorElement { public static var dtype: DType { .int64 } }
extension Int64: TensorElement { public static var dtype: DType { .int64 } }
extension Int32: TensorElement { public static var dtype: DType { .int32 } }
extension UInt8: TensorElement { public static var dtype: DType { .uint8 } }
extension Bool: TensorElement { public static var dtype: DType { .bool } }
