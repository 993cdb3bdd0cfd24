import CTributaryKernels

/// The element types of the matrix product, with what a test needs to know of them.
protocol GemmElement: BinaryFloatingPoint, Sendable {
  associatedtype Bits: Equatable
  static var kernelType: tri_dtype { get }
  static var affine: tri_gemm_apply { get }
  var exactBits: Bits { get }
}

extension Float: GemmElement {
  static var kernelType: tri_dtype { TRI_F32 }
  static var affine: tri_gemm_apply {
    { row, count in
      let elements = row.assumingMemoryBound(to: Float.self)
      for index in 0..<Int(count) { elements[index] = elements[index] * 3 + 1 }
    }
  }
  var exactBits: UInt32 { bitPattern }
}

extension Double: GemmElement {
  static var kernelType: tri_dtype { TRI_F64 }
  static var affine: tri_gemm_apply {
    { row, count in
      let elements = row.assumingMemoryBound(to: Double.self)
      for index in 0..<Int(count) { elements[index] = elements[index] * 3 + 1 }
    }
  }
  var exactBits: UInt64 { bitPattern }
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
