import CTributaryKernels

extension Tensor {
  /// Divides the elements by `other`, broadcast to this shape; see ``add_(_:)-(Tensor)``.
  ///
  /// Throws for integers, whose quotients are float32. Where `other` requires a gradient, the elements as they
  /// were are kept in a copy.
  @discardableResult
  public func div_(_ other: Tensor) throws(TensorError) -> Tensor {
    let records = AutogradMode.records(self, other)
    try InPlace.check(self, records: records, "div_")
    var node: Node?
    if records {
      let before = other.requiresGrad ? try InPlace.snapshot(self, "div_") : self
      node = DivBackward(before, other)
    }
    try InPlace.write(TRI_BINARY_DIV, self, other, "div_", cost: .division)
    InPlace.finish(self, node, cost: .division)
    return self
  }

  /// Divides the elements by a number; see ``div_(_:)-(Tensor)``. Throws for integers and bool.
  @discardableResult
  public func div_(_ other: Double) throws(TensorError) -> Tensor { try div_(.real(other)) }

  /// Divides the elements by a whole number; see ``div_(_:)-(Tensor)``. Throws for integers and bool.
  @discardableResult
  public func div_(_ other: Int) throws(TensorError) -> Tensor { try div_(.integer(other)) }

  private func div_(_ scalar: Scalar) throws(TensorError) -> Tensor {
    let records = AutogradMode.records(self)
    try InPlace.check(self, records: records, "div_")
    let node = records ? DivScalarBackward(self, scalar) : nil
    try InPlace.write(TRI_BINARY_DIV, self, scalar, "div_", cost: .division)
    InPlace.finish(self, node, cost: .division)
    return self
  }
}
