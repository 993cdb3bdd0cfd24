import CTributaryKernels

extension Tensor {
  /// The one element as a number.
  ///
  /// Throws where there is not exactly one.
  public func item() throws(TensorError) -> Double { try onlyScalar("item").double }

  /// The one element as a `T`, converted as by ``to(_:)``.
  public func item<T: TensorElement>(as type: T.Type) throws(TensorError) -> T {
    try T.checkSize("item")
    return try onlyScalar("item").element(as: type)
  }

  private func onlyScalar(_ operation: StaticString) throws(TensorError) -> Scalar {
    guard count == 1 else {
      throw TensorError(
        .shapeMismatch, operation, shapes: [shape],
        "takes a tensor of one element, this has \(count); use scalars(as:) for all of them")
    }
    return scalar(at: pointer)
  }

  /// All elements in row-major order, converted to `T` as by ``to(_:)``. Copies.
  public func scalars<T: TensorElement>(as type: T.Type) throws(TensorError) -> [T] {
    try T.checkSize("scalars")
    let dense = try cast(to: T.dtype, "scalars").denseCopyIfStrided("scalars")
    // The initializer below would write its count into the empty array that all of the process shares.
    if count == 0 { return [] }
    return Array(unsafeUninitializedCapacity: count) { target, filled in
      // SAFETY: `dense` holds `count` elements of T's dtype, which is T bit for bit (a bool is 0 or 1 in all memory
      // that a user can reach), and `target` has room for them.
      if let base = target.baseAddress {
        UnsafeMutableRawPointer(base).copyMemory(
          from: dense.pointer, byteCount: count * T.dtype.itemSize)
      }
      filled = count
    }
  }

  /// The element at an address within this tensor's memory.
  package func scalar(at address: UnsafeMutableRawPointer) -> Scalar {
    // SAFETY: the caller's address is that of an element, aligned and of this dtype; a bool is read as its byte.
    switch dtype {
    case .float32: .real(Double(address.load(as: Float.self)))
    case .float64: .real(address.load(as: Double.self))
    case .int64: .integer(address.load(as: Int.self))
    case .int32: .integer(Int(address.load(as: Int32.self)))
    case .uint8, .bool: .integer(Int(address.load(as: UInt8.self)))
    case .float16, .bfloat16:
      .real(Double(tri_float_of_half(dtype.kernel, address.load(as: UInt16.self))))
    }
  }

  /// These elements densely: this tensor where they lie so, else a copy; not recorded.
  package func denseCopyIfStrided(_ operation: StaticString) throws(TensorError) -> Tensor {
    layout.isContiguous ? self : try denseCopy(operation)
  }

  /// A fresh dense tensor with these elements; not recorded.
  package func denseCopy(_ operation: StaticString) throws(TensorError) -> Tensor {
    let out = try Tensor.empty(shape, dtype: dtype, operation)
    out.copyElements(from: self)
    return out
  }

  /// Overwrites the elements by those of `source`, of the same dtype and a shape that broadcasts to this
  /// one's; not recorded, no version counted. They must not share memory.
  package func copyElements(from source: Tensor) {
    guard layout.isContiguous, source.layout.isContiguous, count == source.count,
      count <= ElementwiseMap.tileElements
    else {
      var nd = StridedOperands(self)
      nd.add(source)
      return nd.copy()
    }
    // SAFETY: both hold `count` dense elements.
    pointer.copyMemory(from: source.pointer, byteCount: count * dtype.itemSize)
  }
}

extension Scalar {
  package func element<T: TensorElement>(as type: T.Type) -> T {
    withUnsafeBytes(of: bits(as: T.dtype)) { raw in
      // SAFETY: the low bytes of the word are an element of T's dtype; little-endian machines only.
      raw.loadUnaligned(as: T.self)
    }
  }
}
