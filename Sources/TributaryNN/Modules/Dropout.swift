import Tributary

/// Leaves out elements with probability `p` while training, and scales the others up: see `Tensor.dropout(_:)`.
///
/// Change its mode between steps, not while another thread applies the module.
public struct Dropout: Module {
  /// The probability of an element to be left out.
  public let p: Double
  private let mode = TrainingMode()

  /// - Throws: unless 0 ≤ `p` ≤ 1.
  public init(_ p: Double = 0.5) throws(TensorError) {
    guard p >= 0, p <= 1 else {
      throw TensorError(
        .invalidArgument, operation: "Dropout", "\(p) is no probability; it lies in 0 … 1")
    }
    self.p = p
  }

  /// None.
  public var parameters: [Tensor] { [] }

  /// Whether elements are left out; true at first.
  public var isTraining: Bool { mode.isTraining }

  /// Begins to leave out elements, or stops.
  public func train(_ mode: Bool) { self.mode.set(mode) }

  /// Of the input's shape; draws from the current generator while training.
  public func callAsFunction(_ input: Tensor) throws(TensorError) -> Tensor {
    try input.dropout(p, training: isTraining)
  }
}
