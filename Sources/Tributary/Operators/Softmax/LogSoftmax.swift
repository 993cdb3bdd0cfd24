import CTributaryKernels

extension Tensor {
  /// (x − max) − log Σ exp(x − max) along `dim`. Integers are taken as float32.
  public func logSoftmax(dim: Int) throws(TensorError) -> Tensor {
    let axis = try shape.index(ofDim: dim, "logSoftmax")
    let x = try cast(to: dtype.floating.computing, "logSoftmax")
    let rows = try RowMap.apply([x], dim: axis, "logSoftmax") { inputs, n, first, end, out in
      tri_log_softmax_rows(kernels, x.dtype.kernel, inputs[0], n, first, end, out)
    }
    let out = try rows.cast(to: dtype.floating, "logSoftmax")
    if AutogradMode.records(self) {
      out.record(LogSoftmaxBackward(self, result: out, dim: axis), cost: .function)
    }
    return out
  }

  /// `self − exp(y) · Σ self` along `dim`: the gradient through y = logSoftmax(x), in one kernel.
  func logSoftmaxBackward(_ y: Tensor, dim: Int) throws(TensorError) -> Tensor {
    let operation: StaticString = "log_softmax_backward"
    let (wide, g) = (try y.castToComputing(operation), try castToComputing(operation))
    let rows = try RowMap.apply([wide, g], dim: dim, operation) {
      inputs, n, first, end, out in
      tri_log_softmax_backward_rows(
        kernels, wide.dtype.kernel, inputs[0], inputs[1], n, first, end, out)
    }
    let out = try rows.cast(to: y.dtype, operation)
    if AutogradMode.records(self, y) {
      out.record(LogSoftmaxBackwardDataBackward(self, result: y, dim: dim), cost: .function)
    }
    return out
  }
}

final class LogSoftmaxBackward: RowResultNode, @unchecked Sendable {
  override var isOneKernel: Bool { true }

  override func gradient(_ g: Tensor, _ y: Tensor) throws(TensorError) -> Tensor {
    try g.logSoftmaxBackward(y, dim: dim)
  }
}

/// Of r = g − exp(y)·Σ g: by g, v − Σ v·exp(y); by y, −v·exp(y)·Σ g.
final class LogSoftmaxBackwardDataBackward: RowGradientNode, @unchecked Sendable {
  override func byGradient(_ gradient: Tensor, _ y: Tensor) throws(TensorError) -> Tensor {
    try gradient - (gradient * y.exp()).sum(dim: dim, keepDim: true)
  }

  override func byInput(
    _ gradient: Tensor, _ g: Tensor, _ y: Tensor
  ) throws(TensorError) -> Tensor {
    try -(gradient * y.exp() * g.sum(dim: dim, keepDim: true))
  }
}
