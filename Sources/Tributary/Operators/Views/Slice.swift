/// Which positions of a dim a slice takes, within its bounds.
package struct SliceRange: Sendable {
  package let start: Int
  package let step: Int
  package let length: Int

  /// By Python's rule: negative bounds count from the end, and bounds past the ends are drawn in.
  package init(size: Int, start: Int?, end: Int?, step: Int) {
    func clamp(_ bound: Int) -> Int {
      Swift.min(Swift.max(bound < 0 ? bound + size : bound, 0), size)
    }
    let first = clamp(start ?? 0)
    let last = clamp(end ?? size)
    self.start = first
    self.step = step
    // Without forming first + step, which may overflow.
    self.length = last > first ? (last - first - 1) / step + 1 : 0
  }
}

extension Tensor {
  /// Positions `start`, `start + step`, … before `end` of dim `dim`, as Python slices: negative bounds count
  /// from the end, and those past the ends are drawn in. A view. Throws unless `step` is positive.
  public func slice(
    _ dim: Int, start: Int? = nil, end: Int? = nil, step: Int = 1
  ) throws(TensorError) -> Tensor {
    let axis = try shape.index(ofDim: dim, "slice")
    guard rank > 0 else {
      throw TensorError(
        .indexOutOfRange, "slice", shapes: [shape], "a tensor without dims cannot be sliced")
    }
    guard step > 0 else {
      throw TensorError(
        .invalidArgument, "slice", shapes: [shape],
        "the step \(step) is not positive; use flip to turn a dim round")
    }
    return slice(
      checked: axis, SliceRange(size: shape[axis], start: start, end: end, step: step))
  }

  /// `length` positions of dim `dim` from `start` on; a view.
  ///
  /// A negative start counts from the end. Throws where the range leaves the dim.
  public func narrow(_ dim: Int, _ start: Int, _ length: Int) throws(TensorError) -> Tensor {
    let axis = try shape.index(ofDim: dim, "narrow")
    let size = rank == 0 ? 0 : shape[axis]
    guard rank > 0, start >= -size, start <= size else {
      throw TensorError(
        .indexOutOfRange, "narrow", shapes: [shape],
        "start \(start) is out of range for dim \(axis) of size \(size)")
    }
    let first = start < 0 ? start + size : start
    guard length >= 0, length <= size - first else {
      throw TensorError(
        .indexOutOfRange, "narrow", shapes: [shape],
        "\(length) positions from \(first) on leave dim \(axis) of size \(size)")
    }
    return slice(
      checked: axis, SliceRange(size: size, start: first, end: first + length, step: 1))
  }

  package func slice(checked axis: Int, _ range: SliceRange) -> Tensor {
    view(of: SlicePart(axis: axis, range: range))
  }
}

/// A range of positions of a dim.
private struct SlicePart: TensorPart {
  let axis: Int
  let range: SliceRange

  static let title: StaticString = "Slice"
  static let embedding: StaticString = "slice_backward"

  func layout(in whole: Layout) -> Layout { whole.slicing(axis, range) }
}

extension Layout {
  package func slicing(_ axis: Int, _ range: SliceRange) -> Layout {
    var (shape, strides) = (shape, strides)
    // Wrapping: a tensor without elements may have any strides.
    let first = range.length > 0 ? range.start &* strides[axis] : 0
    shape[axis] = range.length
    // A step that is never taken may be any number, and its product overflow.
    strides[axis] = range.length > 1 ? strides[axis] &* range.step : strides[axis]
    return Layout(shape: shape, strides: strides, offset: offset &+ first)
  }
}
