import CTributaryKernels
import CTributaryShims

/// A sum of gradients under way, and whether its buffer is this pass's own to add into.
///
/// In place only into a buffer that this sum has made, or that the first contribution leaves to it alone: that
/// one may also be the seed, a view, or seen by others. Undefined contributions are skipped, not added as zero:
/// `-0.0 + 0.0` is `+0.0`.
package struct GradientSum {
  package private(set) var value: Tensor?
  private var isOwn = false

  package init() {}

  package mutating func add(_ next: Tensor?) throws(TensorError) {
    try join(GradientSum(next))
  }

  private init(_ value: Tensor?, isOwn: Bool = false) {
    self.value = value
    self.isOwn = isOwn
  }

  /// Adds a product with the bits of one that is formed first: into this sum's own buffer where it fits, else returns it
  /// formed, for ``add(formed:)``.
  package func form(_ product: ProductGradient) throws(TensorError) -> Tensor? {
    guard isOwn, let value, try product.fits(value.shape, value.dtype) else {
      return try product.formed()
    }
    try product.add(to: value)
    return nil
  }

  /// Adds a product that has been formed for this sum alone.
  package mutating func add(formed product: Tensor) throws(TensorError) {
    try join(GradientSum(product, isOwn: !product.requiresGrad))
  }

  /// Adds what comes after this sum in the order of the slots.
  package mutating func join(_ next: GradientSum) throws(TensorError) {
    guard let right = next.value else { return }
    // Asked in place and first: a reference held for the question would answer it. What another thread did with the
    // tensor before it gave up its reference is ordered by the count of references, which the runtime lowers with
    // release and reads with acquire; the thread sanitizer does not see into that, and would report the addition.
    let isOnly = isOwn || !tri_is_thread_sanitized && isKnownUniquelyReferenced(&value)
    guard let left = value else {
      self = next
      return
    }
    if left.requiresGrad || right.requiresGrad {
      value = try left.add(right)
      isOwn = false
    } else if isOnly, left.shape == right.shape, left.dtype == right.dtype,
      isOwn || left.isSoleDenseOwner(),
      let map = tri_binary(kernels, TRI_BINARY_ADD, left.dtype.kernel)
    {
      ElementwiseMap.run(map, left, right, into: left)
      isOwn = true
    } else {
      value = try Binary.apply(TRI_BINARY_ADD, left, right, "backward")
      isOwn = true
    }
  }
}
