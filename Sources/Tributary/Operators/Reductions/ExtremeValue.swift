import CTributaryKernels

extension Tensor {
  /// The greatest elements over dims (none means all). Ties share the gradient evenly; NaN wins.
  public func amax(dim: [Int] = [], keepDim: Bool = false) throws(TensorError) -> Tensor {
    try extremum(TRI_REDUCE_MAX, dim, keepDim: keepDim, "amax", "AmaxBackward0")
  }

  /// The least elements over dims (none means all). Ties share the gradient evenly; NaN wins.
  public func amin(dim: [Int] = [], keepDim: Bool = false) throws(TensorError) -> Tensor {
    try extremum(TRI_REDUCE_MIN, dim, keepDim: keepDim, "amin", "AminBackward0")
  }

  /// The greatest element. Ties share the gradient evenly.
  public func max() throws(TensorError) -> Tensor {
    try extremum(TRI_REDUCE_MAX, [], keepDim: false, "max", "MaxBackward1")
  }

  /// The least element. Ties share the gradient evenly.
  public func min() throws(TensorError) -> Tensor {
    try extremum(TRI_REDUCE_MIN, [], keepDim: false, "min", "MinBackward1")
  }

  private func extremum(
    _ op: tri_reduce_op, _ dims: [Int], keepDim: Bool, _ operation: StaticString, _ name: String
  ) throws(TensorError) -> Tensor {
    let set = try DimSet(dims, of: shape, operation)
    let out = try Reduction.apply(op, self, set, keepDim: keepDim, operation)
    if AutogradMode.records(self) {
      out.record(
        ExtremumBackward(self, out, set, keepDim: keepDim, name), nanoseconds: Float(count))
    }
    return out
  }
}

/// The gradient goes to the elements equal to the result, divided by how many there are.
final class ExtremumBackward: Node, @unchecked Sendable {
  private let dims: DimSet
  private let keepDim: Bool
  private let label: String

  init(_ x: Tensor, _ result: Tensor, _ dims: DimSet, keepDim: Bool, _ label: String) {
    self.dims = dims
    self.keepDim = keepDim
    self.label = label
    super.init(x)
    save(x)
    save(output: result)
  }

  override var name: String { label }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    guard sink.wants(0) else { return }
    let x = try saved(0)
    let result = try saved(1).detach()
    let chosen = try x.detach().eq(expandedOverInput(result, dims, keepDim: keepDim)).to(x.dtype)
    let share = try gradient / chosen.sum(dims, keepDim: keepDim)
    sink[0] = try expandedOverInput(share, dims, keepDim: keepDim) * chosen
  }
}
