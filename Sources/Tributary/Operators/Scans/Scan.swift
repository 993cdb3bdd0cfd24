import CTributaryKernels
import TributaryParallel

/// Brings an operand to the kernels of running sums and their kin (tri_scan.h): dense [outer, n, inner], whose chains along
/// n are shared by the team. Where the dim stands does not reach the bits, and nothing is turned.
enum Scan {
  /// Of columns: chains that a tile carries along together.
  private static let stripe = 512
  /// A long row is shared by its blocks where there are fewer rows than this.
  private static let fewRows = 16

  /// - Parameters:
  ///   - factor: of `TRI_SCAN_RECURRENCE`: of x's shape and dtype
  ///   - indices: of `TRI_SCAN_MAX` and `_MIN`: a dense int64 tensor of x's shape, written
  /// - Returns: dense, of x's shape and dtype. Not recorded.
  static func apply(
    _ op: tri_scan_op, _ x: Tensor, factor: Tensor? = nil, axis: Int, reverse: Bool = false,
    indices: Tensor? = nil, nanosecondsPerElement cost: Double = 1, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    if x.dtype.isHalf {
      return try apply(
        op, x.castToComputing(operation), factor: factor?.castToComputing(operation),
        axis: axis, reverse: reverse, indices: indices, nanosecondsPerElement: cost, operation
      ).cast(to: x.dtype, operation)
    }
    guard tri_scan_supports(kernels, op, x.dtype.kernel) else {
      throw Binary.unsupported(x.dtype, operation)
    }
    let (dense, weights) = (
      try x.denseCopyIfStrided(operation), try factor?.denseCopyIfStrided(operation)
    )
    let out = try Tensor.empty(x.shape, dtype: x.dtype, operation)
    if out.count == 0 { return out }
    var (outer, inner) = (1, 1)
    for dim in 0..<axis { outer *= x.shape[dim] }
    for dim in (axis + 1)..<Swift.max(x.rank, axis + 1) { inner *= x.shape[dim] }
    let n = out.count / (outer * inner)
    // SAFETY: dense tensors of as many elements, held below; each range of chains writes its own.
    nonisolated(unsafe) let problem = tri_scan(
      outer: Int64(outer), n: Int64(n), inner: Int64(inner), reverse: reverse ? 1 : 0,
      x: dense.pointer, factor: weights.map { UnsafeRawPointer($0.pointer) }, y: out.pointer,
      indices: indices?.pointer.assumingMemoryBound(to: Int64.self))
    if op == TRI_SCAN_SUM, inner == 1, outer < fewRows, n >= 1 << 16 {
      try longRows(problem, x.dtype, operation)
    } else if inner == 1 {
      // As many rows as the kernels take side by side.
      let group = op == TRI_SCAN_LOGSUMEXP ? 16 : 4
      Reduction.split(
        units: (outer + group - 1) / group, elementsPerUnit: group * n, nanosecondsPerElement: cost
      ) { first, end in
        withUnsafePointer(to: problem) {
          tri_scan_run(
            kernels, op, x.dtype.kernel, $0, Int64(first * group), Int64(min(end * group, outer)),
            0, 1)
        }
      }
    } else {
      columns(problem, op, x.dtype, cost)
    }
    withExtendedLifetime((dense, weights, indices)) {}
    return out
  }

  private static func columns(
    _ problem: tri_scan, _ op: tri_scan_op, _ dtype: DType, _ cost: Double
  ) {
    let (outer, inner) = (Int(problem.outer), Int(problem.inner))
    let width = outer * inner >= fewRows * stripe ? stripe : 64
    let stripes = (inner + width - 1) / width
    // SAFETY: as in `apply`.
    nonisolated(unsafe) let problem = problem
    Reduction.split(
      units: outer * stripes, elementsPerUnit: Int(problem.n) * min(width, inner),
      nanosecondsPerElement: cost
    ) { first, end in
      withUnsafePointer(to: problem) {
        for unit in first..<end {
          let (o, begin) = (Int64(unit / stripes), unit % stripes * width)
          tri_scan_run(
            kernels, op, dtype.kernel, $0, o, o + 1, Int64(begin), Int64(min(begin + width, inner)))
        }
      }
    }
  }

  /// Sums of few long rows: those of the blocks first, then what stands before each block, then all.
  private static func longRows(
    _ problem: tri_scan, _ dtype: DType, _ operation: StaticString
  ) throws(TensorError) {
    let blocks = Int(tri_scan_blocks(problem.n))
    let sums = try Tensor.empty([blocks], dtype: dtype, operation)
    let group = 4
    let perUnit = group * Int(problem.n) / blocks
    // SAFETY: as in `apply`; `sums` holds one element for each block, of which each range writes its own.
    nonisolated(unsafe) let (problem, found) = (problem, sums.pointer)
    for row in 0..<problem.outer {
      func share(_ body: (UnsafePointer<tri_scan>, Int64, Int64) -> Void) {
        Reduction.split(
          units: (blocks + group - 1) / group, elementsPerUnit: perUnit, nanosecondsPerElement: 0.5
        ) { first, end in
          withUnsafePointer(to: problem) {
            body($0, Int64(first * group), Int64(min(end * group, blocks)))
          }
        }
      }
      share { tri_scan_block_sums(kernels, dtype.kernel, $0, row, $1, $2, found) }
      withStandardFloatingPoint { tri_scan_join_sums(dtype.kernel, Int64(blocks), found) }
      share { tri_scan_from_sums(kernels, dtype.kernel, $0, row, $1, $2, found) }
    }
    withExtendedLifetime(sums) {}
  }
}
