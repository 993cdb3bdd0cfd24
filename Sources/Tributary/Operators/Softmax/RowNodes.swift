/// A ``ResultNode`` of a function of the rows along one dim.
class RowResultNode: ResultNode, @unchecked Sendable {
  let dim: Int

  init(_ x: Tensor, result: Tensor, dim: Int) {
    self.dim = dim
    super.init(x, result: result)
  }
}

/// A ``GradientKernelNode`` of such a function: what the gradient is read off, its `x`, is the result.
class RowGradientNode: GradientKernelNode, @unchecked Sendable {
  let dim: Int

  init(_ g: Tensor, result y: Tensor, dim: Int) {
    self.dim = dim
    super.init(g, y)
  }
}
