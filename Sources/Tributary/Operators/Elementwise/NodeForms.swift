/// The node of a function of one tensor whose gradient is read off one saved tensor.
class OneTensorNode: Node, @unchecked Sendable {
  /// Whether ``gradient(_:_:)`` is one kernel, which rounds a half once by itself.
  var isOneKernel: Bool { false }

  /// The gradient of the input, from that of the result and what was saved.
  func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor { g }

  final override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    guard sink.wants(0) else { return }
    let x = try saved(0)
    if x.dtype.isHalf, !isOneKernel {
      sink[0] = try self.gradient(gradient.toComputing(), x.toComputing()).to(inputDType(0))
    } else {
      sink[0] = try self.gradient(gradient, x)
    }
  }
}

/// One that is read off the input.
class InputNode: OneTensorNode, @unchecked Sendable {
  @inline(__always)
  override init(_ x: Tensor) {
    super.init(x)
    save(x)
  }
}

/// An ``InputNode`` of a function with parameters.
class ParameterInputNode: InputNode, @unchecked Sendable {
  let parameters: KernelParameters

  init(_ x: Tensor, _ parameters: KernelParameters) {
    self.parameters = parameters
    super.init(x)
  }
}

/// One that is read off the result.
class ResultNode: OneTensorNode, @unchecked Sendable {
  init(_ x: Tensor, result: Tensor) {
    super.init(x)
    save(output: result)
  }

  /// For an operation that is about to change `x` into its result.
  init(changing x: Tensor) {
    super.init(x)
    save(output: x, changes: 1)
  }

  /// For a gradient that can be read off the input as well, which is kept.
  init(keeping x: Tensor) {
    super.init(x)
    save(x)
  }
}

/// The node of a gradient kernel f(g, x): linear in g, and by x what ``byInput(_:_:_:)`` says.
class GradientKernelNode: Node, @unchecked Sendable {
  override init(_ g: Tensor, _ x: Tensor) {
    super.init(g, x)
    save(x)
    if x.requiresGrad { save(g) }
  }

  /// f(gradient, x): what the result's gradient gives g. One kernel.
  func byGradient(_ gradient: Tensor, _ x: Tensor) throws(TensorError) -> Tensor { gradient }

  /// The gradient of x; zeros for a kernel that is constant in pieces.
  func byInput(_ gradient: Tensor, _ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try Tensor.zerosLike(x)
  }

  final override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    let x = try saved(0)
    if sink.wants(0) { sink[0] = try byGradient(gradient, x) }
    guard sink.wants(1) else { return }
    if x.dtype.isHalf {
      sink[1] = try byInput(gradient.toComputing(), savedToComputing(1), x.toComputing())
        .to(inputDType(1))
    } else {
      sink[1] = try byInput(gradient, saved(1), x)
    }
  }
}

/// A ``GradientKernelNode`` of a function with parameters.
class ParameterGradientKernelNode: GradientKernelNode, @unchecked Sendable {
  let parameters: KernelParameters

  init(_ g: Tensor, _ x: Tensor, _ parameters: KernelParameters) {
    self.parameters = parameters
    super.init(g, x)
  }
}

/// The node of a function that is constant in pieces: its gradient is zero wherever there is one.
class ZeroGradientNode: Node, @unchecked Sendable {
  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    for input in 0..<Int(edgeCount) where sink.wants(input) {
      sink[input] = try Tensor.filled(
        inputShape(input), .integer(0), dtype: inputDType(input), "zerosLike")
    }
  }
}
