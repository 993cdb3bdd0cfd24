import CTributaryKernels

extension Tensor {
  /// The indices, one row each, of the elements that are not zero: int64, `[n, rank]`. Not differentiable.
  public func nonzero() throws(TensorError) -> Tensor {
    let truth = try trueBytes()
    let out = try Tensor.empty([truth.trueCount, rank], dtype: .int64, "nonzero")
    guard rank > 0, out.count > 0 else { return out }
    let row = out.pointer.assumingMemoryBound(to: Int.self)
    let byte = truth.pointer.assumingMemoryBound(to: UInt8.self)
    let width = shape[rank - 1]
    var outer = Shape(repeating: 0, rank: rank)
    var written = 0
    for begin in stride(from: 0, to: count, by: width) {
      for i in 0..<width where byte[begin + i] != 0 {
        // SAFETY: the result has a row of `rank` numbers for each true byte, of which `truth` has `count`.
        for dim in 0..<rank - 1 { row[written + dim] = outer[dim] }
        row[written + rank - 1] = i
        written += rank
      }
      outer.advance(below: rank - 1, in: shape)
    }
    withExtendedLifetime(truth) {}
    return out
  }

  /// Which elements are not zero, as a dense bool tensor.
  private func trueBytes() throws(TensorError) -> Tensor {
    dtype == .bool
      ? try denseCopyIfStrided("nonzero")
      : try compared(TRI_COMPARE_NE, .integer(0), "nonzero").denseCopyIfStrided("nonzero")
  }

  /// Of a dense bool tensor: how many elements are true.
  private var trueCount: Int {
    // SAFETY: `count` bytes, held by this tensor to the end of the sum.
    let bytes = UnsafeRawBufferPointer(start: pointer, count: count)
    defer { withExtendedLifetime(self) {} }
    return bytes.reduce(0) { $0 + ($1 == 0 ? 0 : 1) }
  }
}

extension Shape {
  /// As an index, one step on in row-major order over the first `end` dims of `sizes`.
  fileprivate mutating func advance(below end: Int, in sizes: Shape) {
    var dim = end - 1
    while dim >= 0 {
      self[dim] += 1
      if self[dim] < sizes[dim] { return }
      self[dim] = 0
      dim -= 1
    }
  }
}
