import CTributaryKernels
import Testing
import Tributary

@Suite struct MatrixTilesTests {
  /// Every tile is in one share, and shares follow one another.
  @Test func sharesCoverEachTileOnce() {
    for width in [1, 2, 3, 8, 64] {
      for rows in 1...29 {
        for columns in 1...9 {
          let whole = MatrixTiles.wholeRows(of: rows, width: width)
          #expect(whole >= 0 && whole <= rows - min(rows, width))
          let shares = MatrixTiles(rows: rows, columns: columns, wholeRows: whole)
          #expect(shares.tile(0) == 0)
          #expect(shares.tile(shares.count) == rows * columns)
          for index in 0..<shares.count {
            let length = shares.tile(index + 1) - shares.tile(index)
            #expect(length == (index < whole ? columns : 1))
          }
        }
      }
    }
  }

  /// Whatever the strategy: the blocks of k of a small product are tiles too.
  @Test func everyPlanIsCovered() throws {
    for (m, n, k) in [
      (1, 1, 4096), (8, 24, 3000), (640, 700, 600), (3000, 40, 20), (1, 4096, 512), (256, 256, 256),
      (223, 31, 500), (300, 90, 250),
    ] {
      for accumulate: Int32 in [0, 1] {
        var problem = tri_gemm_problem()
        (problem.dtype, problem.accumulate) = (TRI_F32, accumulate)
        (problem.m, problem.n, problem.k) = (Int64(m), Int64(n), Int64(k))
        (problem.a_row_stride, problem.a_column_stride) = (Int64(k), 1)
        (problem.b_row_stride, problem.b_column_stride) = (Int64(n), 1)
        var plan = tri_gemm_plan()
        kernels.pointee.gemm.plan(&problem, &plan)
        for width in [1, 2, 3, 8] {
          withThreads(width) {
            let shares = MatrixTiles(plan, problem)
            #expect(shares.tile(0) == 0)
            #expect(shares.tile(shares.count) == Int(plan.tiles))
          }
        }
      }
    }
  }

  /// A product of several rows and columns of tiles, on any number of threads.
  @Test func anyWidthGivesTheSameBits() throws {
    for dtype in [DType.float32, .float64, .bfloat16] {
      let (a, b) = (
        try Tensor.randn([640, 600]).to(dtype), try Tensor.randn([600, 700]).to(dtype)
      )
      let one = try withThreads(1) { () throws(TensorError) in try a.matmul(b) }
      for width in [2, 3, 8] {
        let many = try withThreads(width) { () throws(TensorError) in try a.matmul(b) }
        #expect(try one.eq(many).all().item() == 1)
      }
    }
  }
}
