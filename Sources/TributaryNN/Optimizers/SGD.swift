import CTributaryKernels
import Tributary

/// Stochastic gradient descent with momentum (Sutskever et al. 2013, in PyTorch's form), one fused pass over
/// each parameter, several parameters at once.
public final class SGD: Optimizer {
  /// The leaves that it changes, each once.
  public let parameters: [Tensor]
  /// The learning rate. Checked at each step, for schedules change it.
  public var lr: Double
  /// How much of its velocity a parameter keeps from step to step.
  public let momentum: Double
  /// The part of a gradient that does not go into the velocity; the first one goes in whole.
  public let dampening: Double
  /// How much of a parameter is added to its gradient.
  public let weightDecay: Double
  /// Whether a step looks ahead by the velocity, as Nesterov's.
  public let nesterov: Bool
  /// By parameter; nil before the first step with a gradient.
  // Touched by a step alone, of which there is one at a time (`ParameterUpdate`): each access would be checked again.
  @exclusivity(unchecked) private var velocities: [Tensor?]
  private let update: ParameterUpdate

  /// - Parameter parameters: one that is listed twice counts once.
  /// - Throws: `TensorError` (`.invalidArgument`) for a rate, momentum or decay that is negative or no number, for
  ///   `nesterov` without momentum or with dampening, and for a parameter that is no leaf, not dense, not floating
  ///   point, or shares memory with another.
  public init(
    _ parameters: [Tensor], lr: Double, momentum: Double = 0, dampening: Double = 0,
    weightDecay: Double = 0, nesterov: Bool = false
  ) throws(TensorError) {
    try requireNotNegative(lr, "lr", "SGD")
    try requireNotNegative(momentum, "momentum", "SGD")
    try requireNotNegative(weightDecay, "weightDecay", "SGD")
    guard dampening.isFinite else {
      throw TensorError(
        .invalidArgument, operation: "SGD", "the dampening \(dampening) is not finite")
    }
    guard !nesterov || (momentum > 0 && dampening == 0) else {
      throw TensorError(
        .invalidArgument, operation: "SGD",
        "nesterov needs a momentum above 0 and no dampening; they are \(momentum) and \(dampening)")
    }
    let parameters = try checkedParameters(parameters, "SGD")
    self.parameters = parameters
    self.lr = lr
    self.momentum = momentum
    self.dampening = dampening
    self.weightDecay = weightDecay
    self.nesterov = nesterov
    velocities = Array(repeating: nil, count: parameters.count)
    update = ParameterUpdate(parameters)
  }

  /// One step along the gradients that backward passes have left; parameters without one stay.
  ///
  /// Throws for a rate that is negative or no number, and where a gradient or its state finds no memory; then nothing
  /// is changed. Costs one pass over each parameter.
  public func step() throws(TensorError) {
    try requireNotNegative(lr, "lr", "SGD")
    let options = tri_sgd_options(
      lr: lr, momentum: momentum, dampening: dampening, weight_decay: weightDecay,
      nesterov: nesterov, maximize: false, first_step: momentum == 0)
    var isFirst: [Bool] = []
    try update.step("SGD") { (index) throws(TensorError) in
      let parameter = parameters[index]
      guard let gradient = try parameter.denseGradient("SGD") else { return nil }
      var velocity = velocities[index]
      if momentum != 0, velocity == nil {
        velocity = try .emptyLike(parameter.detach(), dtype: parameter.dtype.computing)
      }
      return .init(gradient: gradient, state: (velocity, nil, nil))
    } prepare: { groups in
      // From here on nothing can fail: after an error the state is as it was before the step.
      if momentum == 0 { return }
      isFirst = velocities.map { $0 == nil }
      for index in isFirst.indices where isFirst[index] {
        velocities[index] = groups[index]?.state.0
      }
    } update: { index, addresses, count in
      var options = options
      if momentum != 0 { options.first_step = isFirst[index] }
      tri_sgd(kernels, parameters[index].dtype.kernel)?(
        addresses.parameter, addresses.gradient, addresses.state.0, Int64(count), &options)
    }
  }
}
