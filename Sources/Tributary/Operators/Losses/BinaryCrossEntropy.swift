import CTributaryKernels

/// max(z, 0) − z·y + log(1 + exp(−|z|)), gathered: the cross-entropy of labels y in [0, 1] with the
/// probabilities sigmoid(z), in the form that does not overflow.
///
/// `logits` and `target` have one shape and one floating dtype.
public func binaryCrossEntropyWithLogits(
  _ logits: Tensor, _ target: Tensor, reduction: LossReduction = .mean
) throws(TensorError) -> Tensor {
  guard logits.shape == target.shape else {
    throw TensorError(
      .shapeMismatch, "binaryCrossEntropyWithLogits", shapes: [logits.shape, target.shape],
      "logits and target must have one shape")
  }
  guard logits.dtype == target.dtype, logits.dtype.isFloatingPoint else {
    throw TensorError(
      .dtypeMismatch, "binaryCrossEntropyWithLogits", dtypes: [logits.dtype, target.dtype],
      "logits and target must have one floating dtype")
  }
  if logits.dtype.isHalf {
    return try logits.widened(with: target) { (logits, target) throws(TensorError) in
      try binaryCrossEntropyWithLogits(logits, target, reduction: reduction)
    }
  }
  // Gathered outside the graph: the loss is one node, as in PyTorch.
  let (out, count) = try reduction.gather(
    TRI_BINARY_BCE_WITH_LOGITS, logits, target, "binaryCrossEntropyWithLogits", cost: .function)
  if AutogradMode.records(logits, target) {
    out.record(
      BinaryCrossEntropyWithLogitsBackward(
        logits, target, count: reduction == .mean ? count : 1), nanoseconds: Float(count))
  }
  return out
}

/// By z, g·(sigmoid(z) − y); by y, −g·z; each divided by the count of a mean.
final class BinaryCrossEntropyWithLogitsBackward: Node, @unchecked Sendable {
  private let count: Int

  @inline(__always)
  init(_ logits: Tensor, _ target: Tensor, count: Int) {
    self.count = count
    super.init(logits, target)
    save(logits)
    save(target)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    let (z, y) = (try saved(0), try saved(1))
    if sink.wants(0) { sink[0] = try gradient.bceWithLogitsBackward(z, y, count: count) }
    if sink.wants(1) {
      let g = count == 1 ? gradient : try gradient.div(Double(count))
      sink[1] = try fitted((g * z).neg(), toInput: 1)
    }
  }
}

extension Tensor {
  /// self / count · (sigmoid(z) − y), where this gradient may be one number for all, in one kernel.
  func bceWithLogitsBackward(
    _ z: Tensor, _ y: Tensor, count: Int
  ) throws(TensorError) -> Tensor {
    guard let map = tri_ternary(kernels, TRI_TERNARY_BCE_WITH_LOGITS_BACKWARD, z.dtype.kernel)
    else {
      throw Binary.unsupported(z.dtype, "binaryCrossEntropyWithLogits")
    }
    let out = try Tensor.empty(z.shape, dtype: z.dtype, "binaryCrossEntropyWithLogits")
    try KernelParameters(Double(count)).pass { (parameters) throws(TensorError) in
      ElementwiseMap.run(map, self, z, y, into: out, parameters: parameters, cost: .function)
    }
    if AutogradMode.records(self, z, y) {
      out.record(
        BinaryCrossEntropyWithLogitsBackwardBackward(self, z, y, count: count), cost: .function)
    }
    return out
  }
}

/// Of r = g/n·(s − y) with s = sigmoid(z): by g, (s − y)/n; by z, g/n·s·(1 − s); by y, −g/n.
final class BinaryCrossEntropyWithLogitsBackwardBackward: Node, @unchecked Sendable {
  private let count: Int

  init(_ g: Tensor, _ z: Tensor, _ y: Tensor, count: Int) {
    self.count = count
    super.init(g, z, y)
    save(g)
    save(z)
    save(y)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    let (g, z, y) = (try saved(0), try saved(1), try saved(2))
    let s = try z.sigmoid()
    // All are linear in the result's gradient, which bears the count.
    let r = count == 1 ? gradient : try gradient.div(Double(count))
    if sink.wants(0) { sink[0] = try fitted(r * (s - y), toInput: 0) }
    if sink.wants(1) { sink[1] = try fitted(r * g * s * (1 - s), toInput: 1) }
    if sink.wants(2) { sink[2] = try fitted((r * g).neg(), toInput: 2) }
  }
}
