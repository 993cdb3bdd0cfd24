import CTributaryKernels
import TributaryMemory
import TributaryParallel

/// What all reductions share: the operand as dense rows or columns, and the split over the team.
///
/// Which of the two, and so the order of every sum, follows from the shape and the dims alone: columns where
/// the innermost dim of more than one element is kept, else rows. An operand that does not lie that way is
/// copied first. The kernels give the same bits however a range is split (tri_reduce.h).
package enum Reduction {
  /// The operand seen as [outer, reduced, inner]; `inner` is 1 for rows.
  package struct Form {
    let dense: Tensor
    let outer: Int
    let reduced: Int
    let inner: Int
  }

  /// Work under this many elements is not split.
  private static let grain = 1 << 15
  private static let nanosecondsPerElement = 0.12

  package static func apply(
    _ op: tri_reduce_op, _ x: Tensor, _ dims: DimSet, keepDim: Bool, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    if x.dtype.isHalf {
      let out = try apply(op, x.castToComputing(operation), dims, keepDim: keepDim, operation)
      return out.dtype == .float32 ? try out.cast(to: x.dtype, operation) : out
    }
    guard tri_reduce_supports(op, x.dtype.kernel) else {
      throw Binary.unsupported(x.dtype, operation)
    }
    let dtype = resultDType(op, x.dtype)
    let out = try Tensor.empty(
      dims.reducing(x.shape, keepDim: keepDim), dtype: dtype, operation)
    if op == TRI_REDUCE_MAX || op == TRI_REDUCE_MIN { try dims.checkElements(x.shape, operation) }
    if out.count == 0 { return out }
    if x.count > grain, let channels = Channels(x, dims) {
      try withStandardFloatingPoint { () throws(TensorError) in
        try channels.reduce(op, x, out, operation)
      }
      return out
    }
    let form = try form(x, dims, operation)
    try withStandardFloatingPoint { () throws(TensorError) in
      if form.inner == 1 {
        try rows(op, form, x.dtype, out, operation)
      } else {
        try columns(op, form, x.dtype, out, operation)
      }
    }
    withExtendedLifetime(form) {}
    return out
  }

  private static func resultDType(_ op: tri_reduce_op, _ dtype: DType) -> DType {
    DType(rawValue: UInt8(tri_reduce_result(op, dtype.kernel).rawValue)) ?? dtype
  }

  /// The operand's elements in the order [kept dims, reduced dims] or [kept, reduced, innermost kept].
  package static func form(
    _ x: Tensor, _ dims: DimSet, _ operation: StaticString
  ) throws(TensorError) -> Form {
    let shape = x.shape
    // Trailing dims that are kept; those of size one move no element and are passed over.
    var firstInner = shape.rank
    while firstInner > 0, !dims.contains(firstInner - 1) || shape[firstInner - 1] == 1 {
      firstInner -= 1
    }
    var order = Shape()
    var (outer, reduced, inner) = (1, 1, 1)
    for dim in 0..<firstInner where !dims.contains(dim) {
      order.append(dim)
      outer *= shape[dim]
    }
    for dim in 0..<firstInner where dims.contains(dim) {
      order.append(dim)
      reduced *= shape[dim]
    }
    for dim in firstInner..<shape.rank {
      order.append(dim)
      inner *= shape[dim]
    }
    // Nothing but dims of size one is reduced: each element is a row of its own.
    if reduced == 1 { (outer, inner) = (outer * inner, 1) }
    // Nothing moves where all dims keep their places.
    let moves = !order.indices.allSatisfy { order[$0] == $0 }
    let arranged = moves ? x.alias(x.layout.permuted(order)) : x
    let dense = arranged.isContiguous ? arranged : try arranged.denseCopy(operation)
    return Form(dense: dense, outer: outer, reduced: reduced, inner: inner)
  }

  private static func rows(
    _ op: tri_reduce_op, _ form: Form, _ dtype: DType, _ out: Tensor, _ operation: StaticString
  ) throws(TensorError) {
    let (rows, n) = (form.outer, form.reduced)
    // SAFETY: `form.dense` holds `rows` dense rows of n elements and `out` one element for each; each range of
    // units writes its own. `apply` holds both.
    let (input, output) = (form.dense.pointer, out.pointer)
    let blocks = Int(tri_row_block_count(Int64(n)))
    if rows * n <= grain {
      return tri_reduce_rows(kernels, op, dtype.kernel, input, Int64(n), 0, Int64(rows), output)
    }
    if rows >= 32 || blocks == 1 {
      return split(units: rows, elementsPerUnit: n) { first, end in
        tri_reduce_rows(
          kernels, op, dtype.kernel, input, Int64(n), Int64(first), Int64(end), output)
      }
    }
    try withPartials(rows * blocks, out.dtype, operation) { partials in
      // Rounded up, not one more: the kernel goes through four whole blocks side by side, and a tile holds four.
      split(units: rows * blocks, elementsPerUnit: (n + blocks - 1) / blocks) { first, end in
        tri_reduce_row_blocks(
          kernels, op, dtype.kernel, input, Int64(n), Int64(first), Int64(end), partials)
      }
      tri_reduce_row_combine(
        kernels, op, dtype.kernel, partials, Int64(n), 0, Int64(rows), output)
    }
  }

  /// Runs `body` with room for so many partial results: on the stack where they are few, which a tensor of their own
  /// would outweigh.
  private static func withPartials(
    _ count: Int, _ dtype: DType, _ operation: StaticString,
    _ body: (UnsafeMutableRawPointer) -> Void
  ) throws(TensorError) {
    // SAFETY: the partials fit, and are read and written within the call.
    if count <= SmallRoom.byteCount / dtype.itemSize { return SmallRoom.with(body) }
    let partials = try Tensor.empty(Shape(repeating: count, rank: 1), dtype: dtype, operation)
    body(partials.pointer)
    withExtendedLifetime(partials) {}
  }

  private static func columns(
    _ op: tri_reduce_op, _ form: Form, _ dtype: DType, _ out: Tensor, _ operation: StaticString
  ) throws(TensorError) {
    let (outer, m, n) = (Int64(form.outer), Int64(form.reduced), Int64(form.inner))
    // SAFETY: `form.dense` holds outer · m · n dense elements and `out` outer · n; each range of units writes its
    // own. `apply` holds both.
    let (input, output) = (form.dense.pointer, out.pointer)
    if form.outer * form.reduced * form.inner <= grain {
      return tri_reduce_columns(
        kernels, op, dtype.kernel, input, outer, m, n, 0, outer, 0, n, output)
    }
    let width = 64  // columns a unit: whole cache lines of a row
    let stripes = (form.inner + width - 1) / width
    if form.outer * stripes >= 16 {
      return split(units: form.outer * stripes, elementsPerUnit: form.reduced * width) {
        first, end in
        for unit in first..<end {
          let (o, stripe) = (Int64(unit / stripes), Int64(unit % stripes * width))
          tri_reduce_columns(
            kernels, op, dtype.kernel, input, outer, m, n, o, o + 1, stripe,
            min(stripe + Int64(width), n), output)
        }
      }
    }
    let blocks = Int(tri_column_block_count(m))
    try withPartials(blocks * form.inner, out.dtype, operation) { partials in
      for o in 0..<outer {
        split(units: blocks, elementsPerUnit: form.reduced / blocks * form.inner) { first, end in
          tri_reduce_column_blocks(
            kernels, op, dtype.kernel, input, outer, m, n, o, Int64(first), Int64(end), 0, n,
            partials)
        }
        tri_reduce_column_combine(
          kernels, op, dtype.kernel, partials, m, n, 0, n,
          output + Int(o) * form.inner * out.dtype.itemSize)
      }
    }
  }

  /// Splits units of about `elementsPerUnit` elements over the team.
  package static func split(
    units: Int, elementsPerUnit: Int, nanosecondsPerElement: Double = nanosecondsPerElement,
    _ body: (_ first: Int, _ end: Int) -> Void
  ) {
    let perTile = max(1, grain / 2 / max(elementsPerUnit, 1))
    let tiles = (units + perTile - 1) / perTile
    if tiles <= 1 { return withStandardFloatingPoint { body(0, units) } }
    parallelFor(
      tiles: tiles,
      nanosecondsPerTile: Double(perTile * elementsPerUnit) * nanosecondsPerElement
    ) { range in
      body(range.lowerBound * perTile, min(range.upperBound * perTile, units))
    }
  }
}

extension Layout {
  /// The dims in another order.
  package func permuted(_ order: Shape) -> Layout {
    var (shape, strides) = (Shape(), Shape())
    for dim in order {
      shape.append(self.shape[dim])
      strides.append(self.strides[dim])
    }
    return Layout(shape: shape, strides: strides, offset: offset)
  }
}
