/// How a loss is gathered over its elements, or over the rows of a batch.
public enum LossReduction: Sendable {
  case none, mean, sum

  /// The gathered form of a loss given element by element.
  func gather(_ losses: Tensor) throws(TensorError) -> Tensor {
    switch self {
    case .none: losses
    case .mean: try losses.mean()
    case .sum: try losses.sum()
    }
  }
}
