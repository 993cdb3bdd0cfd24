import CTributaryKernels

/// How ``Tensor/gelu(approximate:)`` takes the normal distribution function.
public enum GeluApproximation: Sendable {
  /// By the error function.
  case none
  /// By tanh, as Hendrycks and Gimpel 2016 write it.
  case tanh
}

extension Tensor {
  /// x · Φ(x), Φ being the normal distribution function. For floating dtypes.
  public func gelu(approximate: GeluApproximation = .none) throws(TensorError) -> Tensor {
    let op = approximate == .none ? TRI_UNARY_GELU : TRI_UNARY_GELU_TANH
    let out = try Unary.floatingOnly(op, self, "gelu")
    if AutogradMode.records(self) {
      out.record(GeluBackward(self, approximate), cost: .function)
    }
    return out
  }

  func geluBackward(
    _ x: Tensor, _ approximation: GeluApproximation
  ) throws(TensorError) -> Tensor {
    let op =
      approximation == .none ? TRI_BINARY_GELU_BACKWARD : TRI_BINARY_GELU_TANH_BACKWARD
    let out = try Binary.apply(op, self, x, "gelu_backward", cost: .function)
    if AutogradMode.records(self, x) {
      out.record(GeluBackwardBackward(self, x, approximation), cost: .function)
    }
    return out
  }
}

final class GeluBackward: InputNode, @unchecked Sendable {
  private let approximation: GeluApproximation

  override var isOneKernel: Bool { true }

  init(_ x: Tensor, _ approximation: GeluApproximation) {
    self.approximation = approximation
    super.init(x)
  }

  override func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try g.geluBackward(x, approximation)
  }
}

final class GeluBackwardBackward: GradientKernelNode, @unchecked Sendable {
  private let approximation: GeluApproximation

  init(_ g: Tensor, _ x: Tensor, _ approximation: GeluApproximation) {
    self.approximation = approximation
    super.init(g, x)
  }

  override func byGradient(_ gradient: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try gradient.geluBackward(x, approximation)
  }

  override func byInput(
    _ gradient: Tensor, _ g: Tensor, _ x: Tensor
  ) throws(TensorError) -> Tensor {
    let curvature = approximation == .none ? try Self.exact(x) : try Self.byTanh(x)
    return try gradient.mul(g).mul(curvature)
  }

  /// (x·Φ)″ = (2 − x²)·φ(x), φ being the normal density.
  private static func exact(_ x: Tensor) throws(TensorError) -> Tensor {
    let square = try x.square()
    return try square.mul(-0.5).exp().mul(0.3989422804014327).mul(2 - square)
  }

  /// With u = √(2/π)·(x + 0.044715·x³) and t = tanh(u): (1 − t²)·(u′ + x/2·(u″ − 2t·u′²)).
  private static func byTanh(_ x: Tensor) throws(TensorError) -> Tensor {
    let (scale, cubic) = (0.7978845608028654, 0.044715)
    let square = try x.square()
    let t = try (x * (square * (scale * cubic) + scale)).tanh()
    let slope = try square * (3 * scale * cubic) + scale
    let bend = try x * (6 * scale * cubic)
    return try (1 - t.square()) * (slope + x * 0.5 * (bend - 2 * t * slope.square()))
  }
}
