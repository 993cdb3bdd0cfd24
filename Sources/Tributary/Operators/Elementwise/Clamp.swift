import CTributaryKernels

extension Tensor {
  /// Each element, but not below `min` nor above `max` (which wins where it is the smaller); nil for no bound.
  /// NaN stays, and a bound that is NaN gives NaN everywhere. Integers are taken as float32. Bounds are rounded to the
  /// dtype first.
  ///
  /// The gradient passes where the element lies within the bounds, both included. Throws without a bound.
  public func clamp(min: Double? = nil, max: Double? = nil) throws(TensorError) -> Tensor {
    try Clamp.checkBounds(min == nil && max == nil)
    let x = try dtype.isFloatingPoint ? self : cast(to: .float32, "clamp")
    return try x.clamp(Clamp.bounds(min, max, x.dtype), recordedOn: self)
  }

  /// The same with whole bounds, which leave integers their dtype; bools are taken as int64.
  public func clamp(min: Int? = nil, max: Int? = nil) throws(TensorError) -> Tensor {
    try Clamp.checkBounds(min == nil && max == nil)
    if dtype.isFloatingPoint {
      return try clamp(
        Clamp.bounds(min.map(Double.init), max.map(Double.init), dtype), recordedOn: self)
    }
    // By maximum and minimum: a Double does not hold every Int.
    var out = try cast(to: dtype.promotedWithInt, "clamp")
    if let min {
      out = try Binary.apply(
        TRI_BINARY_MAXIMUM, out, .integer(Clamp.drawn(min, into: out.dtype)), "clamp")
    }
    if let max {
      out = try Binary.apply(
        TRI_BINARY_MINIMUM, out, .integer(Clamp.drawn(max, into: out.dtype)), "clamp")
    }
    return out
  }

  private func clamp(
    _ bounds: KernelParameters, recordedOn input: Tensor
  ) throws(TensorError) -> Tensor {
    let out = try Unary.floatingOnly(
      TRI_UNARY_CLAMP, self, "clamp", parameters: bounds, cost: .plain)
    if AutogradMode.records(input) { out.record(ClampBackward(input, bounds)) }
    return out
  }

  /// `self` where x lies within the bounds, else 0. As in PyTorch x is no input of it: constant in pieces.
  func clampBackward(
    _ x: Tensor, _ bounds: KernelParameters
  ) throws(TensorError) -> Tensor {
    let out = try bounds.pass { (parameters) throws(TensorError) in
      try Binary.apply(
        TRI_BINARY_CLAMP_BACKWARD, self, x, "clamp_backward", parameters: parameters)
    }
    if AutogradMode.records(self) { out.record(ClampBackwardBackward(self, x, bounds)) }
    return out
  }
}

enum Clamp {
  /// For the kernels, which take a half's bounds as float32: rounded to the half here.
  static func bounds(_ min: Double?, _ max: Double?, _ dtype: DType) -> KernelParameters {
    let bounds = KernelParameters(min ?? -.infinity, max ?? .infinity)
    guard dtype.isHalf else { return bounds }
    return KernelParameters(
      Scalar.real(bounds.first).rounded(toHalf: dtype),
      Scalar.real(bounds.second).rounded(toHalf: dtype))
  }

  /// The nearest bound that an integer dtype holds: as an element, one outside would wrap.
  static func drawn(_ bound: Int, into dtype: DType) -> Int {
    switch dtype {
    case .int32: Int(Int32(clamping: bound))
    case .uint8: Int(UInt8(clamping: bound))
    default: bound
    }
  }

  static func checkBounds(_ areMissing: Bool) throws(TensorError) {
    guard areMissing else { return }
    throw TensorError(.invalidArgument, "clamp", "give min, max or both")
  }
}

final class ClampBackward: ParameterInputNode, @unchecked Sendable {
  override var name: String { "ClampBackward1" }
  override var isOneKernel: Bool { true }

  override func gradient(_ g: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try g.clampBackward(x, parameters)
  }
}

final class ClampBackwardBackward: Node, @unchecked Sendable {
  private let bounds: KernelParameters

  init(_ g: Tensor, _ x: Tensor, _ bounds: KernelParameters) {
    self.bounds = bounds
    super.init(g)
    save(x)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try gradient.clampBackward(saved(0), bounds) }
  }
}
