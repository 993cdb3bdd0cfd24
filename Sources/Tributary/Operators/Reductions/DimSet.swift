/// A set of dims of a tensor, as bits: small operators put no array on the heap.
package struct DimSet: Equatable, Sendable {
  package var bits: UInt32

  package init(bits: UInt32) { self.bits = bits }

  package static func all(_ rank: Int) -> DimSet { DimSet(bits: (1 << UInt32(rank)) - 1) }

  /// One dim, negative from the back.
  package init(_ dim: Int, of shape: Shape, _ operation: StaticString) throws(TensorError) {
    bits = shape.rank == 0 ? 0 : 1
    let index = try shape.index(ofDim: dim, operation)
    if shape.rank > 0 { bits = 1 << UInt32(index) }
  }

  /// Several; none means all, as in PyTorch.
  package init(_ dims: [Int], of shape: Shape, _ operation: StaticString) throws(TensorError) {
    bits = 0
    for dim in dims {
      let next = try DimSet(dim, of: shape, operation)
      if bits & next.bits != 0 {
        throw TensorError(
          .invalidArgument, operation, shapes: [shape], "dim \(dim) is named twice in \(dims)")
      }
      bits |= next.bits
    }
    if dims.isEmpty { self = .all(shape.rank) }
  }

  @inline(__always)
  package func contains(_ dim: Int) -> Bool { bits & (1 << UInt32(dim)) != 0 }

  /// For an extremum: throws where one of these dims has no element, also if the result would have none.
  package func checkElements(
    _ shape: Shape, _ operation: StaticString
  ) throws(TensorError) {
    for dim in 0..<shape.rank where contains(dim) && shape[dim] == 0 {
      throw TensorError(
        .shapeMismatch, operation, shapes: [shape],
        "dim \(dim) has no element to choose from; reduce over dims that have elements")
    }
  }

  /// `shape` without these dims, or with 1 in their place.
  package func reducing(_ shape: Shape, keepDim: Bool) -> Shape {
    var result = Shape()
    for dim in 0..<shape.rank {
      if !contains(dim) { result.append(shape[dim]) } else if keepDim { result.append(1) }
    }
    return result
  }
}
