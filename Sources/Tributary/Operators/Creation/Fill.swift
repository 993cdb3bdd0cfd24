import CTributaryKernels

extension Tensor {
  /// Writes `value`, rounded to this tensor's dtype, to every element; not recorded, no version counted.
  package func fillElements(_ value: Scalar) {
    var bits = value.bits(as: dtype)
    withUnsafeMutableBytes(of: &bits) { raw in
      // SAFETY: the eight bytes of a local variable, of which the element's are the low ones.
      let pattern = raw.baseAddress.unsafelyUnwrapped
      guard layout.isContiguous else {
        var nd = StridedOperands(self)
        nd.addNumber(pattern, itemSize: dtype.itemSize)
        return nd.copy()
      }
      let (base, size) = (pointer, dtype.itemSize)
      ElementwiseMap.forEachTile(of: layout.count, cost: .plain) { begin, end in
        // SAFETY: begin ..< end lies within the tensor's dense elements.
        tri_fill(base + begin * size, Int64(end - begin), pattern, Int32(size))
      }
    }
  }

  /// A fresh dense tensor of one repeated value; not recorded.
  package static func filled(
    _ shape: Shape, _ value: Scalar, dtype: DType, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    let out = try Tensor.empty(shape, dtype: dtype, operation)
    out.fillElements(value)
    return out
  }

  /// This fresh tensor as a leaf, where the caller asked for one that requires a gradient.
  @inline(__always)
  package func asLeaf(_ requiresGrad: Bool) throws(TensorError) -> Tensor {
    requiresGrad ? try requiresGrad_() : self
  }
}

extension Tensor {
  /// A fresh dense tensor for the caller to write.
  private static func unwritten(
    _ shape: Shape, dtype: DType, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    let out = try empty(shape, dtype: dtype, operation)
    // Kernels, and Swift's Bool, rely on bytes of 0 and 1; the memory holds any.
    if dtype == .bool { out.fillElements(.integer(0)) }
    return out
  }

  /// A tensor whose elements are whatever the memory holds; of bool, false.
  ///
  /// Throws for a negative size, more dims than ``Shape/maximumRank``, an element count that overflows, no
  /// memory, or `requiresGrad` with a dtype that is not floating point; so do all creation functions.
  public static func empty(
    _ shape: Shape, dtype: DType = .float32, requiresGrad: Bool = false
  ) throws(TensorError) -> Tensor {
    try unwritten(shape, dtype: dtype, "empty").asLeaf(requiresGrad)
  }

  /// A tensor of zeros.
  public static func zeros(
    _ shape: Shape, dtype: DType = .float32, requiresGrad: Bool = false
  ) throws(TensorError) -> Tensor {
    try filled(shape, .integer(0), dtype: dtype, "zeros").asLeaf(requiresGrad)
  }

  /// A tensor of ones.
  public static func ones(
    _ shape: Shape, dtype: DType = .float32, requiresGrad: Bool = false
  ) throws(TensorError) -> Tensor {
    try filled(shape, .integer(1), dtype: dtype, "ones").asLeaf(requiresGrad)
  }

  /// A tensor of `value`, converted to `dtype` as by ``to(_:)``.
  public static func full(
    _ shape: Shape, _ value: Double, dtype: DType = .float32, requiresGrad: Bool = false
  ) throws(TensorError) -> Tensor {
    try filled(shape, .real(value), dtype: dtype, "full").asLeaf(requiresGrad)
  }

  /// A tensor of a whole `value`: int64 unless another dtype is named.
  public static func full(
    _ shape: Shape, _ value: Int, dtype: DType = .int64, requiresGrad: Bool = false
  ) throws(TensorError) -> Tensor {
    try filled(shape, .integer(value), dtype: dtype, "full").asLeaf(requiresGrad)
  }

  /// A bool tensor of `value`.
  public static func full(_ shape: Shape, _ value: Bool) throws(TensorError) -> Tensor {
    try filled(shape, .integer(value ? 1 : 0), dtype: .bool, "full")
  }
}

extension Tensor {
  /// An unwritten tensor (of bool: false) of the shape and, unless another is named, the dtype of `other`. Always
  /// dense.
  public static func emptyLike(
    _ other: Tensor, dtype: DType? = nil, requiresGrad: Bool = false
  ) throws(TensorError) -> Tensor {
    try unwritten(other.shape, dtype: dtype ?? other.dtype, "emptyLike").asLeaf(requiresGrad)
  }

  /// Zeros in the shape and dtype of `other`.
  public static func zerosLike(
    _ other: Tensor, dtype: DType? = nil, requiresGrad: Bool = false
  ) throws(TensorError) -> Tensor {
    try filled(other.shape, .integer(0), dtype: dtype ?? other.dtype, "zerosLike")
      .asLeaf(requiresGrad)
  }

  /// Ones in the shape and dtype of `other`.
  public static func onesLike(
    _ other: Tensor, dtype: DType? = nil, requiresGrad: Bool = false
  ) throws(TensorError) -> Tensor {
    try filled(other.shape, .integer(1), dtype: dtype ?? other.dtype, "onesLike")
      .asLeaf(requiresGrad)
  }

  /// `value` in the shape and dtype of `other`.
  public static func fullLike(
    _ other: Tensor, _ value: Double, dtype: DType? = nil, requiresGrad: Bool = false
  ) throws(TensorError) -> Tensor {
    try filled(other.shape, .real(value), dtype: dtype ?? other.dtype, "fullLike")
      .asLeaf(requiresGrad)
  }

  /// A whole `value` in the shape and dtype of `other`.
  public static func fullLike(
    _ other: Tensor, _ value: Int, dtype: DType? = nil, requiresGrad: Bool = false
  ) throws(TensorError) -> Tensor {
    try filled(other.shape, .integer(value), dtype: dtype ?? other.dtype, "fullLike")
      .asLeaf(requiresGrad)
  }
}
