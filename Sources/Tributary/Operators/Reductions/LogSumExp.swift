import CTributaryKernels

extension Tensor {
  /// log Σ exp(x) along `dim`, without overflow. Floating point only.
  public func logsumexp(dim: Int, keepDim: Bool = false) throws(TensorError) -> Tensor {
    guard dtype.isFloatingPoint else { throw Binary.unsupported(dtype, "logsumexp") }
    if dtype.isHalf {
      return try widened { (x) throws(TensorError) in try x.logsumexp(dim: dim, keepDim: keepDim) }
    }
    let dims = try DimSet(dim, of: shape, "logsumexp")
    let out = try Tensor.empty(
      dims.reducing(shape, keepDim: keepDim), dtype: dtype, "logsumexp")
    let axis = try shape.index(ofDim: dim, "logsumexp")
    let moved = alias(layout.movingToEnd(axis))
    let rows = moved.isContiguous ? moved : try moved.denseCopy("logsumexp")
    if out.count > 0 {
      let n = count / out.count
      let (input, result, kind) = (rows.pointer, out.pointer, dtype.kernel)
      Reduction.split(
        units: out.count, elementsPerUnit: n, nanosecondsPerElement: RowMap.nanosecondsPerElement
      ) { first, end in
        tri_logsumexp_rows(kernels, kind, input, Int64(n), Int64(first), Int64(end), result)
      }
      withExtendedLifetime(rows) {}
    }
    if AutogradMode.records(self) {
      out.record(
        LogsumexpBackward(self, result: out, dims, keepDim: keepDim), nanoseconds: Float(count))
    }
    return out
  }
}

extension Layout {
  /// The same elements with one dim moved to the end.
  package func movingToEnd(_ dim: Int) -> Layout {
    if shape.rank == 0 { return self }
    var order = Shape()
    for other in 0..<shape.rank where other != dim { order.append(other) }
    order.append(dim)
    return permuted(order)
  }
}

final class LogsumexpBackward: ReductionNode, @unchecked Sendable {
  init(_ x: Tensor, result: Tensor, _ dims: DimSet, keepDim: Bool) {
    super.init(x, dims, keepDim: keepDim, "LogsumexpBackward0")
    save(x)
    save(output: result)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    guard sink.wants(0) else { return }
    sink[0] = try expanded(gradient) * (saved(0) - expanded(saved(1))).exp()
  }
}
