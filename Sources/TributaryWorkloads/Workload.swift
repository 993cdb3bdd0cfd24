import Tributary
import TributaryNN

/// A benchmark: what a step goes forward and backward through.
///
/// The definitions, names and sizes are those of the comparison with PyTorch, where the same steps are run
/// from Python (docs/performance.md).
public final class Workload {
  public let name: String
  /// Float inputs and labels, then parameters as the model lists them: the order of ``fill()``.
  let inputs: [Tensor]
  public let parameters: [Tensor]
  private let forward: () throws -> Tensor
  private let optimizer: (any Optimizer)?
  private let classes: Int
  /// Of the table that whole-number inputs index; nil where they are labels.
  private let rows: Int?
  private let repeats: Int
  /// What goes backward from a value that is no loss.
  private let gradient: Tensor?
  /// Floating-point operations of the products of a step, and bytes read and written where they bound it instead;
  /// 0: neither.
  public let operations: Double
  public let bytes: Double

  init(
    _ name: String, inputs: [Tensor], parameters: [Tensor], optimizer: (any Optimizer)? = nil,
    classes: Int = 10, rows: Int? = nil, repeats: Int = 1, gradient: Tensor? = nil,
    operations: Double = 0, bytes: Double = 0,
    forward: @escaping () throws -> Tensor
  ) {
    (self.operations, self.bytes) = (operations, bytes)
    self.name = name
    self.inputs = inputs
    self.parameters = parameters
    self.optimizer = optimizer
    self.classes = classes
    self.rows = rows
    self.repeats = repeats
    self.gradient = gradient
    self.forward = forward
  }

  /// Clears the gradients, goes forward and backward, and takes the optimizer's step; returns the loss.
  @discardableResult
  public func step() throws -> Tensor {
    var loss = try once()
    for _ in 1..<repeats { loss = try once() }
    return loss
  }

  /// Clears the gradients and goes forward.
  package func record() throws -> Tensor {
    if let optimizer {
      try optimizer.zeroGrad()
    } else {
      for parameter in parameters { try parameter.setGrad(nil) }
    }
    return try forward()
  }

  private func once() throws -> Tensor {
    let loss = try record()
    try loss.backward(gradient: gradient)
    try optimizer?.step()
    return loss
  }

  /// Fills every tensor as the comparison prescribes: float tensor t with 0.05·sin(i + 17 t), labels with
  /// i % classes, indices with i · 7919 % rows, row-major.
  public func fill() throws {
    try noGrad {
      for (t, tensor) in (inputs + parameters).enumerated() {
        let values: Tensor
        if tensor.dtype.isFloatingPoint {
          let angles = (0..<tensor.count).map { 0.05 * sine(Double($0 + 17 * t)) }
          values = try Tensor(angles, dtype: tensor.dtype)
        } else {
          values = try Tensor(
            (0..<tensor.count).map { index in rows.map { index * 7919 % $0 } ?? index % classes },
            dtype: tensor.dtype)
        }
        var copy = StridedOperands(tensor)
        copy.add(try values.reshape(tensor.shape))
        copy.copy()
      }
    }
  }

  /// The sum of |gradient| over all parameters, in double.
  public func gradientSum() throws -> Double {
    try parameters.reduce(0) { sum, parameter in
      guard let gradient = parameter.grad else { return sum }
      return try sum + gradient.to(.float64).abs().sum().item()
    }
  }
}
