import CTributaryKernels
import TributaryParallel

/// How the tiles of a product are shared out over the team.
///
/// Where A is packed for the tiles of a row together, whole rows of tiles go first; the last rows go tile by tile, so that all
/// threads end together. (512 cubed on two threads against one: 1.90; tile by tile throughout, which packs A once for each,
/// 1.80.)
package struct MatrixTiles {
  private let wholeRows: Int
  private let columns: Int
  /// How many shares there are.
  package let count: Int

  package init(rows: Int, columns: Int, wholeRows: Int) {
    (self.columns, self.wholeRows) = (columns, wholeRows)
    count = rows * columns - wholeRows * (columns - 1)
  }

  package init(_ plan: tri_gemm_plan, _ problem: tri_gemm_problem) {
    let team = WorkerTeam.currentExtent
    // Halves, and sums that cannot lie in C meanwhile, pack A for each tile.
    let packsByRow =
      plan.strategy == TRI_GEMM_PACKED && problem.dtype != TRI_F16 && problem.dtype != TRI_BF16
      && (problem.accumulate == 0 || problem.k <= MatrixProduct.block)
    // NUMA nodes are offered equal numbers of shares, which should then be equal. Of a pass that one thread records the
    // tiles are those that any number of threads would find.
    let mayDiffer = packsByRow && team.width > 1 && team.nodes == 1
    // Not `row_tiles`: of a product that is split over k the tiles are blocks of k.
    let rows = Int(plan.tiles / plan.column_tiles)
    self.init(
      rows: rows, columns: Int(plan.column_tiles),
      wholeRows: mayDiffer ? Self.wholeRows(of: rows, width: team.width) : 0)
  }

  /// At least one row for each thread is left to the end.
  package static func wholeRows(of rows: Int, width: Int) -> Int {
    max(0, (rows / width - 1) * width)
  }

  /// The first tile of share `index`; that of ``count`` is the number of tiles.
  package func tile(_ index: Int) -> Int { index + min(index, wholeRows) * (columns - 1) }
}
