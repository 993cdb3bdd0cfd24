import CTributaryKernels

extension Tensor {
  /// The mean of all elements: their sum, divided once. Floating point only. Of no elements it is NaN.
  public func mean() throws(TensorError) -> Tensor {
    try mean(.all(rank), keepDim: false, isTotal: true)
  }

  /// The means over a dim, which is left out of the result, or kept with size 1.
  public func mean(dim: Int, keepDim: Bool = false) throws(TensorError) -> Tensor {
    try mean(DimSet(dim, of: shape, "mean"), keepDim: keepDim, isTotal: false)
  }

  /// The means over several dims; none means all.
  public func mean(dim: [Int], keepDim: Bool = false) throws(TensorError) -> Tensor {
    try mean(DimSet(dim, of: shape, "mean"), keepDim: keepDim, isTotal: false)
  }

  private func mean(_ dims: DimSet, keepDim: Bool, isTotal: Bool) throws(TensorError) -> Tensor {
    let out = try Reduction.apply(TRI_REDUCE_MEAN, self, dims, keepDim: keepDim, "mean")
    if AutogradMode.records(self) {
      let name = isTotal ? "MeanBackward0" : "MeanBackward1"
      out.record(MeanBackward(self, dims, keepDim: keepDim, name), nanoseconds: 60)
    }
    return out
  }
}

final class MeanBackward: ReductionNode, @unchecked Sendable {
  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    guard sink.wants(0) else { return }
    let shape = inputShape(0)
    var elements = 1
    for dim in shape.indices where dims.contains(dim) { elements *= shape[dim] }
    // Divided before it is repeated: the smaller tensor.
    sink[0] = try expanded(gradient.div(Double(elements)))
  }
}
