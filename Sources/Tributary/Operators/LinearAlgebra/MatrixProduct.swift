import CTributaryKernels
import TributaryMemory
import TributaryParallel

/// The driver of the matrix-product kernels: plans, packs, and splits a product over the team.
package enum MatrixProduct {
  /// Sustained rate on one core, in operations a nanosecond; for estimates only.
  private static let operationsPerNanosecond = 60.0

  /// How many of k are one chain of multiply-adds: a block.
  static let block = Int(tri_gemm_block())

  package static func nanoseconds(_ m: Int, _ n: Int, _ k: Int) -> Double {
    2 * Double(m) * Double(n) * Double(k) / operationsPerNanosecond
  }

  /// One operand seen as a stack of matrices.
  package struct Operand {
    let base: UnsafeRawPointer
    private(set) var rows: Int
    private(set) var columns: Int
    private(set) var rowStride: Int
    private(set) var columnStride: Int

    /// - Parameter vectorIsRow: what a tensor of one dim is: a row, or else a column.
    @inline(__always)
    package init(_ x: Tensor, vectorIsRow: Bool = true) {
      base = UnsafeRawPointer(x.pointer)
      (columns, columnStride) = (x.shape[x.rank - 1], x.strides[x.rank - 1])
      (rows, rowStride) = x.rank == 1 ? (1, 0) : (x.shape[x.rank - 2], x.strides[x.rank - 2])
      if x.rank == 1, !vectorIsRow { transpose() }
    }

    package init(transposed x: Tensor) {
      self.init(x)
      transpose()
    }

    mutating func transpose() {
      (rows, columns) = (columns, rows)
      (rowStride, columnStride) = (columnStride, rowStride)
    }
  }

  /// The product of a's matrices and b's, without epilogue; `c` is dense.
  package static func problem(
    _ dtype: DType, _ a: Operand, _ b: Operand, c: UnsafeMutableRawPointer
  ) -> tri_gemm_problem {
    let (m, n, k) = (a.rows, b.columns, a.columns)
    var problem = tri_gemm_problem()
    problem.dtype = dtype.kernel
    problem.m = Int64(m)
    problem.n = Int64(n)
    problem.k = Int64(k)
    problem.a = a.base
    problem.a_row_stride = Int64(a.rowStride)
    problem.a_column_stride = Int64(a.columnStride)
    problem.b = b.base
    problem.b_row_stride = Int64(b.rowStride)
    problem.b_column_stride = Int64(b.columnStride)
    problem.c = c
    problem.c_row_stride = Int64(n)
    problem.alpha = 1
    return problem
  }

  /// Runs one product on the team.
  package static func run(
    _ problem: inout tri_gemm_problem, _ operation: StaticString
  ) throws(TensorError) {
    let (m, n, k) = (Int(problem.m), Int(problem.n), Int(problem.k))
    if m == 0 || n == 0 { return }
    let gemm = kernels.pointee.gemm
    var plan = tri_gemm_plan()
    gemm.plan(&problem, &plan)
    if plan.pack_units == 0, plan.tiles <= 1 {
      return withStandardFloatingPoint { gemm.multiply(&problem) }
    }

    let shares = MatrixTiles(plan, problem)
    let shared = try scratch(Int(plan.shared_bytes), problem, operation)
    try withUnsafePointer(to: problem) { (problem) throws(TensorError) in
      try withUnsafePointer(to: plan) { (plan) throws(TensorError) in
        let sharedBase = shared?.base
        if plan.pointee.pack_units > 0 {
          let units = Int(plan.pointee.pack_units)
          parallelFor(
            tiles: units, nanosecondsPerTile: Double(k * n) * 0.3 / Double(units)
          ) { range in
            gemm.pack(plan, problem, Int64(range.lowerBound), Int64(range.upperBound), sharedBase)
          }
        }
        // A workspace for each range that a thread claims, from the thread's own cache of the pool: how
        // many threads will come is not known, for clients that wait for loops of their own help too.
        try parallelForThrowing(
          tiles: shares.count, nanosecondsPerTile: nanoseconds(m, n, k) / Double(shares.count),
          order: .together
        ) { (range) throws(TensorError) in
          let workspace = try scratch(
            Int(plan.pointee.workspace_bytes), problem.pointee, operation)
          gemm.run(
            plan, problem, sharedBase, Int64(shares.tile(range.lowerBound)),
            Int64(shares.tile(range.upperBound)), workspace?.base)
          withExtendedLifetime(workspace) {}
        }
        if plan.pointee.join_units > 0 {
          let units = Int(plan.pointee.join_units)
          parallelFor(
            tiles: units, nanosecondsPerTile: Double(m * n) * 0.3 / Double(units)
          ) { range in
            gemm.join(plan, problem, sharedBase, Int64(range.lowerBound), Int64(range.upperBound))
          }
        }
      }
    }
    withExtendedLifetime(shared) {}
  }

  /// Runs `count` products of one shape, `at` telling where each lies.
  package static func runBatch(
    _ problem: tri_gemm_problem, count: Int, _ operation: StaticString,
    _ at: (Int, inout tri_gemm_problem) -> Void
  ) throws(TensorError) {
    let each = nanoseconds(Int(problem.m), Int(problem.n), Int(problem.k))
    // Few large products are split inside; many or small ones are shared out whole.
    if count < 8, each > 200_000 {
      for index in 0..<count {
        var one = problem
        at(index, &one)
        try run(&one, operation)
      }
      return
    }
    parallelFor(tiles: count, nanosecondsPerTile: each) { range in
      for index in range {
        var one = problem
        at(index, &one)
        kernels.pointee.gemm.multiply(&one)
      }
    }
  }

  private static func scratch(
    _ bytes: Int, _ problem: tri_gemm_problem, _ operation: StaticString
  ) throws(TensorError) -> WorkingMemory? {
    if bytes == 0 { return nil }
    do { return try WorkingMemory(byteCount: bytes) } catch {
      let (m, n, k) = (Int(problem.m), Int(problem.n), Int(problem.k))
      throw TensorError(
        .outOfMemory, operation, shapes: [Shape([m, k]), Shape([k, n])],
        "for the product's working memory \(error); \(error.advice)")
    }
  }
}
