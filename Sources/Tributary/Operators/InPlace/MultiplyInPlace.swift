import CTributaryKernels

extension Tensor {
  /// Multiplies the elements by `other`, broadcast to this shape; see ``add_(_:)-(Tensor)``.
  ///
  /// Where `other` requires a gradient, the elements as they were are kept in a copy.
  @discardableResult
  public func mul_(_ other: Tensor) throws(TensorError) -> Tensor {
    let records = AutogradMode.records(self, other)
    try InPlace.check(self, records: records, "mul_")
    var node: Node?
    if records {
      let before = other.requiresGrad ? try InPlace.snapshot(self, "mul_") : self
      node = MulBackward(before, other)
    }
    try InPlace.write(TRI_BINARY_MUL, self, other, "mul_")
    InPlace.finish(self, node)
    return self
  }

  /// Multiplies the elements by a number; see ``mul_(_:)-(Tensor)``. Throws for integers and bool.
  @discardableResult
  public func mul_(_ other: Double) throws(TensorError) -> Tensor { try mul_(.real(other)) }

  /// Multiplies the elements by a whole number; see ``mul_(_:)-(Tensor)``. Throws for bool.
  @discardableResult
  public func mul_(_ other: Int) throws(TensorError) -> Tensor { try mul_(.integer(other)) }

  private func mul_(_ scalar: Scalar) throws(TensorError) -> Tensor {
    let records = AutogradMode.records(self)
    try InPlace.check(self, records: records, "mul_")
    let node = records ? MulScalarBackward(self, scalar) : nil
    try InPlace.write(TRI_BINARY_MUL, self, scalar, "mul_")
    InPlace.finish(self, node)
    return self
  }
}
