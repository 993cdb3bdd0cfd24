extension Tensor {
  /// The diagonals of the matrices in dims `dim1` and `dim2`, as a last dim that replaces both; `offset` rows
  /// right of the main diagonal (negative: below). A view.
  public func diagonal(
    offset: Int = 0, dim1: Int = 0, dim2: Int = 1
  ) throws(TensorError) -> Tensor {
    let i = try shape.index(ofDim: dim1, "diagonal")
    let j = try shape.index(ofDim: dim2, "diagonal")
    guard i != j else {
      throw TensorError(
        .invalidArgument, "diagonal", shapes: [shape], "dim1 and dim2 are both dim \(i)")
    }
    return view(of: DiagonalPart(row: i, column: j, offset: offset))
  }
}

/// The diagonals of the matrices in two dims.
private struct DiagonalPart: TensorPart {
  let row: Int
  let column: Int
  let offset: Int

  static let title: StaticString = "Diagonal"
  static let embedding: StaticString = "diagonal_backward"

  func layout(in whole: Layout) -> Layout {
    let rows = whole.shape[row]
    let columns = whole.shape[column]
    // An offset of any size: drawn in first, so that no sum overflows.
    let right = min(max(offset, 0), columns)
    let down = offset < 0 ? Int(min(offset.magnitude, UInt(rows))) : 0
    let length = max(min(rows - down, columns - right), 0)
    var result = whole.dropping(at: max(row, column)).dropping(at: min(row, column))
    result.shape.append(length)
    // Wrapping: a tensor without elements may have any strides.
    result.strides.append(whole.strides[row] &+ whole.strides[column])
    let first = length > 0 ? right &* whole.strides[column] &+ down &* whole.strides[row] : 0
    return Layout(shape: result.shape, strides: result.strides, offset: whole.offset &+ first)
  }
}
