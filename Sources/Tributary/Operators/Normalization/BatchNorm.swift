import CTributaryKernels
import TributaryParallel

/// Normalises each channel to mean 0 and variance 1, then scales and shifts it (Ioffe and Szegedy 2015).
///
/// y = (x − mean) / √(variance + eps) · weight + bias, mean and (biased) variance being those of the channel over batch
/// and space while training, and the running ones otherwise.
///
/// - Parameters:
///   - input: [n, channels, …], floating point
///   - runningMean, runningVar: [channels] of the same dtype, or beside halves of float32, in which small steps are not
///     rounded away. Where `training`, they are moved by `momentum` towards the batch's mean and unbiased variance, in
///     place; needed where not
///   - weight, bias: [channels], of the same dtype, or beside halves of float32; or nil for 1 and 0
/// - Throws: `shapeMismatch`, `dtypeMismatch`, or `invalidArgument` where running statistics are needed and missing, or
///   where there is but one value a channel to train with.
///
/// Reads the input three times and writes the result once, channel by channel. Sums have the order of a row's
/// (tri_batch_norm.h); the variance is that of the differences from the mean.
public func batchNorm(
  _ input: Tensor, runningMean: Tensor?, runningVar: Tensor?, weight: Tensor? = nil,
  bias: Tensor? = nil, training: Bool = false, momentum: Double = 0.1, eps: Double = 1e-5
) throws(TensorError) -> Tensor {
  let channels = try checkedChannels(input, [runningMean, runningVar, weight, bias])
  let values = channels == 0 ? 0 : input.count / channels
  if training, values == 1 {
    throw TensorError(
      .invalidArgument, "batchNorm", shapes: [input.shape],
      "training needs more than one value for each channel; use a larger batch")
  }
  if input.dtype.isHalf {
    return try widenedBatchNorm(
      input, runningMean, runningVar, weight, bias, training, momentum, eps)
  }
  let x = try input.denseCopyIfStrided("batchNorm")
  let out = try Tensor.empty(input.shape, dtype: input.dtype, "batchNorm")
  let statistics = try BatchStatistics(channels, input.dtype)
  if !training {
    guard let runningMean, let runningVar else {
      throw TensorError(
        .invalidArgument, "batchNorm", "without training, runningMean and runningVar are needed")
    }
    statistics.mean.copyElements(from: runningMean)
    statistics.variance.copyElements(from: runningVar)
  }
  if out.count > 0 {
    let (w, b) = (
      try weight?.denseCopyIfStrided("batchNorm"), try bias?.denseCopyIfStrided("batchNorm")
    )
    var problem = tri_batch_norm(x, w, mean: statistics.mean, invstd: statistics.invstd)
    (problem.training, problem.eps) = (training ? 1 : 0, eps)
    problem.variance = statistics.variance.pointer
    problem.bias = b.map { UnsafeRawPointer($0.pointer) }
    problem.y = out.pointer
    try problem.forward()
    withExtendedLifetime((x, w, b, statistics)) {}
    if training { try statistics.move(runningMean, runningVar, by: momentum, values: values) }
  }
  if AutogradMode.records(input) || weight.map({ AutogradMode.records($0) }) == true
    || bias.map({ AutogradMode.records($0) }) == true
  {
    out.record(
      NativeBatchNormBackward(input, weight, bias, statistics, training: training),
      nanoseconds: Float(input.count) * 0.6)
  }
  return out
}

/// In float32; running statistics are rounded where they are kept as halves.
private func widenedBatchNorm(
  _ input: Tensor, _ runningMean: Tensor?, _ runningVar: Tensor?, _ weight: Tensor?,
  _ bias: Tensor?, _ training: Bool, _ momentum: Double, _ eps: Double
) throws(TensorError) -> Tensor {
  let (mean, variance) = (
    try runningMean?.castToComputing("batchNorm"), try runningVar?.castToComputing("batchNorm")
  )
  let out = try batchNorm(
    input.toComputing(), runningMean: mean, runningVar: variance, weight: weight?.toComputing(),
    bias: bias?.toComputing(), training: training, momentum: momentum, eps: eps)
  if training {
    try noGrad { () throws(TensorError) in
      for case let (kept?, moved?) in [(runningMean, mean), (runningVar, variance)]
      where kept !== moved {
        _ = try kept.copy_(moved)
      }
    }
  }
  return try out.to(input.dtype)
}

/// The number of channels, once everything fits.
private func checkedChannels(
  _ input: Tensor, _ others: [Tensor?]
) throws(TensorError) -> Int {
  guard input.rank >= 2 else {
    throw TensorError(
      .shapeMismatch, "batchNorm", shapes: [input.shape], "takes an input [n, channels, …]")
  }
  guard input.dtype.isFloatingPoint else { throw Binary.unsupported(input.dtype, "batchNorm") }
  for other in others {
    guard let other else { continue }
    guard other.rank == 1, other.shape[0] == input.shape[1] else {
      throw TensorError(
        .shapeMismatch, "batchNorm", shapes: [input.shape, other.shape],
        "weight, bias and running statistics must have one element for each of the \(input.shape[1]) channels"
      )
    }
    guard other.dtype == input.dtype || other.dtype == input.dtype.computing else {
      throw TensorError(
        .dtypeMismatch, "batchNorm", dtypes: [input.dtype, other.dtype],
        "weight, bias and running statistics must have the input's dtype, or float32 beside halves; convert with to(_:)"
      )
    }
  }
  return input.shape[1]
}

