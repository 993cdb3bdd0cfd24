import CTributaryKernels

extension Tensor {
  /// Subtracts `other`, broadcast to this shape, from the elements; see ``add_(_:)-(Tensor)``.
  @discardableResult
  public func sub_(_ other: Tensor) throws(TensorError) -> Tensor {
    if dtype == .bool || other.dtype == .bool { throw Subtraction.ofBools(self, other.dtype) }
    let records = AutogradMode.records(self, other)
    try InPlace.check(self, records: records, "sub_")
    let node = records ? SubBackward(self, other) : nil
    try InPlace.write(TRI_BINARY_SUB, self, other, "sub_")
    InPlace.finish(self, node)
    return self
  }

  /// Subtracts a number from the elements; see ``sub_(_:)-(Tensor)``. Throws for integers and bool.
  @discardableResult
  public func sub_(_ other: Double) throws(TensorError) -> Tensor { try sub_(.real(other)) }

  /// Subtracts a whole number from the elements; see ``sub_(_:)-(Tensor)``. Throws for bool.
  @discardableResult
  public func sub_(_ other: Int) throws(TensorError) -> Tensor { try sub_(.integer(other)) }

  private func sub_(_ scalar: Scalar) throws(TensorError) -> Tensor {
    if dtype == .bool { throw Subtraction.ofBools(self, nil) }
    let records = AutogradMode.records(self)
    try InPlace.check(self, records: records, "sub_")
    let node = records ? SubBackward(self) : nil
    try InPlace.write(TRI_BINARY_SUB, self, scalar, "sub_")
    InPlace.finish(self, node)
    return self
  }
}
