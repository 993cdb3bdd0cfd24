import CTributaryKernels

extension Tensor {
  /// (x − max) − log Σ exp(x − max) along `dim`. Integers are taken as float32.
  public func logSoftmax(dim: Int) throws(TensorError) -> Tensor {
    let axis = try shape.index(ofDim: dim, "logSoftmax")
    let x = try cast(to: dtype.floating, "logSoftmax")
    let out = try RowMap.apply([x], dim: axis, "logSoftmax") { inputs, n, first, end, out in
      tri_log_softmax_rows(kernels, x.dtype.kernel, inputs[0], n, first, end, out)
    }
    if AutogradMode.records(self) {
      out.record(LogSoftmaxBackward(self, result: out, dim: axis), cost: .function)
    }
    return out
  }

  /// `self − exp(y) · Σ self` along `dim`: the gradient through y = logSoftmax(x), in one kernel.
  func logSoftmaxBackward(_ y: Tensor, dim: Int) throws(TensorError) -> Tensor {
    let out = try RowMap.apply([y, self], dim: dim, "log_softmax_backward") {
      inputs, n, first, end, out in
      tri_log_softmax_backward_rows(
        kernels, y.dtype.kernel, inputs[0], inputs[1], n, first, end, out)
    }
    if AutogradMode.records(self, y) {
      out.record(LogSoftmaxBackwardBackward(self, y, dim: dim), cost: .function)
    }
    return out
  }
}

final class LogSoftmaxBackward: Node, @unchecked Sendable {
  private let dim: Int

  init(_ x: Tensor, result: Tensor, dim: Int) {
    self.dim = dim
    super.init(x)
    save(output: result)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try gradient.logSoftmaxBackward(saved(0), dim: dim) }
  }
}

/// Of r = g − exp(y)·Σ g: by g, v − Σ v·exp(y); by y, −v·exp(y)·Σ g.
final class LogSoftmaxBackwardBackward: Node, @unchecked Sendable {
  private let dim: Int

  init(_ g: Tensor, _ y: Tensor, dim: Int) {
    self.dim = dim
    super.init(g, y)
    save(g)
    save(y)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    let g = try saved(0)
    let weighted = try gradient * saved(1).exp()
    if sink.wants(0) { sink[0] = try gradient - weighted.sum(dim: dim, keepDim: true) }
    if sink.wants(1) { sink[1] = try -(weighted * g.sum(dim: dim, keepDim: true)) }
  }
}
