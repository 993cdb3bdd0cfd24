import Tributary

/// What batch normalisation layers share: scale, shift and running statistics.
final class BatchNormState: Sendable {
  let weight: Tensor
  let bias: Tensor
  let runningMean: Tensor
  let runningVar: Tensor
  let momentum: Double
  let eps: Double
  let mode = TrainingMode()

  init(_ features: Int, eps: Double, momentum: Double, dtype: DType) throws(TensorError) {
    weight = try Tensor.ones([features], dtype: dtype, requiresGrad: true)
    bias = try Tensor.zeros([features], dtype: dtype, requiresGrad: true)
    // In a half a step of momentum · difference is soon less than half of the last digit, and lost.
    runningMean = try Tensor.zeros([features], dtype: dtype.computing)
    runningVar = try Tensor.ones([features], dtype: dtype.computing)
    (self.eps, self.momentum) = (eps, momentum)
  }

  func normalised(
    _ input: Tensor, ranks: ClosedRange<Int>, _ operation: String
  ) throws(TensorError) -> Tensor {
    guard ranks.contains(input.rank) else {
      throw TensorError(
        .shapeMismatch, operation: operation, shapes: [input.shape],
        "takes an input of \(ranks.lowerBound) to \(ranks.upperBound) dims")
    }
    return try batchNorm(
      input, runningMean: runningMean, runningVar: runningVar, weight: weight, bias: bias,
      training: mode.isTraining, momentum: momentum, eps: eps)
  }
}
