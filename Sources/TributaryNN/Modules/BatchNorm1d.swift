import Tributary

/// Batch normalisation of [n, features] or [n, features, length]: each feature to mean 0 and variance 1, then scaled by
/// `weight`, which begins as 1, and shifted by `bias`, which begins as 0.
///
/// While it trains, by the batch's own mean and variance, which move the running ones; otherwise by the running ones.
/// One module must then not be called from several branches at once, since all would move them.
public struct BatchNorm1d: Module {
  private let state: BatchNormState
  /// Whether the batch's own statistics are used; true at first.
  public var isTraining: Bool { state.mode.isTraining }

  /// - Throws: where `features` is negative.
  public init(
    _ features: Int, eps: Double = 1e-5, momentum: Double = 0.1, dtype: DType = .float32
  ) throws(TensorError) {
    state = try BatchNormState(features, eps: eps, momentum: momentum, dtype: dtype)
  }

  /// [features], the scale.
  public var weight: Tensor { state.weight }
  /// [features], the shift.
  public var bias: Tensor { state.bias }
  /// [features]; not a parameter. Float32 for halves.
  public var runningMean: Tensor { state.runningMean }
  /// [features]; not a parameter. Float32 for halves.
  public var runningVar: Tensor { state.runningVar }

  /// The weight, then the bias.
  public var parameters: [Tensor] { [weight, bias] }

  /// Uses the batch's own statistics, or the running ones.
  public func train(_ mode: Bool) { state.mode.set(mode) }

  /// As `batchNorm`; throws what it throws, and where the input has other dims.
  public func callAsFunction(_ input: Tensor) throws(TensorError) -> Tensor {
    try state.normalised(input, ranks: 2...3, "BatchNorm1d")
  }
}
