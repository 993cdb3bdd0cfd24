import CTributaryKernels

extension Tensor {
  /// self + weight · (end − self), from the nearer end, so that weights 0 and 1 give the ends exactly.
  ///
  /// Operands broadcast. Throws unless all have one floating dtype.
  public func lerp(_ end: Tensor, weight: Tensor) throws(TensorError) -> Tensor {
    let (map, shape) = try lerpMap(end, weight.dtype, weight.shape)
    let out = try Tensor.empty(shape, dtype: dtype, "lerp")
    ElementwiseMap.run(map, self, end, weight, into: out)
    if AutogradMode.records(self, end) || AutogradMode.records(weight) {
      out.record(LerpBackward(self, end, weight))
    }
    return out
  }

  /// The same with one weight for all elements.
  public func lerp(_ end: Tensor, weight: Double) throws(TensorError) -> Tensor {
    let (map, shape) = try lerpMap(end, dtype, [])
    let out = try Tensor.empty(shape, dtype: dtype, "lerp")
    ElementwiseMap.run(map, self, end, scalar: .real(weight), into: out)
    if AutogradMode.records(self, end) { out.record(ScalarLerpBackward(self, end, weight)) }
    return out
  }

  /// The kernel, and the shape of the result.
  private func lerpMap(
    _ end: Tensor, _ weightDType: DType, _ weightShape: Shape
  ) throws(TensorError) -> (tri_map_fn, Shape) {
    guard dtype == end.dtype, dtype == weightDType else {
      throw TensorError(
        .dtypeMismatch, "lerp", dtypes: [dtype, end.dtype, weightDType],
        "all operands must have one dtype; convert with to(_:) first")
    }
    guard let map = tri_ternary(kernels, TRI_TERNARY_LERP, dtype.kernel) else {
      throw Binary.unsupported(dtype, "lerp")
    }
    return (
      map,
      try Shape.broadcast(Shape.broadcast(self.shape, end.shape, "lerp"), weightShape, "lerp")
    )
  }
}

final class LerpBackward: Node, @unchecked Sendable {
  override init(_ x: Tensor, _ end: Tensor, _ weight: Tensor) {
    super.init(x, end, weight)
    save(weight)
    guard weight.requiresGrad else { return }
    save(x)
    save(end)
  }

  override var name: String { "LerpBackward1" }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    let (gradient, weight) = (try gradient.toComputing(), try savedToComputing(0))
    if sink.wants(0) { sink[0] = try fitted(gradient.mul(1 - weight), toInput: 0) }
    if sink.wants(1) { sink[1] = try fitted(gradient.mul(weight), toInput: 1) }
    if sink.wants(2) {
      sink[2] = try fitted(
        gradient.mul(savedToComputing(2).sub(savedToComputing(1))), toInput: 2)
    }
  }
}

final class ScalarLerpBackward: Node, @unchecked Sendable {
  private let weight: Double

  init(_ x: Tensor, _ end: Tensor, _ weight: Double) {
    self.weight = weight
    super.init(x, end)
  }

  override var name: String { "LerpBackward0" }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) {
      sink[0] = try fitted(beforeSum(gradient, toInput: 0).mul(1 - weight), toInput: 0)
    }
    if sink.wants(1) {
      sink[1] = try fitted(beforeSum(gradient, toInput: 1).mul(weight), toInput: 1)
    }
  }
}
