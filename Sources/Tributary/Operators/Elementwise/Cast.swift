import CTributaryKernels

extension Tensor {
  /// The elements as `dtype`; not recorded, and this tensor itself where it has that dtype.
  @inline(__always)
  package func cast(to dtype: DType, _ operation: StaticString) throws(TensorError) -> Tensor {
    dtype == self.dtype ? self : try converted(to: dtype, operation)
  }

  private func converted(
    to dtype: DType, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    let out = try Tensor.empty(shape, dtype: dtype, operation)
    ElementwiseMap.run(tri_cast(kernels, self.dtype.kernel, dtype.kernel), self, into: out)
    return out
  }

  /// The elements converted to `dtype`; this tensor itself where it already has it.
  ///
  /// Floating point to integers: towards zero, saturating, NaN to 0 (uint8: the low bits). To bool: not
  /// zero. Between floating dtypes the conversion is differentiable; to others it is not.
  public func to(_ dtype: DType) throws(TensorError) -> Tensor {
    if dtype == self.dtype { return self }
    let out = try cast(to: dtype, "to")
    if dtype.isFloatingPoint, AutogradMode.records(self) { out.record(ToCopyBackward(self)) }
    return out
  }
}

final class ToCopyBackward: Node, @unchecked Sendable {
  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try gradient.to(inputDType(0)) }
  }
}
