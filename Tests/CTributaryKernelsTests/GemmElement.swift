import CTributaryKernels

/// The element types of the matrix product, with what a test needs to know of them.
protocol GemmElement: BinaryFloatingPoint, Sendable {
  associatedtype Bits: Equatable
  static var dtype: tri_dtype { get }
  static var affine: tri_gemm_apply { get }
  var bits: Bits { get }
}

extension Float: GemmElement {
  static var dtype: tri_dtype { TRI_F32 }
  static var affine: tri_gemm_apply {
    { row, count in
      let elements = row.assumingMemoryBound(to: Float.self)
      for index in 0..<Int(count) { elements[index] = elements[index] * 3 + 1 }
    }
  }
  var bits: UInt32 { bitPattern }
}

extension Double: GemmElement {
  static var dtype: tri_dtype { TRI_F64 }
  static var affine: tri_gemm_apply {
    { row, count in
      let elements = row.assumingMemoryBound(to: Double.self)
      for index in 0..<Int(count) { elements[index] = elements[index] * 3 + 1 }
    }
  }
  var bits: UInt64 { bitPattern }
}

/// A small generator with a fixed sequence, so that a failure can be seen again.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// The tables of the paths that this processor runs.
enum KernelPaths {
  static var all: [UnsafePointer<tri_kernels>] {
    [TRI_PORTABLE, TRI_AVX2, TRI_AVX512, TRI_NEON].compactMap { tri_kernels_for($0) }
  }

  /// All but the portable one, whose fused multiply-add is a call, and slow.
  static var vector: [UnsafePointer<tri_kernels>] {
    all.filter { $0.pointee.path != TRI_PORTABLE }
  }
}
