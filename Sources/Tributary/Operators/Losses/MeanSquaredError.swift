import CTributaryKernels

/// (input − target)², gathered; the two broadcast.
public func mseLoss(
  _ input: Tensor, _ target: Tensor, reduction: LossReduction = .mean
) throws(TensorError) -> Tensor {
  let dtype = input.promotedDType(with: target)
  guard dtype.isFloatingPoint else { throw Binary.unsupported(dtype, "mseLoss") }
  if dtype.isHalf {
    return try input.widened(with: target) { (input, target) throws(TensorError) in
      try mseLoss(input, target, reduction: reduction)
    }
  }
  // Gathered outside the graph: the loss is one node, as in PyTorch.
  let (out, count) = try reduction.gather(TRI_BINARY_MSE, input, target, "mseLoss")
  if AutogradMode.records(input, target) {
    let factor = reduction == .mean ? 2 / Double(count) : 2
    out.record(MseLossBackward(input, target, factor: factor), nanoseconds: Float(count) * 0.5)
  }
  return out
}

/// By input, factor·(input − target)·g; by target, its negative.
final class MseLossBackward: Node, @unchecked Sendable {
  private let factor: Double

  init(_ input: Tensor, _ target: Tensor, factor: Double) {
    self.factor = factor
    super.init(input, target)
    save(input)
    save(target)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    let (input, target) = (try saved(0), try saved(1))
    let byInput = try gradient.mseBackward(input, target, factor: factor)
    if sink.wants(0) { sink[0] = try fitted(byInput, toInput: 0) }
    if sink.wants(1) { sink[1] = try fitted(byInput.neg(), toInput: 1) }
  }
}

extension Tensor {
  /// (factor · (a − b)) · self, broadcast, in one kernel.
  func mseBackward(_ a: Tensor, _ b: Tensor, factor: Double) throws(TensorError) -> Tensor {
    let shape = try Shape.broadcast(
      self.shape, Shape.broadcast(a.shape, b.shape, "mseLoss"), "mseLoss")
    let dtype = a.promotedDType(with: b)
    guard let map = tri_ternary(kernels, TRI_TERNARY_MSE_BACKWARD, dtype.kernel) else {
      throw Binary.unsupported(dtype, "mseLoss")
    }
    let (g, x, y) = (
      try cast(to: dtype, "mseLoss"), try a.cast(to: dtype, "mseLoss"),
      try b.cast(to: dtype, "mseLoss")
    )
    let out = try Tensor.empty(shape, dtype: dtype, "mseLoss")
    withUnsafePointer(to: factor) {
      ElementwiseMap.run(map, g, x, y, into: out, parameters: $0)
    }
    if AutogradMode.records(self, a, b) {
      out.record(MseLossBackwardBackward(self, a, b, factor: factor))
    }
    return out
  }
}

/// Of r = factor·(a − b)·g: by g, factor·(a − b); by a, factor·g; by b, −factor·g.
final class MseLossBackwardBackward: Node, @unchecked Sendable {
  private let factor: Double

  init(_ g: Tensor, _ a: Tensor, _ b: Tensor, factor: Double) {
    self.factor = factor
    super.init(g, a, b)
    save(g)
    save(a)
    save(b)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) {
      sink[0] = try fitted(
        gradient.mseBackward(saved(1), saved(2), factor: factor), toInput: 0)
    }
    guard sink.wants(1) || sink.wants(2) else { return }
    let byA = try gradient * saved(0) * factor
    if sink.wants(1) { sink[1] = try fitted(byA, toInput: 1) }
    if sink.wants(2) { sink[2] = try fitted(byA.neg(), toInput: 2) }
  }
}
