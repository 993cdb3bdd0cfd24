import CTributaryKernels

extension Tensor {
  /// The sum of all elements, a tensor without dims. Integers and bools are summed in int64.
  ///
  /// Sums take a fixed order (lanes, blocks, a tree; tri_reduce.h): an error is at most that of
  /// 256 + log₂(count) roundings, and their bits do not depend on threads or processor.
  public func sum() throws(TensorError) -> Tensor {
    try sum(.all(rank), keepDim: false, isTotal: true)
  }

  /// The sums over a dim, which is left out of the result, or kept with size 1.
  public func sum(dim: Int, keepDim: Bool = false) throws(TensorError) -> Tensor {
    try sum(DimSet(dim, of: shape, "sum"), keepDim: keepDim)
  }

  /// The sums over several dims; none means all.
  public func sum(dim: [Int], keepDim: Bool = false) throws(TensorError) -> Tensor {
    try sum(DimSet(dim, of: shape, "sum"), keepDim: keepDim)
  }

  package func sum(
    _ dims: DimSet, keepDim: Bool, isTotal: Bool = false
  ) throws(TensorError) -> Tensor {
    let out = try Reduction.apply(TRI_REDUCE_SUM, self, dims, keepDim: keepDim, "sum")
    if AutogradMode.records(self) {
      let name = isTotal ? "SumBackward0" : "SumBackward1"
      out.record(SumBackward(self, dims, keepDim: keepDim, name), nanoseconds: 40)
    }
    return out
  }

  /// Sums the dims that broadcasting to this shape has added or repeated.
  package func sum(toShape target: Shape) throws(TensorError) -> Tensor {
    guard target.broadcasts(to: shape) else {
      throw TensorError(
        .shapeMismatch, "sum", shapes: [shape, target], "the second does not broadcast to the first"
      )
    }
    let lead = rank - target.rank
    var dims = DimSet(bits: 0)
    for dim in 0..<rank where dim < lead || target[dim - lead] == 1 && shape[dim] != 1 {
      dims.bits |= 1 << UInt32(dim)
    }
    return try sum(dims, keepDim: true).reshape(target)
  }
}

final class SumBackward: ReductionNode, @unchecked Sendable {
  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try expanded(gradient) }
  }
}
