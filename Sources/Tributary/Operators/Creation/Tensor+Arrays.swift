import TributaryMemory

extension Tensor {
  /// A tensor of `shape` from its elements in row-major order, in the dtype of `T` unless another is named.
  ///
  /// Copies. Throws where the number of elements is not the shape's.
  public convenience init<T: TensorElement>(
    scalars: [T], shape: Shape, dtype: DType? = nil, requiresGrad: Bool = false
  ) throws(TensorError) {
    let made = try Tensor.copying(scalars, shape, dtype: dtype ?? T.dtype)
    self.init(buffer: made.buffer, layout: made.layout, dtype: made.dtype)
    if requiresGrad { try requiresGrad_() }
  }

  /// A tensor without dims. Int gives int64, and Double, a literal's type, float32, unless `dtype` is named;
  /// other types give their own dtype. So do the nested arrays.
  public convenience init<T: TensorElement>(
    _ value: T, dtype: DType? = nil, requiresGrad: Bool = false
  ) throws(TensorError) {
    try self.init(
      scalars: [value], shape: [], dtype: dtype ?? T.literalDType, requiresGrad: requiresGrad)
  }

  /// A tensor of one dim.
  public convenience init<T: TensorElement>(
    _ values: [T], dtype: DType? = nil, requiresGrad: Bool = false
  ) throws(TensorError) {
    try self.init(
      scalars: values, shape: [values.count], dtype: dtype ?? T.literalDType,
      requiresGrad: requiresGrad)
  }

  /// A tensor of two dims. Throws where the rows differ in length.
  public convenience init<T: TensorElement>(
    _ values: [[T]], dtype: DType? = nil, requiresGrad: Bool = false
  ) throws(TensorError) {
    let (flat, sizes) = try values.flattened([])
    try self.init(
      scalars: flat, shape: Shape([values.count] + sizes), dtype: dtype ?? T.literalDType,
      requiresGrad: requiresGrad)
  }

  /// A tensor of three dims. Throws where arrays of one level differ in length.
  public convenience init<T: TensorElement>(
    _ values: [[[T]]], dtype: DType? = nil, requiresGrad: Bool = false
  ) throws(TensorError) {
    let (rows, outer) = try values.flattened([])
    let (flat, sizes) = try rows.flattened(outer)
    try self.init(
      scalars: flat, shape: Shape([values.count] + sizes), dtype: dtype ?? T.literalDType,
      requiresGrad: requiresGrad)
  }

  /// A tensor of four dims. Throws where arrays of one level differ in length.
  public convenience init<T: TensorElement>(
    _ values: [[[[T]]]], dtype: DType? = nil, requiresGrad: Bool = false
  ) throws(TensorError) {
    let (planes, outer) = try values.flattened([])
    let (rows, middle) = try planes.flattened(outer)
    let (flat, sizes) = try rows.flattened(middle)
    try self.init(
      scalars: flat, shape: Shape([values.count] + sizes), dtype: dtype ?? T.literalDType,
      requiresGrad: requiresGrad)
  }

  private static func copying<T: TensorElement>(
    _ scalars: [T], _ shape: Shape, dtype: DType
  ) throws(TensorError) -> Tensor {
    try T.checkSize("Tensor")
    let out = try Tensor.empty(shape, dtype: T.dtype, "Tensor")
    guard out.count == scalars.count else {
      throw TensorError(
        .shapeMismatch, "Tensor", shapes: [shape],
        "\(scalars.count) elements given for a shape that holds \(out.count)")
    }
    scalars.withUnsafeBytes { bytes in
      // SAFETY: the buffer was made for this many elements of this size.
      if let source = bytes.baseAddress {
        out.pointer.copyMemory(from: source, byteCount: bytes.count)
      }
    }
    return try out.cast(to: dtype, "Tensor")
  }
}

extension TensorElement {
  /// The dtype of a tensor written with literals of this type.
  fileprivate static var literalDType: DType { dtype == .float64 ? .float32 : dtype }
}

extension Array {
  /// The elements of the inner arrays, which must all be of one length, and `outer` with that length.
  fileprivate func flattened<T>(
    _ outer: [Int]
  ) throws(TensorError) -> (elements: [T], sizes: [Int]) where Element == [T] {
    let length = first?.count ?? 0
    for (index, inner) in enumerated() where inner.count != length {
      throw TensorError(
        .invalidShape, "Tensor",
        "the arrays of one level must be of one length: the first has \(length) elements, "
          + "number \(index) has \(inner.count)")
    }
    return (Array<T>(joined()), outer + [length])
  }
}
