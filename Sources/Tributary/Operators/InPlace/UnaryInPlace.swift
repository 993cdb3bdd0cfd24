import CTributaryKernels

extension Tensor {
  /// Changes the sign of the elements. Throws for bool; bans as in ``add_(_:)-(Tensor)``.
  @discardableResult
  public func neg_() throws(TensorError) -> Tensor {
    let records = AutogradMode.records(self)
    try InPlace.check(self, records: records, "neg_")
    let node = records ? NegBackward(self) : nil
    try InPlace.write(TRI_UNARY_NEG, self, "neg_")
    InPlace.finish(self, node)
    return self
  }

  /// Sets negative elements to 0. Throws for bool; bans as in ``add_(_:)-(Tensor)``.
  @discardableResult
  public func relu_() throws(TensorError) -> Tensor {
    let records = AutogradMode.records(self)
    try InPlace.check(self, records: records, "relu_")
    var node: Node?
    if records {
      // The result of a change of a view is no result of the graph, so that a pass that is recorded could not
      // refer to it.
      node =
        base == nil
        ? ReluBackward(changing: self) : ReluBackward(keeping: try InPlace.snapshot(self, "relu_"))
    }
    try InPlace.write(TRI_UNARY_RELU, self, "relu_")
    InPlace.finish(self, node)
    return self
  }

  /// Moves the elements within the bounds; see ``clamp(min:max:)-(Double?,_)``. For floating dtypes.
  ///
  /// The elements as they were are kept in a copy where the change is recorded.
  @discardableResult
  public func clamp_(min: Double? = nil, max: Double? = nil) throws(TensorError) -> Tensor {
    try Clamp.checkBounds(min == nil && max == nil)
    guard dtype.isFloatingPoint else { throw Binary.unsupported(dtype, "clamp_") }
    let bounds = Clamp.bounds(min, max, dtype)
    let records = AutogradMode.records(self)
    try InPlace.check(self, records: records, "clamp_")
    let node = records ? ClampBackward(try InPlace.snapshot(self, "clamp_"), bounds) : nil
    try InPlace.write(TRI_UNARY_CLAMP, self, "clamp_", parameters: bounds)
    InPlace.finish(self, node)
    return self
  }
}

extension InPlace {
  /// x = op(x).
  static func write(
    _ op: tri_unary_op, _ x: Tensor, _ operation: StaticString,
    parameters: KernelParameters = KernelParameters()
  ) throws(TensorError) {
    guard let map = tri_unary(kernels, op, x.dtype.kernel) else {
      throw Binary.unsupported(x.dtype, operation)
    }
    try parameters.pass { (pointer) throws(TensorError) in
      ElementwiseMap.run(map, x, into: x, parameters: pointer)
    }
  }
}
