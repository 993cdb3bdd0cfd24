extension Shape {
  /// The shape to which both broadcast, by PyTorch's rule: aligned at the last dim, equal or one.
  @inline(__always)
  package static func broadcast(
    _ a: Shape, _ b: Shape, _ operation: StaticString
  ) throws(TensorError) -> Shape {
    if a == b { return a }
    return try broadcastUnequal(a, b, operation)
  }

  private static func broadcastUnequal(
    _ a: Shape, _ b: Shape, _ operation: StaticString
  ) throws(TensorError) -> Shape {
    var result = Shape(repeating: 1, rank: Swift.max(a.rank, b.rank))
    for back in 0..<result.rank {
      let sizeA = back < a.rank ? a.dims[a.rank - 1 - back] : 1
      let sizeB = back < b.rank ? b.dims[b.rank - 1 - back] : 1
      guard sizeA == sizeB || sizeA == 1 || sizeB == 1 else {
        throw TensorError(
          .shapeMismatch, operation, shapes: [a, b],
          "sizes \(sizeA) and \(sizeB) at dim \(result.rank - 1 - back) do not broadcast; "
            + "they must be equal, or one of them 1")
      }
      result.dims[result.rank - 1 - back] = sizeA == 1 ? sizeB : sizeA
    }
    return result
  }

  /// Whether this shape broadcasts to `target`.
  package func broadcasts(to target: Shape) -> Bool {
    guard rank <= target.rank else { return false }
    for back in 0..<rank {
      let size = dims[rank - 1 - back]
      if size != 1, size != target.dims[target.rank - 1 - back] { return false }
    }
    return true
  }

  /// `dim` counted from the front, where a negative one counts from the back.
  ///
  /// A tensor without dims takes 0 and -1, as in PyTorch.
  package func index(ofDim dim: Int, _ operation: StaticString) throws(TensorError) -> Int {
    let limit = Swift.max(rank, 1)
    guard dim >= -limit, dim < limit else {
      throw TensorError(
        .indexOutOfRange, operation, shapes: [self],
        "dim \(dim) is out of range; a tensor of \(rank) dims takes \(-limit) to \(limit - 1)")
    }
    return dim < 0 ? dim + limit : dim
  }

  /// Each of `dims` as ``index(ofDim:_:)`` gives it. Throws where one is named twice.
  package func indices(
    ofDims dims: [Int], _ operation: StaticString
  ) throws(TensorError) -> Shape {
    var result = Shape()
    for dim in dims {
      let index = try index(ofDim: dim, operation)
      guard !result.contains(index) else {
        throw TensorError(
          .invalidArgument, operation, shapes: [self], "dim \(dim) is named twice in \(dims)")
      }
      result.append(index)
    }
    return result
  }
}
