import CTributaryKernels

/// A gradient that its node leaves to whoever sums it: the product of two tensors, not formed yet.
///
/// Formed in the sum it takes one sweep over that memory in place of two, and no buffer of its own; the bits are those of
/// a product that is formed first and then added, for either kernel rounds the product before it adds.
package struct ProductGradient {
  package enum Kind {
    /// Element by element, broadcast.
    case elements
    /// Of two matrices, or of vectors that stand for a row or a column as in ``Tensor/matmul(_:)``.
    case matrices(transposed: Bool, otherTransposed: Bool)
  }

  private let a: Tensor
  private let b: Tensor
  private let kind: Kind

  package init(_ a: Tensor, _ b: Tensor, _ kind: Kind) {
    (self.a, self.b, self.kind) = (a, b, kind)
  }

  /// The product, recorded where a factor is.
  package func formed() throws(TensorError) -> Tensor {
    switch kind {
    case .elements: try a.mul(b)
    case .matrices(let transposed, let otherTransposed):
      try a.times(b, transposed: transposed, otherTransposed: otherTransposed)
    }
  }

  /// Whether it may be formed in a sum of this shape and dtype: nothing is to be cast, summed to another shape or
  /// recorded, and the sum has the factors' precision.
  func fits(_ shape: Shape, _ dtype: DType) throws(TensorError) -> Bool {
    guard a.dtype == b.dtype, a.dtype == dtype, dtype.isFloatingPoint, !dtype.isHalf,
      !AutogradMode.records(a, b)
    else { return false }
    switch kind {
    case .elements: return try Shape.broadcast(a.shape, b.shape, "mul") == shape
    case .matrices(let transposed, let otherTransposed):
      guard a.rank == 2, b.rank == 2 else { return false }
      let inner = a.shape[transposed ? 0 : 1]
      // Of several blocks of k what is added to waits apart, and little of the time goes into the sum.
      return inner <= MatrixProduct.block && inner == b.shape[otherTransposed ? 1 : 0]
        && shape
          == Shape(
            rows: a.shape[transposed ? 1 : 0], columns: b.shape[otherTransposed ? 0 : 1])
    }
  }

  /// Adds the product to `sum`, which it fits, and which is dense and the caller's alone.
  func add(to sum: Tensor) throws(TensorError) {
    switch kind {
    case .elements:
      guard let map = tri_ternary(kernels, TRI_TERNARY_ADDCMUL, sum.dtype.kernel) else {
        throw Binary.unsupported(sum.dtype, "backward")
      }
      try KernelParameters(1).pass { (one) throws(TensorError) in
        ElementwiseMap.run(map, sum, a, b, into: sum, parameters: one)
      }
    case .matrices(let transposed, let otherTransposed):
      try a.product(b, transposed: transposed, otherTransposed: otherTransposed, addedTo: sum)
    }
  }
}
