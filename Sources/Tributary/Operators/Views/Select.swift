extension Tensor {
  /// The slice at `index` of dim `dim`, which is dropped; a negative index counts from the end. A view.
  public func select(_ dim: Int, _ index: Int) throws(TensorError) -> Tensor {
    let axis = try shape.index(ofDim: dim, "select")
    guard rank > 0 else {
      throw TensorError(
        .indexOutOfRange, "select", shapes: [shape],
        "a tensor without dims has nothing to select from")
    }
    let size = shape[axis]
    guard index >= -size, index < size else {
      throw TensorError(
        .indexOutOfRange, "select", shapes: [shape],
        "index \(index) is out of range for dim \(axis) of size \(size)")
    }
    return view(of: SelectPart(axis: axis, index: index < 0 ? index + size : index))
  }
}

/// One position of a dim, which is dropped.
private struct SelectPart: TensorPart {
  let axis: Int
  let index: Int

  static let title: StaticString = "Select"
  static let embedding: StaticString = "select_backward"

  func layout(in whole: Layout) -> Layout { whole.selecting(axis, index) }
}

extension Layout {
  package func selecting(_ axis: Int, _ index: Int) -> Layout {
    var result = dropping(at: axis)
    // Wrapping: a tensor without elements may have any strides.
    result.offset &+= index &* strides[axis]
    return result
  }
}
