import Tributary

/// A running hash of tensors: bits, shapes, strides (FNV-1a, Fowler, Noll and Vo). All NaNs are one value.
package struct Digest: Sendable, Equatable {
  package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  package init() {}

  package mutating func add(_ word: UInt64) {
    var word = word
    for _ in 0..<8 {
      value = (value ^ (word & 0xff)) &* 0x100_0000_01b3
      word >>= 8
    }
  }

  package mutating func add(_ tensor: Tensor?, strides: Bool = true) throws(TensorError) {
    guard let tensor else { return add(.max) }
    add(UInt64(tensor.rank))
    for size in tensor.shape { add(UInt64(bitPattern: Int64(size))) }
    if strides { for step in tensor.strides { add(UInt64(bitPattern: Int64(step))) } }
    for word in try tensor.words() { add(word) }
  }

  package static func of(_ tensors: [Tensor?]) throws(TensorError) -> UInt64 {
    var digest = Digest()
    for tensor in tensors { try digest.add(tensor) }
    return digest.value
  }
}

extension Tensor {
  /// The elements' bits in row-major order, every NaN as one pattern.
  package func words() throws(TensorError) -> [UInt64] {
    switch dtype {
    case .float32: try scalars(as: Float.self).map { $0.isNaN ? 1 << 63 : UInt64($0.bitPattern) }
    // As float32, which tells all halves apart.
    case .float16, .bfloat16:
      try to(.float32).scalars(as: Float.self).map { $0.isNaN ? 1 << 63 : UInt64($0.bitPattern) }
    case .float64: try scalars(as: Double.self).map { $0.isNaN ? .max : $0.bitPattern }
    default: try scalars(as: Int64.self).map { UInt64(bitPattern: $0) }
    }
  }

  /// Whether both have the same dtype, shape and bits.
  package func hasBits(of other: Tensor) throws(TensorError) -> Bool {
    guard dtype == other.dtype, shape == other.shape else { return false }
    return try words() == other.words()
  }
}
