import CTributaryKernels

extension Tensor {
  /// More than two dims on either side.
  func batchedMatmul(_ other: Tensor, isBmm: Bool) throws(TensorError) -> Tensor {
    if rank == 1 {
      let product = try unsqueeze(0).stackedMatmul(other, isBmm: false)
      var result = product.shape
      result.remove(at: result.rank - 2)
      return product.unsafeView(result)
    }
    if other.rank > 2 { return try stackedMatmul(other, isBmm: isBmm) }
    // A stack of matrices beside one matrix, or a vector, is one tall product, where its rows lie in one run.
    // Counted out: with k = 0 the rows cannot be worked out from the number of elements.
    let rows = shape.dropLast().reduce(1, *)
    var result = shape
    result.remove(at: rank - 1)
    if other.rank == 2 { result.append(other.shape[1]) }
    return try reshape([rows, shape[rank - 1]]).plainMatmul(other).unsafeView(result)
  }

  /// Both of at least two dims; the leading ones broadcast.
  private func stackedMatmul(_ other: Tensor, isBmm: Bool) throws(TensorError) -> Tensor {
    let batch = try Shape.broadcast(shape.leading, other.shape.leading, "matmul")
    let (m, k, n) = (shape[rank - 2], shape[rank - 1], other.shape[other.rank - 1])
    var result = batch
    result.append(m)
    result.append(n)
    let out = try Tensor.empty(result, dtype: dtype, "matmul")
    guard out.count > 0 else { return recorded(out, other, m, n, k, batches: 0, isBmm: isBmm) }
    let strideA = batchStrides(in: batch)
    let strideB = other.batchStrides(in: batch)
    let size = dtype.itemSize
    let batches = out.count / (m * n)
    // SAFETY: offsets stay within what the strides reach over the broadcast batch dims.
    nonisolated(unsafe) let problem = MatrixProduct.problem(
      dtype, .init(self), .init(other), c: out.pointer)
    try MatrixProduct.runBatch(problem, count: batches, "matmul") { index, one in
      let (a, b) = batch.offsets(of: index, strideA, strideB)
      one.a = problem.a.map { $0 + a * size }
      one.b = problem.b.map { $0 + b * size }
      one.c = problem.c.map { $0 + index * m * n * size }
    }
    return recorded(out, other, m, n, k, batches: batches, isBmm: isBmm)
  }

  private func recorded(
    _ out: Tensor, _ other: Tensor, _ m: Int, _ n: Int, _ k: Int, batches: Int, isBmm: Bool
  ) -> Tensor {
    if AutogradMode.records(self, other) {
      out.record(
        MatmulBackward(self, other, isBmm: isBmm),
        nanoseconds: Float(2 * MatrixProduct.nanoseconds(m, n, k) * Double(batches)))
    }
    return out
  }

  private func batchStrides(in batch: Shape) -> Shape {
    let lead = layout.shape.leading
    var strides = Shape()
    for dim in 0..<lead.rank { strides.append(layout.strides[dim]) }
    return Layout(shape: lead, strides: strides, offset: 0).broadcastStrides(to: batch)
  }
}

extension Shape {
  /// All dims but the last two.
  fileprivate var leading: Shape {
    var result = self
    result.remove(at: rank - 1)
    result.remove(at: rank - 2)
    return result
  }

  /// Where element `index` (row-major over this shape) lies by two sets of strides.
  fileprivate func offsets(of index: Int, _ a: Shape, _ b: Shape) -> (Int, Int) {
    var (rest, offsetA, offsetB) = (index, 0, 0)
    for dim in stride(from: rank - 1, through: 0, by: -1) {
      let place = rest % self[dim]
      rest /= self[dim]
      offsetA += place * a[dim]
      offsetB += place * b[dim]
    }
    return (offsetA, offsetB)
  }
}
