import CTributaryKernels

/// Runs a kernel over dense rows along one dim of a tensor, and gives the result the tensor's shape.
///
/// Where the dim is not the innermost one, the operands are copied to lie so, and the result back: bits do not
/// depend on where the dim stands, and the result is dense.
package enum RowMap {
  /// Nanoseconds an element of exp and sums takes.
  package static let nanosecondsPerElement = 1.0

  package static func apply(
    _ inputs: [Tensor], dim: Int, _ operation: StaticString,
    _ body: (
      _ inputs: [UnsafeMutableRawPointer], _ n: Int64, _ first: Int64, _ end: Int64,
      _ out: UnsafeMutableRawPointer
    ) -> Void
  ) throws(TensorError) -> Tensor {
    let shape = inputs[0].shape
    let last = max(shape.rank - 1, 0)
    var rows: [Tensor] = []
    for input in inputs {
      let moved = input.alias(input.layout.exchanging(dim, last))
      rows.append(moved.isContiguous ? moved : try moved.denseCopy(operation))
    }
    let out = try Tensor.empty(rows[0].shape, dtype: inputs[0].dtype, operation)
    if out.count > 0 {
      let n = shape.rank == 0 ? 1 : shape[dim]
      let pointers = rows.map(\.pointer)
      let result = out.pointer
      // SAFETY: `rows` and `out` are dense, and their rows of n elements are as many as the units.
      Reduction.split(
        units: out.count / n, elementsPerUnit: n, nanosecondsPerElement: nanosecondsPerElement
      ) { first, end in
        body(pointers, Int64(n), Int64(first), Int64(end), result)
      }
      withExtendedLifetime(rows) {}
    }
    if dim == last { return out }
    return try out.alias(out.layout.exchanging(dim, last)).denseCopyIfStrided(operation)
  }
}
