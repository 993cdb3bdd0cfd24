import Tributary

/// Changes parameters by their gradients.
public protocol Optimizer: AnyObject {
  /// The leaves that it changes.
  var parameters: [Tensor] { get }

  /// One step along the gradients that backward passes have left; parameters without one stay.
  func step() throws(TensorError)
}

extension Optimizer {
  /// Clears the gradients, so that the next pass begins anew.
  public func zeroGrad() throws(TensorError) {
    for parameter in parameters { try parameter.setGrad(nil) }
  }
}
