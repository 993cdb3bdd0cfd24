import CTributaryKernels
import Tributary

/// What Adam and AdamW share: the averages of each parameter, and the fused pass.
final class AdamUpdate {
  /// The leaves that it changes, each once.
  let parameters: [Tensor]
  let betas: (Double, Double)
  let eps: Double
  let weightDecay: Double
  let amsgrad: Bool
  /// Whether the decay shrinks the parameter, as in AdamW, or goes into its gradient.
  private let decoupled: Bool
  /// The optimizer's name, for errors.
  private let operation: String

  private struct State {
    let average: Tensor
    let square: Tensor
    /// The greatest square so far; nil without `amsgrad`.
    let greatest: Tensor?
    var steps = 0
  }

  /// By parameter; nil before the first step with a gradient.
  private var states: [State?]
  private let update: ParameterUpdate

  init(
    _ parameters: [Tensor], lr: Double, betas: (Double, Double), eps: Double, weightDecay: Double,
    amsgrad: Bool, decoupled: Bool, _ operation: String
  ) throws(TensorError) {
    try requireNotNegative(lr, "lr", operation)
    try requireNotNegative(eps, "eps", operation)
    try requireNotNegative(weightDecay, "weightDecay", operation)
    guard (0..<1).contains(betas.0), (0..<1).contains(betas.1) else {
      throw TensorError(
        .invalidArgument, operation: operation, "the betas \(betas) must be 0 or more and below 1")
    }
    let parameters = try checkedParameters(parameters, operation)
    self.parameters = parameters
    self.betas = betas
    self.eps = eps
    self.weightDecay = weightDecay
    self.amsgrad = amsgrad
    self.decoupled = decoupled
    self.operation = operation
    states = Array(repeating: nil, count: parameters.count)
    update = ParameterUpdate(parameters)
  }

  func step(lr: Double) throws(TensorError) {
    try requireNotNegative(lr, "lr", operation)
    try update.step(operation) { (index) throws(TensorError) in
      let parameter = parameters[index]
      guard let gradient = try parameter.denseGradient(operation) else { return nil }
      let state = if let known = states[index] { known } else { try fresh(for: parameter) }
      return .init(gradient: gradient, state: (state.average, state.square, state.greatest))
    } prepare: { groups in
      // From here on nothing can fail: after an error the state is as it was before the step.
      for index in states.indices {
        guard groups.has(index) else { continue }
        if states[index] != nil {
          states[index]?.steps += 1
        } else if let fresh = groups[index]?.state, let average = fresh.0, let square = fresh.1 {
          states[index] = State(average: average, square: square, greatest: fresh.2, steps: 1)
        }
      }
    } update: { index, addresses, count in
      guard let steps = states[index]?.steps else { return }
      var options = tri_adam_options()
      options.lr = lr
      (options.beta1, options.beta2) = betas
      options.eps = eps
      options.weight_decay = weightDecay
      options.bias_correction1 = 1 - Self.power(betas.0, steps)
      options.bias_correction2 = 1 - Self.power(betas.1, steps)
      options.decoupled = decoupled
      guard let average = addresses.state.0, let square = addresses.state.1 else { return }
      tri_adam(kernels, parameters[index].dtype.kernel)?(
        addresses.parameter, addresses.gradient, average, square, addresses.state.2, Int64(count),
        &options)
    }
  }

  private func fresh(for parameter: Tensor) throws(TensorError) -> State {
    let like = parameter.detach()
    func zeros() throws(TensorError) -> Tensor { try .zerosLike(like, dtype: like.dtype.computing) }
    return State(
      average: try zeros(), square: try zeros(), greatest: amsgrad ? try zeros() : nil)
  }

  /// By products: the C library's `pow` differs from machine to machine.
  private static func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }
}
