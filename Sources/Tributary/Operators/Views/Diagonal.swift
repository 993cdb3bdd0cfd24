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
    return diagonal(DiagonalDims(row: i, column: j, offset: offset))
  }

  fileprivate func diagonal(_ dims: DiagonalDims) -> Tensor {
    recordedView(layout.diagonal(dims), nanoseconds: embeddingCost) { DiagonalBackward($0, dims) }
  }

  fileprivate func diagonalBackward(
    _ shape: Shape, _ dims: DiagonalDims
  ) throws(TensorError) -> Tensor {
    let out = try Tensor.filled(shape, .integer(0), dtype: dtype, "diagonal_backward")
    out.alias(out.layout.diagonal(dims)).copyElements(from: self)
    if AutogradMode.records(self) {
      out.record(DiagonalBackwardBackward(self, dims), nanoseconds: Node.viewCost)
    }
    return out
  }
}

private struct DiagonalDims: Sendable {
  let row: Int
  let column: Int
  let offset: Int
}

extension Layout {
  fileprivate func diagonal(_ dims: DiagonalDims) -> Layout {
    let rows = shape[dims.row]
    let columns = shape[dims.column]
    // An offset of any size: drawn in first, so that no sum overflows.
    let right = Swift.min(Swift.max(dims.offset, 0), columns)
    let down = dims.offset < 0 ? Int(Swift.min(dims.offset.magnitude, UInt(rows))) : 0
    let length = Swift.max(Swift.min(rows - down, columns - right), 0)
    var result = dropping(at: Swift.max(dims.row, dims.column))
      .dropping(at: Swift.min(dims.row, dims.column))
    result.shape.append(length)
    // Wrapping: a tensor without elements may have any strides.
    result.strides.append(strides[dims.row] &+ strides[dims.column])
    let first = length > 0 ? right &* strides[dims.column] &+ down &* strides[dims.row] : 0
    return Layout(shape: result.shape, strides: result.strides, offset: offset &+ first)
  }
}

final class DiagonalBackward: Node, @unchecked Sendable {
  private let dims: DiagonalDims

  fileprivate init(_ x: Tensor, _ dims: DiagonalDims) {
    self.dims = dims
    super.init(x)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try gradient.diagonalBackward(inputShape(0), dims) }
  }
}

final class DiagonalBackwardBackward: Node, @unchecked Sendable {
  private let dims: DiagonalDims

  fileprivate init(_ g: Tensor, _ dims: DiagonalDims) {
    self.dims = dims
    super.init(g)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = gradient.diagonal(dims) }
  }
}
