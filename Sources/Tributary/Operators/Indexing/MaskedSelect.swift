extension Tensor {
  /// The elements where `mask`, a bool tensor, holds, one after another, row-major; the two broadcast. One dim.
  ///
  /// Throws for a mask of another dtype, or one that does not broadcast.
  public func maskedSelect(_ mask: Tensor) throws(TensorError) -> Tensor {
    let (shape, places) = try maskedPlaces(mask, "maskedSelect")
    return try broadcastTo(shape).reshape([-1]).indexSelect(0, places)
  }

  /// These elements, but the first elements of `source`, row-major, one after another where `mask` holds; tensor and mask
  /// broadcast. Not in place.
  ///
  /// Throws for a mask of another dtype, a source of another dtype than this, and one with fewer elements than the mask
  /// has places.
  public func maskedScatter(_ mask: Tensor, _ source: Tensor) throws(TensorError) -> Tensor {
    let (shape, places) = try maskedPlaces(mask, "maskedScatter")
    guard source.dtype == dtype else {
      throw TensorError(
        .dtypeMismatch, "maskedScatter", dtypes: [dtype, source.dtype],
        "the source must have this tensor's dtype; convert with to(_:) first")
    }
    guard source.count >= places.count else {
      throw TensorError(
        .shapeMismatch, "maskedScatter", shapes: [shape, source.shape],
        "the mask holds in \(places.count) places, more than the source has elements")
    }
    let part = try source.reshape([-1]).narrow(0, 0, places.count)
    return try broadcastTo(shape).reshape([-1]).indexCopy(0, places, part).reshape(shape)
  }

  private func maskedPlaces(
    _ mask: Tensor, _ operation: StaticString
  ) throws(TensorError) -> (shape: Shape, places: Tensor) {
    guard mask.dtype == .bool else {
      throw TensorError(
        .dtypeMismatch, operation, dtypes: [mask.dtype],
        "the mask must be bool; compare first, or convert with to(.bool)")
    }
    let shape = try Shape.broadcast(shape, mask.shape, operation)
    let places = try mask.broadcastTo(shape).reshape([-1]).nonzero().reshape([-1])
    return (shape, places)
  }
}
