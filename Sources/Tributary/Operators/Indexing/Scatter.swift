import CTributaryKernels

extension Tensor {
  /// These elements, and each of `src` added to that at the position along `dim` which `index` holds in its place; along
  /// the other dims at its own place. Not in place.
  ///
  /// - Parameters:
  ///   - index: int64 or int32, of as many dims; no greater than `src`, and but along `dim` than this tensor. Negative
  ///     positions count from the end.
  ///   - src: of this dtype
  /// - Throws: where these do not fit, and for a position out of range, with the first such and the size.
  ///
  /// Each element is summed by one worker, from the one here on, in the order of `index`. Elements that no position names
  /// keep their bits, but for the NaNs of halves, which become the dtype's own.
  public func scatterAdd(
    _ dim: Int, _ index: Tensor, _ src: Tensor
  ) throws(TensorError) -> Tensor {
    let (axis, places, part) = try scatterPlaces(dim, index, src, "scatterAdd")
    return try adding(part, axis, places, "scatterAdd", "ScatterAddBackward0")
  }

  /// These elements, but those of `src` at the positions along `dim` which `index` holds in their places; along the other
  /// dims at their own. Not in place.
  ///
  /// `index` and `src` as those of ``scatterAdd(_:_:_:)``. Where several go to one element the last stays, and its gradient
  /// goes to that one alone.
  public func scatter(_ dim: Int, _ index: Tensor, _ src: Tensor) throws(TensorError) -> Tensor {
    let (axis, places, part) = try scatterPlaces(dim, index, src, "scatter")
    return try replacing(part, axis, places, "scatter", "ScatterBackward0")
  }

  /// The same with a number, which the dtype must hold.
  public func scatter(_ dim: Int, _ index: Tensor, _ value: Double) throws(TensorError) -> Tensor {
    let number = try number(value, "scatter")
    let (axis, places, _) = try scatterPlaces(dim, index, nil, "scatter")
    return try replacing(
      number.broadcastTo(places.shape), axis, places, "scatter", "ScatterBackward1")
  }

  /// The dim, the index as int64, and the part of `src` that it covers; all seen to fit.
  func scatterPlaces(
    _ dim: Int, _ index: Tensor, _ src: Tensor?, _ operation: StaticString
  ) throws(TensorError) -> (axis: Int, index: Tensor, part: Tensor) {
    let axis = try shape.index(ofDim: dim, operation)
    guard src == nil || src?.dtype == dtype else {
      throw TensorError(
        .dtypeMismatch, operation, dtypes: [dtype, src?.dtype ?? dtype],
        "src must have this tensor's dtype; convert with to(_:) first")
    }
    // An index without dims is one of one.
    let index = rank == 1 && index.rank == 0 ? try index.reshape([1]) : index
    var part = src
    if let src, rank == 1, src.rank == 0 { part = try src.reshape([1]) }
    var fits = index.rank == rank && (part == nil || part?.rank == rank)
    for i in 0..<rank where fits {
      fits = index.shape[i] <= part?.shape[i] ?? .max && (i == axis || index.shape[i] <= shape[i])
    }
    // No index, no places: of any shape, as in PyTorch.
    if index.count == 0, index.rank <= rank { fits = true }
    guard fits else {
      throw TensorError(
        .shapeMismatch, operation, shapes: [shape, index.shape] + (src.map { [$0.shape] } ?? []),
        "index and src have as many dims, the index no greater sizes than src, nor than the tensor but along dim \(axis)"
      )
    }
    let places = try index.wholePositions(operation)
    for i in 0..<rank where index.rank == rank {
      if let whole = part, i < whole.rank, index.shape[i] < whole.shape[i] {
        part = try whole.narrow(i, 0, index.shape[i])
      }
    }
    return (axis, places, part ?? self)
  }

  /// A number as a tensor without dims, of this dtype.
  func number(_ value: Double, _ operation: StaticString) throws(TensorError) -> Tensor {
    let filler = try Tensor.full([], value, dtype: dtype.isFloatingPoint ? dtype : .float64)
    let number = try filler.cast(to: dtype, operation)
    let held = try number.item()
    // 2⁶³ is saturated to a number that is 2⁶³ again as a Double.
    let isHeld = held == value && (dtype != .int64 || Int(exactly: value) != nil)
    guard dtype.isFloatingPoint || isHeld else {
      throw TensorError(
        .invalidArgument, operation, dtypes: [dtype], "the dtype does not hold \(value)")
    }
    return number
  }

  /// These elements with a part added where an int64 index says; recorded.
  func adding(
    _ part: Tensor, _ axis: Int, _ index: Tensor, _ operation: StaticString, _ name: String
  ) throws(TensorError) -> Tensor {
    try putting(TRI_PUT_ADD, part, axis, index, operation, name)
  }

  /// These elements with those of a part where an int64 index says; recorded.
  func replacing(
    _ part: Tensor, _ axis: Int, _ index: Tensor, _ operation: StaticString, _ name: String
  ) throws(TensorError) -> Tensor {
    try putting(TRI_PUT_SET, part, axis, index, operation, name)
  }

  private func putting(
    _ op: tri_put_op, _ part: Tensor, _ axis: Int, _ index: Tensor, _ operation: StaticString,
    _ name: String
  ) throws(TensorError) -> Tensor {
    let out = try denseCopy(operation)
    if index.count > 0 { try out.put(op, axis, index, part, operation) }
    if AutogradMode.records(self, part) {
      out.record(ScatterBackward(self, part, axis, index, replaces: op == TRI_PUT_SET, name))
    }
    return out
  }
}

/// To the elements the gradient itself, or zeros where a part replaced them; to the part what is read back where it went,
/// of several that replaced one element only to the last.
final class ScatterBackward: Node, @unchecked Sendable {
  private let axis: Int
  private let replaces: Bool
  private let ownName: String

  init(
    _ x: Tensor, _ part: Tensor, _ axis: Int, _ index: Tensor, replaces: Bool, _ name: String
  ) {
    (self.axis, self.replaces, ownName) = (axis, replaces, name)
    super.init(x, part)
    save(index)
  }

  override var name: String { ownName }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    let index = try saved(0)
    if sink.wants(0) {
      sink[0] = replaces && index.count > 0 ? try zeroed(gradient, index) : gradient
    }
    guard sink.wants(1) else { return }
    if index.count == 0 {
      sink[1] = try Tensor.filled(
        inputShape(1), .integer(0), dtype: gradient.dtype, "scatter_backward")
    } else {
      let back = try gradient.gathered(axis, index, "gather", "GatherBackward0")
      sink[1] =
        replaces ? try Tensor.where(lastOnes(index, like: gradient.shape), back, 0) : back
    }
  }

  private func zeroed(_ gradient: Tensor, _ index: Tensor) throws(TensorError) -> Tensor {
    let zero = try Tensor.filled([], .integer(0), dtype: gradient.dtype, "scatter_backward")
    return try gradient.replacing(
      zero.broadcastTo(index.shape), axis, index, "scatter", "ScatterBackward1")
  }

  /// Which places are the last that went to their element.
  private func lastOnes(_ index: Tensor, like shape: Shape) throws(TensorError) -> Tensor {
    let numbers = try Tensor.arange(index.count).reshape(index.shape)
    let holders = try Tensor.empty(shape, dtype: .int64, "scatter_backward")
    try holders.put(TRI_PUT_SET, axis, index, numbers, "scatter_backward")
    return try holders.gathered(axis, index, "gather", "GatherBackward0").eq(numbers)
  }
}
