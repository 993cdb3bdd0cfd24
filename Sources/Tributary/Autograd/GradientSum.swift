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

  /// Adds a · b with the bits of a product that is formed first: each element is rounded before it is added.
  ///
  /// Into this sum's own buffer in one sweep: a third of the memory traffic of a product and an addition, and a buffer
  /// less. The factors record nothing.
  package mutating func add(_ a: Tensor, times b: Tensor) throws(TensorError) {
    if isOwn, let value, value.dtype == a.dtype,
      try Shape.broadcast(a.shape, b.shape, "backward") == value.shape,
      let map = tri_ternary(kernels, TRI_TERNARY_ADDCMUL, a.dtype.kernel)
    {
      try KernelParameters(1).pass { (one) throws(TensorError) in
        ElementwiseMap.run(map, value, a, b, into: value, parameters: one)
      }
    } else {
      try join(GradientSum(Binary.apply(TRI_BINARY_MUL, a, b, "backward"), isOwn: true))
    }
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
