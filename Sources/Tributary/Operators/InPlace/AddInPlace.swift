import CTributaryKernels

extension Tensor {
  /// Adds `other`, broadcast to this shape, to the elements, and returns this tensor.
  ///
  /// As all operations in place: throws where the promoted result cannot be stored in this dtype (floating point
  /// in integers), `other` does not broadcast to this shape, elements of this view overlap, or, while
  /// recording, this is a leaf that requires a gradient or a view of one. Nodes that saved the elements
  /// refuse to go backward afterwards.
  @discardableResult
  public func add_(_ other: Tensor) throws(TensorError) -> Tensor {
    let records = AutogradMode.records(self, other)
    try InPlace.check(self, records: records, "add_")
    let node = records ? AddBackward(self, other) : nil
    try InPlace.write(TRI_BINARY_ADD, self, other, "add_")
    InPlace.finish(self, node)
    return self
  }

  /// Adds a number to the elements; see ``add_(_:)-(Tensor)``. Throws for integers and bool.
  @discardableResult
  public func add_(_ other: Double) throws(TensorError) -> Tensor { try add_(.real(other)) }

  /// Adds a whole number to the elements; see ``add_(_:)-(Tensor)``. Throws for bool.
  @discardableResult
  public func add_(_ other: Int) throws(TensorError) -> Tensor { try add_(.integer(other)) }

  private func add_(_ scalar: Scalar) throws(TensorError) -> Tensor {
    let records = AutogradMode.records(self)
    try InPlace.check(self, records: records, "add_")
    let node = records ? AddBackward(self) : nil
    try InPlace.write(TRI_BINARY_ADD, self, scalar, "add_")
    InPlace.finish(self, node)
    return self
  }
}
