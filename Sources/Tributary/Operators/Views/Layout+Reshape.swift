extension Layout {
  /// Strides with which these elements read in row-major order as `target`, a shape of as many elements;
  /// nil where no strides do.
  package func strides(readAs target: Shape) -> Shape? {
    if target == shape { return strides }
    if isContiguous || count == 0 { return Layout.denseStrides(target) }
    var result = Shape(repeating: 1, rank: target.rank)
    // From the back: runs of dims that lie as one dense run are merged, and the dims of the target that
    // make up as many elements are cut from each run.
    var next = target.rank - 1
    var runCount = 1
    var runStride = 1
    for dim in stride(from: shape.rank - 1, through: 0, by: -1) where shape[dim] != 1 {
      if runCount == 1 { runStride = strides[dim] }
      runCount *= shape[dim]
      // The run goes on as long as the next dim outwards steps over exactly what has been merged.
      let outer = (0..<dim).last { shape[$0] != 1 }
      if let outer, strides[outer] == runStride * runCount { continue }
      var cut = 1
      while next >= 0, cut < runCount || target[next] == 1 {
        result[next] = cut * runStride
        cut *= target[next]
        next -= 1
      }
      if cut != runCount { return nil }
      runCount = 1
    }
    while next >= 0 {
      result[next] = 1
      next -= 1
    }
    return result
  }
}

extension Shape {
  /// This shape with its one size of -1, if any, worked out so that it holds `count` elements.
  package func resolved(
    forCount count: Int, from source: Shape, _ operation: StaticString
  ) throws(TensorError) -> Shape {
    var result = self
    var inferred: Int?
    for i in indices where self[i] == -1 {
      guard inferred == nil else {
        throw TensorError(
          .invalidShape, operation, shapes: [source, self], "only one size may be -1")
      }
      inferred = i
      result[i] = 1
    }
    guard let known = result.checkedElementCount else {
      throw TensorError(
        .invalidShape, operation, shapes: [source, self],
        "sizes must be 0 or more (one may be -1), their product must not overflow, and there may be at "
          + "most \(Shape.maximumRank) dims")
    }
    if let inferred {
      guard known > 0, count % known == 0 else {
        throw TensorError(
          .shapeMismatch, operation, shapes: [source, self],
          known == 0
            ? "the size -1 cannot be worked out beside a size of 0; give it"
            : "\(count) elements do not divide by \(known), the product of the given sizes")
      }
      result[inferred] = count / known
    } else if known != count {
      throw TensorError(
        .shapeMismatch, operation, shapes: [source, self],
        "a shape of \(known) elements for a tensor of \(count); the numbers must agree")
    }
    return result
  }
}
