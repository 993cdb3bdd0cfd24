import Tributary

/// Changes parameters by their gradients.
public protocol Optimizer: AnyObject {
  /// The leaves that it changes.
  var parameters: [Tensor] { get }

  /// One step along the gradients that backward passes have left; parameters without one stay.
  ///
  /// Those of this module take one at a time: while one is under way, on another thread or around this call, they throw.
  func step() throws(TensorError)
}

extension Optimizer {
  /// Clears the gradients, so that the next pass begins anew; those of many parameters several at a time.
  public func zeroGrad() throws(TensorError) {
    let parameters = parameters
    try ManyAtOnce.run(count: parameters.count) { (range) throws(TensorError) in
      for index in range { try parameters[index].setGrad(nil) }
    }
  }
}