/// What a batch normalisation normalised by: three numbers a channel.
struct BatchStatistics {
  let mean: Tensor
  let variance: Tensor
  let invstd: Tensor

  init(_ channels: Int, _ dtype: DType) throws(TensorError) {
    mean = try Tensor.empty([channels], dtype: dtype, "batchNorm")
    variance = try Tensor.empty([channels], dtype: dtype, "batchNorm")
    invstd = try Tensor.empty([channels], dtype: dtype, "batchNorm")
  }

  /// Running statistics: (1 − momentum) · old + momentum · new, the variance without bias.
  func move(
    _ runningMean: Tensor?, _ runningVar: Tensor?, by momentum: Double, values: Int
  ) throws(TensorError) {
    try noGrad { () throws(TensorError) in
      if let runningMean { _ = try runningMean.mul_(1 - momentum).add_(mean * momentum) }
      if let runningVar {
        let unbiased = momentum * Double(values) / Double(values - 1)
        _ = try runningVar.mul_(1 - momentum).add_(variance * unbiased)
      }
    }
  }
}

extension tri_batch_norm {
  /// Of dense tensors, which the caller holds.
  init(_ x: Tensor, _ weight: Tensor?, mean: Tensor, invstd: Tensor) {
    self.init(
      dtype: x.dtype.kernel, training: 0, batch: Int64(x.shape[0]), channels: Int64(x.shape[1]),
      size: Int64(x.shape.dropFirst(2).reduce(1, *)), eps: 0, x: x.pointer,
      weight: weight.map { UnsafeRawPointer($0.pointer) }, bias: nil, mean: mean.pointer,
      variance: nil, invstd: invstd.pointer, y: nil, g: nil, dx: nil, dweight: nil, dbias: nil,
      partials: nil, means: nil)
  }

  func forward() throws(TensorError) {
    guard isSharedByParts else {
      return run(nanosecondsPerElement: 0.4, kernels.pointee.batch_norm.forward)
    }
    try byParts(
      terms: training != 0 ? [TRI_BATCH_NORM_VALUE, TRI_BATCH_NORM_SQUARE] : [], backward: false)
  }

  func backward() throws(TensorError) {
    guard isSharedByParts else {
      return run(nanosecondsPerElement: 0.6, kernels.pointee.batch_norm.backward)
    }
    let sums = training != 0 || dweight != nil || dbias != nil
    try byParts(terms: sums ? [TRI_BATCH_NORM_GRADIENT] : [], backward: true)
  }

  /// Too few channels to be shared as wholes, and enough of each.
  private var isSharedByParts: Bool { channels < 16 && batch * size >= 1 << 15 }

  /// Over the channels.
  private func run(
    nanosecondsPerElement: Double,
    _ kernel: @convention(c) (UnsafePointer<tri_batch_norm>, Int64, Int64) -> Void
  ) {
    // SAFETY: the callers hold the tensors; a range of channels writes elements of its own.
    nonisolated(unsafe) let problem = self
    let each = Double(batch * size) * nanosecondsPerElement
    withUnsafePointer(to: problem) { problem in
      parallelFor(tiles: Int(channels), nanosecondsPerTile: each) { range in
        kernel(problem, Int64(range.lowerBound), Int64(range.upperBound))
      }
    }
  }

  /// Over the blocks of all channels, then over pieces of them.
  private func byParts(
    terms: [tri_batch_norm_term], backward: Bool
  ) throws(TensorError) {
    let table = kernels.pointee.batch_norm
    let blocks = Int(channels * tri_batch_norm_blocks(batch, size))
    let scratch = try Tensor.empty(
      [2 * blocks + 2 * Int(channels)], dtype: .float64, "batchNorm")
    let sums = scratch.pointer.assumingMemoryBound(to: Double.self)
    var copy = self
    (copy.partials, copy.means) = (sums, sums + 2 * blocks)
    // SAFETY: the callers hold the tensors, and `scratch` lies below; each unit writes elements of its own.
    nonisolated(unsafe) let problem = copy
    withUnsafePointer(to: problem) { problem in
      for term in terms {
        Reduction.split(
          units: blocks, elementsPerUnit: Int(channels * batch * size) / blocks,
          nanosecondsPerElement: 0.2
        ) { table.partial(problem, term, Int64($0), Int64($1)) }
        withStandardFloatingPoint { table.join(problem, term) }
      }
      if backward, terms.isEmpty {
        for i in 0..<2 * Int(channels) { (sums + 2 * blocks)[i] = 0 }
      }
      if !backward { withStandardFloatingPoint { table.scale(problem) } }
      if backward, dx == nil { return }
      let pieces = Int(size - 1) / Int(TRI_BATCH_NORM_PIECE) + 1
      Reduction.split(
        units: Int(channels * batch) * pieces, elementsPerUnit: Int(size) / pieces,
        nanosecondsPerElement: 0.3
      ) { table.parts(problem, backward, Int64($0), Int64($1)) }
    }
    withExtendedLifetime(scratch) {}
  }
}
