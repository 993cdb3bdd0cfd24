import CTributaryKernels

extension Tensor {
  /// exp(x − max) / Σ exp(x − max) along `dim`: positive, summing to one. Integers are taken as float32.
  public func softmax(dim: Int) throws(TensorError) -> Tensor {
    let axis = try shape.index(ofDim: dim, "softmax")
    let x = try cast(to: dtype.floating.computing, "softmax")
    let rows = try RowMap.apply([x], dim: axis, "softmax") { inputs, n, first, end, out in
      tri_softmax_rows(kernels, x.dtype.kernel, inputs[0], n, first, end, out)
    }
    let out = try rows.cast(to: dtype.floating, "softmax")
    if AutogradMode.records(self) {
      out.record(SoftmaxBackward(self, result: out, dim: axis), cost: .function)
    }
    return out
  }

  /// `(self − Σ self·y) · y` along `dim`: the gradient through y = softmax(x), in one kernel.
  func softmaxBackward(_ y: Tensor, dim: Int) throws(TensorError) -> Tensor {
    let operation: StaticString = "softmax_backward"
    let (wide, g) = (try y.castToComputing(operation), try castToComputing(operation))
    let rows = try RowMap.apply([wide, g], dim: dim, operation) {
      inputs, n, first, end, out in
      tri_softmax_backward_rows(
        kernels, wide.dtype.kernel, inputs[0], inputs[1], n, first, end, out)
    }
    let out = try rows.cast(to: y.dtype, operation)
    if AutogradMode.records(self, y) {
      out.record(SoftmaxBackwardDataBackward(self, result: y, dim: dim), cost: .function)
    }
    return out
  }
}

final class SoftmaxBackward: RowResultNode, @unchecked Sendable {
  override var isOneKernel: Bool { true }

  override func gradient(_ g: Tensor, _ y: Tensor) throws(TensorError) -> Tensor {
    try g.softmaxBackward(y, dim: dim)
  }
}

/// Of r = (g − Σ g·y)·y: by g, (v − Σ v·y)·y again; by y, v·(g − Σ g·y) − g·Σ v·y.
final class SoftmaxBackwardDataBackward: RowGradientNode, @unchecked Sendable {
  override func byGradient(_ gradient: Tensor, _ y: Tensor) throws(TensorError) -> Tensor {
    try gradient.softmaxBackward(y, dim: dim)
  }

  override func byInput(
    _ gradient: Tensor, _ g: Tensor, _ y: Tensor
  ) throws(TensorError) -> Tensor {
    let inner = try g - (g * y).sum(dim: dim, keepDim: true)
    let outer = try g * (gradient * y).sum(dim: dim, keepDim: true)
    return try gradient * inner - outer
  }
}
