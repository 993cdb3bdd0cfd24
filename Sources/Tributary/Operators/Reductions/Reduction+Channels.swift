import CTributaryKernels

extension Reduction {
  /// A dense operand [parts, rows, size] of which the middle is kept: what the gradient of a channel's bias sums.
  ///
  /// Each row lies in parts. They are read where they lie, with the bits of a row, where ``form(_:_:_:)`` would copy the
  /// whole operand.
  struct Channels {
    let parts: Int
    let rows: Int
    let size: Int

    /// Nil where the operand is another.
    init?(_ x: Tensor, _ dims: DimSet) {
      guard x.isContiguous else { return nil }
      var (sizes, dim) = ([1, 1, 1], 0)
      for (place, isReduced) in [true, false, true].enumerated() {
        // A dim of size one moves nothing, whether it is reduced or not.
        while dim < x.rank, x.shape[dim] == 1 || dims.contains(dim) == isReduced {
          sizes[place] *= x.shape[dim]
          dim += 1
        }
      }
      guard dim == x.rank, sizes.allSatisfy({ $0 > 1 }) else { return nil }
      (parts, rows, size) = (sizes[0], sizes[1], sizes[2])
    }

    func reduce(
      _ op: tri_reduce_op, _ x: Tensor, _ out: Tensor, _ operation: StaticString
    ) throws(TensorError) {
      let blocks = Int(tri_row_block_count(Int64(parts * size)))
      let partials = try Tensor.empty([rows, blocks], dtype: out.dtype, operation)
      // SAFETY: `x` holds parts · rows · size dense elements, `partials` an element for each unit and `out` one for each
      // row; each range of units writes its own. All are held below.
      let (from, between, to) = (x.pointer, partials.pointer, out.pointer)
      let (dtype, n) = (x.dtype.kernel, Int64(parts * size))
      Reduction.split(units: rows * blocks, elementsPerUnit: (parts * size + blocks - 1) / blocks) {
        first, end in
        tri_reduce_part_blocks(
          kernels, op, dtype, from, Int64(parts), Int64(rows), Int64(size), Int64(first),
          Int64(end), between)
      }
      tri_reduce_row_combine(kernels, op, dtype, between, n, 0, Int64(rows), to)
      withExtendedLifetime((x, partials)) {}
    }
  }
}
