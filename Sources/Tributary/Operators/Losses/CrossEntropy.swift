import CTributaryKernels

/// −log softmax(x)[target], gathered over the rows of a batch: log-softmax and the choice in one kernel.
///
/// - Parameters:
///   - input: logits, [rows, classes] or [classes]
///   - target: class indices, int64, [rows] or without dims
///   - ignoreIndex: rows with this target count for nothing
/// - Throws: a `TensorError` that names the first target out of range.
public func crossEntropy(
  _ input: Tensor, _ target: Tensor, ignoreIndex: Int = -100, reduction: LossReduction = .mean
) throws(TensorError) -> Tensor {
  let kept = try checkedTargets(input, target, ignoreIndex)
  if input.dtype.isHalf {
    return try input.widened { (input) throws(TensorError) in
      try crossEntropy(input, target, ignoreIndex: ignoreIndex, reduction: reduction)
    }
  }
  let x = try (input.rank == 1 ? input.unsqueeze(0) : input).contiguous()
  let y = try target.reshape([-1]).contiguous()
  let (rows, classes) = (x.shape[0], x.shape[1])
  let losses = try Tensor.empty([rows], dtype: x.dtype, "crossEntropy")
  let saved = try Tensor.empty([rows, 2], dtype: x.dtype, "crossEntropy")
  let (from, to, aside) = (x.pointer, losses.pointer, saved.pointer)
  // SAFETY: int64 elements; `checkedTargets` has seen that each is a class or to be ignored.
  nonisolated(unsafe) let targets = UnsafePointer(y.pointer.assumingMemoryBound(to: Int64.self))
  Reduction.split(
    units: rows, elementsPerUnit: classes, nanosecondsPerElement: RowMap.nanosecondsPerElement
  ) { first, end in
    tri_cross_entropy_rows(
      kernels, x.dtype.kernel, from, targets, Int64(classes), Int64(ignoreIndex), Int64(first),
      Int64(end), to, aside)
  }
  withExtendedLifetime((x, y, saved)) {}
  let out: Tensor
  switch reduction {
  case .none: out = losses.alias(Layout(dense: target.shape, count: losses.count))
  case .sum: out = try losses.sum()
  case .mean: out = try losses.sum().div(Double(kept))
  }
  if AutogradMode.records(x) {
    out.record(
      NllLossBackward(
        x, y, saved, ignoreIndex: ignoreIndex, count: reduction == .mean ? kept : 1),
      nanoseconds: Float(x.count))
  }
  return out
}

/// Checks shapes, dtypes and every target; returns how many count.
private func checkedTargets(
  _ input: Tensor, _ target: Tensor, _ ignoreIndex: Int
) throws(TensorError) -> Int {
  guard
    input.rank == 1 && target.rank == 0
      || input.rank == 2 && target.rank == 1 && target.shape[0] == input.shape[0]
  else {
    throw TensorError(
      .shapeMismatch, "crossEntropy", shapes: [input.shape, target.shape],
      "takes logits [rows, classes] and targets [rows], or logits [classes] and a target without dims"
    )
  }
  guard input.dtype.isFloatingPoint, target.dtype == .int64 else {
    throw TensorError(
      .dtypeMismatch, "crossEntropy", dtypes: [input.dtype, target.dtype],
      "takes floating-point logits and int64 class indices")
  }
  let classes = input.shape[input.rank - 1]
  let dense = try target.contiguous()
  // SAFETY: int64, dense, and held to the end of this function.
  let targets = dense.pointer.assumingMemoryBound(to: Int64.self)
  defer { withExtendedLifetime(dense) {} }
  var kept: Int64 = 0
  let bad = tri_targets_check(
    targets, 0, Int64(dense.count), Int64(classes), Int64(ignoreIndex), &kept)
  if bad >= 0 {
    throw TensorError(
      .indexOutOfRange, "crossEntropy", shapes: [input.shape, target.shape],
      "target \(bad) is \(targets[Int(bad)]); classes are 0 to \(classes - 1)")
  }
  return Int(kept)
}

/// By the logits, (softmax(x) − one-hot)·g in one pass.
final class NllLossBackward: Node, @unchecked Sendable {
  private let ignoreIndex: Int
  private let count: Int

  init(_ x: Tensor, _ target: Tensor, _ rows: Tensor, ignoreIndex: Int, count: Int) {
    self.ignoreIndex = ignoreIndex
    self.count = count
    super.init(x)
    save(x)
    save(target)
    save(rows)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    guard sink.wants(0) else { return }
    let (x, target) = (try saved(0), try saved(1))
    let g = count == 1 ? gradient : try gradient.div(Double(count))
    sink[0] = try g.crossEntropyBackward(x, target, saved(2), ignoreIndex: ignoreIndex)
  }
}

extension Tensor {
  /// This gradient, of each row's loss or one for all, through the cross-entropy of `x`.
  func crossEntropyBackward(
    _ x: Tensor, _ target: Tensor, _ rows: Tensor, ignoreIndex: Int
  ) throws(TensorError) -> Tensor {
    let out = try Tensor.empty(x.shape, dtype: x.dtype, "cross_entropy_backward")
    let (from, aside, to, g) = (x.pointer, rows.pointer, out.pointer, pointer)
    let stride = rank == 0 ? 0 : strides[0]
    let classes = x.shape[1]
    // SAFETY: the targets were checked when the loss was computed, and have not changed since.
    nonisolated(unsafe) let targets = UnsafePointer(
      target.pointer.assumingMemoryBound(to: Int64.self))
    Reduction.split(
      units: x.shape[0], elementsPerUnit: classes,
      nanosecondsPerElement: RowMap.nanosecondsPerElement
    ) { first, end in
      tri_cross_entropy_backward_rows(
        kernels, x.dtype.kernel, from, aside, targets, g, Int64(stride), Int64(classes),
        Int64(ignoreIndex), Int64(first), Int64(end), to)
    }
    if AutogradMode.records(self, x) {
      out.record(
        NllLossBackwardBackward(self, x, target, ignoreIndex: ignoreIndex), cost: .function)
    }
    return out
  }
}

/// Of r = (p − one-hot)·g with p = softmax(x): by g, Σ v·(p − one-hot) in each row; by x, the gradient of the
/// softmax for v·g. Ignored rows give nothing.
final class NllLossBackwardBackward: Node, @unchecked Sendable {
  private let ignoreIndex: Int

  init(_ g: Tensor, _ x: Tensor, _ target: Tensor, ignoreIndex: Int) {
    self.ignoreIndex = ignoreIndex
    super.init(g, x)
    save(g)
    save(x)
    save(target)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    let (g, target) = (try saved(0), try saved(2))
    // By choices, not products: an ignored row may hold NaN.
    let kept = try target.ne(ignoreIndex).unsqueeze(1)
    let x = try Tensor.where(kept, saved(1), 0)
    let p = try x.softmax(dim: 1)
    if sink.wants(0) {
      let classes = try Tensor.arange(x.shape[1])
      let oneHot = try target.unsqueeze(1).eq(classes).to(x.dtype)
      let perRow = try Tensor.where(kept, gradient * (p - oneHot), 0).sum(dim: 1)
      sink[0] = g.rank == 0 ? try perRow.sum() : perRow
    }
    if sink.wants(1) {
      let upstream = try gradient * (g.rank == 0 ? g : g.unsqueeze(1))
      sink[1] = try Tensor.where(kept, upstream.softmaxBackward(p, dim: 1), 0)
    }
  }
}
