extension Tensor {
  /// Overwrites the elements by those of `source`, broadcast to this shape and converted as by ``to(_:)``.
  ///
  /// The gradient goes to `source`; what this tensor was made from gets zeros. Bans as in ``add_(_:)-(Tensor)``.
  @discardableResult
  public func copy_(_ source: Tensor) throws(TensorError) -> Tensor {
    let records = dtype.isFloatingPoint && AutogradMode.records(self, source)
    try InPlace.check(self, records: records, "copy_")
    guard source.shape.broadcasts(to: shape) else {
      throw TensorError(
        .shapeMismatch, "copy_", shapes: [shape, source.shape],
        "the source must broadcast to the shape of the tensor that is overwritten")
    }
    let elements = try InPlace.separate(source, from: self, "copy_").cast(to: dtype, "copy_")
    let node = records ? CopyBackwards(self, source) : nil
    // Its own elements would be copied onto themselves.
    if elements.buffer !== buffer { copyElements(from: elements) }
    InPlace.finish(self, node)
    return self
  }

  /// Overwrites the elements by zeros.
  @discardableResult
  public func zero_() throws(TensorError) -> Tensor {
    let records = AutogradMode.records(self)
    try InPlace.check(self, records: records, "zero_")
    let node = records ? ZeroBackward(self) : nil
    fillElements(.integer(0))
    InPlace.finish(self, node)
    return self
  }

  /// Overwrites the elements by `value`, converted as by ``to(_:)``.
  @discardableResult
  public func fill_(_ value: Double) throws(TensorError) -> Tensor { try fill_(.real(value)) }

  /// Overwrites the elements by a whole `value`, converted as by ``to(_:)``.
  @discardableResult
  public func fill_(_ value: Int) throws(TensorError) -> Tensor { try fill_(.integer(value)) }

  private func fill_(_ value: Scalar) throws(TensorError) -> Tensor {
    let records = AutogradMode.records(self)
    try InPlace.check(self, records: records, "fill_")
    let node = records ? FillBackward(self) : nil
    fillElements(value)
    InPlace.finish(self, node)
    return self
  }
}

final class CopyBackwards: Node, @unchecked Sendable {
  override var name: String { "CopyBackwards" }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try Tensor.zerosLike(gradient) }
    if sink.wants(1) { sink[1] = try fitted(gradient, toInput: 1) }
  }
}

final class ZeroBackward: ZeroGradientNode, @unchecked Sendable {}

final class FillBackward: ZeroGradientNode, @unchecked Sendable {
  override var name: String { "FillBackward2" }
}
