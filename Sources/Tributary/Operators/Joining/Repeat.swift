extension Tensor {
  /// Copies of this tensor side by side, `repeats[i]` along dim i; more numbers than dims put new dims in
  /// front.
  ///
  /// Throws for fewer numbers than dims, or a negative one.
  public func `repeat`(_ repeats: Shape) throws(TensorError) -> Tensor {
    guard repeats.rank >= rank, repeats.checkedElementCount != nil else {
      throw TensorError(
        .invalidArgument, "repeat", shapes: [shape, repeats],
        "needs a number for each dim, 0 or more, and at most \(Shape.maximumRank) of them")
    }
    return try repeated(repeats)
  }

  /// The same, where missing numbers stand for 1 in front.
  public func tile(_ repeats: Shape) throws(TensorError) -> Tensor {
    guard repeats.checkedElementCount != nil else {
      throw TensorError(
        .invalidArgument, "tile", shapes: [shape, repeats],
        "the numbers must be 0 or more, and at most \(Shape.maximumRank)")
    }
    var all = repeats
    while all.rank < rank { all.insert(1, at: 0) }
    return try repeated(all)
  }

  private func repeated(_ repeats: Shape) throws(TensorError) -> Tensor {
    var shape = shape
    while shape.rank < repeats.rank { shape.insert(1, at: 0) }
    var result = try denseCopyIfStrided("repeat")
    for dim in (0..<shape.rank).reversed() where repeats[dim] != 1 {
      // Rows of all dims from this one on, each written `repeats` times.
      let width = shape[dim...].reduce(1, *)
      let rows = shape[..<dim].reduce(1, *)
      let (size, overflow) = shape[dim].multipliedReportingOverflow(by: repeats[dim])
      guard !overflow else {
        throw TensorError(
          .invalidShape, "repeat", shapes: [self.shape, repeats],
          "\(repeats[dim]) times a dim of size \(shape[dim]) is more than can be counted")
      }
      shape[dim] = size
      let out = try Tensor.empty(shape, dtype: dtype, "repeat")
      let target = out.alias(
        Layout(dense: [rows, repeats[dim], width], count: out.count))
      target.copyElements(
        from: result.alias(
          Layout(shape: [rows, 1, width], strides: [width, 0, 1], offset: result.layout.offset)))
      result = out
    }
    let dense = Layout(
      shape: shape, strides: Layout.denseStrides(shape), offset: result.layout.offset)
    let out =
      result.buffer === buffer
      ? try denseCopy("repeat").alias(Layout(dense: shape, count: count))
      : result.alias(dense)
    if AutogradMode.records(self) { out.record(RepeatBackward(self, repeats)) }
    return out
  }

  /// The order of positions turned round along each of `dims`. Copies.
  public func flip(_ dims: [Int]) throws(TensorError) -> Tensor {
    var (strides, offset) = (strides, layout.offset)
    let axes = try shape.indices(ofDims: dims, "flip")
    for axis in axes where rank > 0 {
      // Wrapping: a tensor without elements may have any strides.
      offset &+= strides[axis] &* Swift.max(shape[axis] - 1, 0)
      strides[axis] = 0 &- strides[axis]
    }
    let out = try Tensor.empty(shape, dtype: dtype, "flip")
    out.copyElements(from: alias(Layout(shape: shape, strides: strides, offset: offset)))
    if AutogradMode.records(self) { out.record(FlipBackward(self, Array(axes))) }
    return out
  }
}

final class RepeatBackward: Node, @unchecked Sendable {
  private let repeats: Shape

  init(_ x: Tensor, _ repeats: Shape) {
    self.repeats = repeats
    super.init(x)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    guard sink.wants(0) else { return }
    var shape = gradient.shape
    var sum = gradient
    let input = inputShape(0)
    for dim in 0..<repeats.rank where repeats[dim] != 1 {
      let lead = repeats.rank - input.rank
      let size = dim < lead ? 1 : input[dim - lead]
      let rows = shape[..<dim].reduce(1, *)
      let inner = shape[(dim + 1)...].reduce(1, *)
      sum = try sum.reshape([rows, repeats[dim], size, inner])
        .sum(toShape: [rows, 1, size, inner])
      shape[dim] = size
    }
    sink[0] = try sum.reshape(input)
  }
}

final class FlipBackward: Node, @unchecked Sendable {
  private let dims: [Int]

  init(_ x: Tensor, _ dims: [Int]) {
    self.dims = dims
    super.init(x)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try gradient.flip(dims) }
  }
}
