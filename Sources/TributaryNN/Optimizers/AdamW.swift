import Tributary

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019), in PyTorch's form: each step first shrinks a
/// parameter by `lr · weightDecay` of it, so that the decay does not pass through the averages. One fused pass over
/// each parameter, several parameters at once.
public final class AdamW: Optimizer {
  private let update: AdamUpdate
  /// The learning rate. Checked at each step, for schedules change it.
  public var lr: Double

  /// The leaves that it changes, each once.
  public var parameters: [Tensor] { update.parameters }
  /// How much of the averages of gradients and of their squares a step keeps.
  public var betas: (Double, Double) { update.betas }
  /// Added to the root of the average square, so that nothing is divided by zero.
  public var eps: Double { update.eps }
  /// How much, times ``lr``, each step takes from a parameter.
  public var weightDecay: Double { update.weightDecay }
  /// Whether a step divides by the root of the greatest average square so far (AMSGrad; Reddi et al. 2018).
  public var amsgrad: Bool { update.amsgrad }

  /// - Parameter parameters: one that is listed twice counts once.
  /// - Throws: `TensorError` (`.invalidArgument`) for a rate, eps or decay that is negative or no number, for
  ///   betas outside 0 ..< 1, and for a parameter that is no leaf, not dense, not floating point, or shares memory
  ///   with another.
  public init(
    _ parameters: [Tensor], lr: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999),
    eps: Double = 1e-8, weightDecay: Double = 1e-2, amsgrad: Bool = false
  ) throws(TensorError) {
    update = try AdamUpdate(
      parameters, lr: lr, betas: betas, eps: eps, weightDecay: weightDecay, amsgrad: amsgrad,
      decoupled: true, "AdamW")
    self.lr = lr
  }

  /// One step along the gradients that backward passes have left; parameters without one stay.
  ///
  /// Throws for a rate that is negative or no number, and where a gradient or its state finds no memory; then nothing
  /// is changed. Costs one pass over each parameter.
  public func step() throws(TensorError) { try update.step(lr: lr) }
}
