import CTributaryKernels
import Tributary

/// Stochastic gradient descent with momentum (Sutskever et al. 2013, in PyTorch's form), one fused pass over
/// each parameter, several parameters at once.
public final class SGD: Optimizer {
  public let parameters: [Tensor]
  public var learningRate: Double
  public let momentum: Double
  public let dampening: Double
  public let weightDecay: Double
  public let nesterov: Bool
  /// By parameter; nil before the first step with a gradient.
  private var velocities: [Tensor?]

  public init(
    _ parameters: [Tensor], learningRate: Double, momentum: Double = 0, dampening: Double = 0,
    weightDecay: Double = 0, nesterov: Bool = false
  ) {
    self.parameters = parameters
    self.learningRate = learningRate
    self.momentum = momentum
    self.dampening = dampening
    self.weightDecay = weightDecay
    self.nesterov = nesterov
    velocities = Array(repeating: nil, count: parameters.count)
  }

  public func step() throws(TensorError) {
    var groups: [[Tensor]] = []
    var isFirst: [Bool] = []
    for (index, parameter) in parameters.enumerated() {
      guard let gradient = try denseGradient(of: parameter, "SGD") else { continue }
      var group = [parameter, gradient]
      isFirst.append(velocities[index] == nil)
      if momentum != 0 {
        let velocity: Tensor
        if let known = velocities[index] {
          velocity = known
        } else {
          velocity = try .emptyLike(parameter.detach())
        }
        velocities[index] = velocity
        group.append(velocity)
      }
      groups.append(group)
    }
    ParameterUpdate.run(groups) { index, addresses, count in
      var options = tri_sgd_options()
      options.lr = learningRate
      options.momentum = momentum
      options.dampening = dampening
      options.weight_decay = weightDecay
      options.nesterov = nesterov
      options.first_step = isFirst[index]
      tri_sgd(kernels, groups[index][0].dtype.kernel)?(
        addresses[0], addresses[1], addresses.count > 2 ? addresses[2] : nil, Int64(count),
        &options)
    }
  }
}

/// A parameter's gradient as the fused updates want it; nil where it has none.
func denseGradient(
  of parameter: Tensor, _ operation: String
) throws(TensorError) -> Tensor? {
  guard let gradient = parameter.grad else { return nil }
  guard parameter.isContiguous, parameter.dtype.isFloatingPoint else {
    throw TensorError(
      .invalidArgument, operation: operation, shapes: [parameter.shape],
      dtypes: [parameter.dtype], "a parameter must be a dense floating-point tensor; clone it first"
    )
  }
  return try gradient.detach().contiguous()
}
