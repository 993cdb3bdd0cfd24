extension Tensor {
  /// Dims `dim0` and `dim1` exchanged; a view.
  public func transpose(_ dim0: Int, _ dim1: Int) throws(TensorError) -> Tensor {
    let i = try shape.index(ofDim: dim0, "transpose")
    let j = try shape.index(ofDim: dim1, "transpose")
    return recordedView(layout.exchanging(i, j)) { TransposeBackward($0, i, j) }
  }

  /// The transposed matrix; a vector, or a tensor without dims, as it is. A view.
  ///
  /// Throws for more than two dims.
  public func t() throws(TensorError) -> Tensor {
    guard rank <= 2 else {
      throw TensorError(
        .shapeMismatch, "t", shapes: [shape],
        "takes at most two dims; use transpose(-2, -1) for a batch of matrices")
    }
    return recordedView(rank == 2 ? layout.exchanging(0, 1) : layout) { TBackward($0) }
  }

  /// The last two dims exchanged; a view. Throws for fewer than two dims.
  public func mT() throws(TensorError) -> Tensor {
    guard rank >= 2 else {
      throw TensorError(.shapeMismatch, "mT", shapes: [shape], "needs at least two dims")
    }
    return try transpose(-2, -1)
  }

  /// The dims in a new order: dim i of the result is dim `dims[i]` of this. A view.
  ///
  /// Throws unless `dims` names each dim once.
  public func permute(_ dims: [Int]) throws(TensorError) -> Tensor {
    guard dims.count == rank else {
      throw TensorError(
        .invalidArgument, "permute", shapes: [shape], "\(dims.count) dims named of \(rank)")
    }
    return permute(checked: try shape.indices(ofDims: dims, "permute"))
  }

  fileprivate func permute(checked order: Shape) -> Tensor {
    var permuted = layout
    for i in 0..<rank {
      permuted.shape[i] = layout.shape[order[i]]
      permuted.strides[i] = layout.strides[order[i]]
    }
    let result = Layout(shape: permuted.shape, strides: permuted.strides, offset: layout.offset)
    return recordedView(result) { PermuteBackward($0, order) }
  }

  /// Dim `source` moved to `destination`, the others kept in order; a view.
  public func movedim(_ source: Int, _ destination: Int) throws(TensorError) -> Tensor {
    let from = try shape.index(ofDim: source, "movedim")
    let to = try shape.index(ofDim: destination, "movedim")
    var order = Shape(0..<rank)
    if rank > 0 {
      order.remove(at: from)
      order.insert(from, at: to)
    }
    return permute(checked: order)
  }
}

extension Layout {
  package func exchanging(_ i: Int, _ j: Int) -> Layout {
    if i == j { return self }
    var (shape, strides) = (shape, strides)
    (shape[i], shape[j]) = (shape[j], shape[i])
    (strides[i], strides[j]) = (strides[j], strides[i])
    return Layout(shape: shape, strides: strides, offset: offset)
  }
}

final class TransposeBackward: Node, @unchecked Sendable {
  private let dims: (Int, Int)

  init(_ x: Tensor, _ i: Int, _ j: Int) {
    dims = (i, j)
    super.init(x)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try gradient.transpose(dims.0, dims.1) }
  }
}

final class TBackward: Node, @unchecked Sendable {
  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try gradient.t() }
  }
}

final class PermuteBackward: Node, @unchecked Sendable {
  private let order: Shape

  init(_ x: Tensor, _ order: Shape) {
    self.order = order
    super.init(x)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    guard sink.wants(0) else { return }
    var inverse = order
    for i in 0..<order.rank { inverse[order[i]] = i }
    sink[0] = gradient.permute(checked: inverse)
  }
}
