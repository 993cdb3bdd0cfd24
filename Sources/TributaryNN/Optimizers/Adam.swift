import CTributaryKernels
import Tributary

/// Adam (Kingma and Ba 2015), and AdamW (Loshchilov and Hutter 2019) with `decoupled` weight decay, in
/// PyTorch's form: one fused pass over each parameter, several parameters at once.
public final class Adam: Optimizer {
  /// The leaves that it changes, each once.
  public let parameters: [Tensor]
  /// The learning rate. Checked at each step, for schedules change it.
  public var lr: Double
  /// How much of the averages of gradients and of their squares a step keeps.
  public let betas: (Double, Double)
  /// Added to the root of the average square, so that nothing is divided by zero.
  public let eps: Double
  /// How much of a parameter is added to its gradient; where ``decoupled``, how much, times ``lr``, each step takes
  /// from the parameter itself.
  public let weightDecay: Double
  /// Whether weight decay is kept out of the averages, as in AdamW.
  public let decoupled: Bool

  private struct State {
    let average: Tensor
    let square: Tensor
    var steps = 0
  }

  /// By parameter; nil before the first step with a gradient.
  private var states: [State?]

  /// - Parameter parameters: one that is listed twice counts once.
  /// - Throws: `TensorError` (`.invalidArgument`) for a rate, eps or decay that is negative or no number, for
  ///   betas outside 0 ..< 1, and for a parameter that is no leaf, not dense, not floating point, or shares memory
  ///   with another.
  public init(
    _ parameters: [Tensor], lr: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999),
    eps: Double = 1e-8, weightDecay: Double = 0, decoupled: Bool = false
  ) throws(TensorError) {
    try requireNotNegative(lr, "lr", "Adam")
    try requireNotNegative(eps, "eps", "Adam")
    try requireNotNegative(weightDecay, "weightDecay", "Adam")
    guard (0..<1).contains(betas.0), (0..<1).contains(betas.1) else {
      throw TensorError(
        .invalidArgument, operation: "Adam", "the betas \(betas) must be 0 or more and below 1")
    }
    let parameters = try checkedParameters(parameters, "Adam")
    self.parameters = parameters
    self.lr = lr
    self.betas = betas
    self.eps = eps
    self.weightDecay = weightDecay
    self.decoupled = decoupled
    states = Array(repeating: nil, count: parameters.count)
  }

  /// One step along the gradients that backward passes have left; parameters without one stay.
  ///
  /// Throws for a rate that is negative or no number, and where a gradient or its state finds no memory; then nothing
  /// is changed. Costs one pass over each parameter.
  public func step() throws(TensorError) {
    try requireNotNegative(lr, "lr", "Adam")
    let groups = try ParameterUpdate.groups(count: parameters.count) {
      (index) throws(TensorError) in
      let parameter = parameters[index]
      guard let gradient = try denseGradient(of: parameter, "Adam") else { return nil }
      if let known = states[index] {
        return .init(
          parameter: parameter, gradient: gradient, state: (known.average, known.square))
      }
      return .init(
        parameter: parameter, gradient: gradient,
        state: (try .zerosLike(parameter.detach()), try .zerosLike(parameter.detach())))
    }
    // From here on nothing can fail: after an error the state is as it was before the step.
    for index in groups.indices where groups[index] != nil {
      if states[index] != nil {
        states[index]?.steps += 1
      } else if let average = groups[index]?.state.0, let square = groups[index]?.state.1 {
        states[index] = State(average: average, square: square, steps: 1)
      }
    }
    ParameterUpdate.run(groups) { index, addresses, count in
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
        addresses.parameter, addresses.gradient, average, square, nil, Int64(count), &options)
    }
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
