import CTributaryKernels

extension Tensor {
  /// self + weight · (end − self), from the nearer end, so that weights 0 and 1 give the ends exactly.
  ///
  /// Operands broadcast. Throws unless all have one floating dtype.
  public func lerp(_ end: Tensor, weight: Tensor) throws(TensorError) -> Tensor {
    let out = try lerped(end, weight)
    if AutogradMode.records([self, end, weight]) { out.record(LerpBackward(self, end, weight)) }
    return out
  }

  public func lerp(_ end: Tensor, weight: Double) throws(TensorError) -> Tensor {
    let out = try lerped(end, Tensor.number(.real(weight), dtype, "lerp"))
    if AutogradMode.records(self, end) { out.record(ScalarLerpBackward(self, end, weight)) }
    return out
  }

  private func lerped(_ end: Tensor, _ weight: Tensor) throws(TensorError) -> Tensor {
    guard dtype == end.dtype, dtype == weight.dtype else {
      throw TensorError(
        .dtypeMismatch, "lerp", dtypes: [dtype, end.dtype, weight.dtype],
        "all operands must have one dtype; convert with to(_:) first")
    }
    guard let map = tri_ternary(kernels, TRI_TERNARY_LERP, dtype.kernel) else {
      throw Binary.unsupported(dtype, "lerp")
    }
    let shape = try Shape.broadcast(
      Shape.broadcast(self.shape, end.shape, "lerp"), weight.shape, "lerp")
    let out = try Tensor.empty(shape, dtype: dtype, "lerp")
    ElementwiseMap.run(map, self, end, weight, into: out)
    return out
  }
}

final class LerpBackward: Node, @unchecked Sendable {
  init(_ x: Tensor, _ end: Tensor, _ weight: Tensor) {
    super.init(inputs: [x, end, weight])
    save(weight)
    guard weight.requiresGrad else { return }
    save(x)
    save(end)
  }

  override var name: String { "LerpBackward1" }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    let weight = try saved(0)
    if sink.wants(0) { sink[0] = try fitted(gradient.mul(1 - weight), toInput: 0) }
    if sink.wants(1) { sink[1] = try fitted(gradient.mul(weight), toInput: 1) }
    if sink.wants(2) {
      sink[2] = try fitted(gradient.mul(saved(2).sub(saved(1))), toInput: 2)
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
    if sink.wants(0) { sink[0] = try fitted(gradient.mul(1 - weight), toInput: 0) }
    if sink.wants(1) { sink[1] = try fitted(gradient.mul(weight), toInput: 1) }
  }
}
