import CTributaryKernels

/// What the operators on one tensor share.
package enum Unary {
  /// `op` elementwise; not recorded.
  @inline(__always)
  package static func apply(
    _ op: tri_unary_op, _ x: Tensor, _ operation: StaticString,
    parameters: UnsafePointer<Double>? = nil, cost: ElementwiseMap.Cost = .plain
  ) throws(TensorError) -> Tensor {
    guard let map = tri_unary(kernels, op, x.dtype.kernel) else {
      throw Binary.unsupported(x.dtype, operation)
    }
    let out = try Tensor.empty(x.shape, dtype: x.dtype, operation)
    ElementwiseMap.run(map, x, into: out, parameters: parameters, cost: cost)
    return out
  }

  /// `op` of the elements as floating-point numbers: integers and bools are taken as float32.
  @inline(__always)
  package static func floating(
    _ op: tri_unary_op, _ x: Tensor, _ operation: StaticString,
    cost: ElementwiseMap.Cost = .function
  ) throws(TensorError) -> Tensor {
    if x.dtype.isFloatingPoint { return try apply(op, x, operation, cost: cost) }
    return try apply(op, x.cast(to: .float32, operation), operation, cost: cost)
  }

  /// `op` for floating-point tensors alone, as PyTorch has it for the activations.
  @inline(__always)
  package static func floatingOnly(
    _ op: tri_unary_op, _ x: Tensor, _ operation: StaticString,
    parameters: KernelParameters = KernelParameters(), cost: ElementwiseMap.Cost = .function
  ) throws(TensorError) -> Tensor {
    guard x.dtype.isFloatingPoint else { throw Binary.unsupported(x.dtype, operation) }
    return try parameters.pass { (pointer) throws(TensorError) in
      try apply(op, x, operation, parameters: pointer, cost: cost)
    }
  }
}

/// The numbers that a kernel takes beside its tensors.
package struct KernelParameters: Sendable {
  package var first: Double
  package var second: Double

  @inline(__always)
  package init(_ first: Double = 0, _ second: Double = 0) {
    self.first = first
    self.second = second
  }

  /// Hands them to `body` as the two Doubles that kernels read.
  @inline(__always)
  package func pass<R>(
    _ body: (UnsafePointer<Double>) throws(TensorError) -> R
  ) throws(TensorError) -> R {
    try withUnsafePointer(to: self) { (pointer) throws(TensorError) in
      // SAFETY: a struct of two Doubles, read as those, while it stands on the stack.
      try body(UnsafeRawPointer(pointer).assumingMemoryBound(to: Double.self))
    }
  }
}
