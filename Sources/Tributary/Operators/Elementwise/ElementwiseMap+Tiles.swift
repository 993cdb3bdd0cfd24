import TributaryParallel

extension ElementwiseMap {
  /// Splits `n` elements over the team.
  package static func forEachTile(
    of n: Int, tile: Int = tileElements, cost: Cost, _ body: (_ begin: Int, _ end: Int) -> Void
  ) {
    if n <= tile { return withStandardFloatingPoint { body(0, n) } }
    let tiles = (n + tile - 1) / tile
    parallelFor(tiles: tiles, nanosecondsPerTile: cost.nanoseconds * Double(tile)) { range in
      body(range.lowerBound * tile, min(range.upperBound * tile, n))
    }
  }

  /// Elements a tile where the result's rows of `row` elements are turned from an operand's columns: whole rows,
  /// enough that a cache line of the operand is fetched once, but 32 tiles at least, whatever the threads.
  package static func turnedTile(row: Int, count: Int) -> Int {
    let rows = max(64, (tileElements + row - 1) / row)
    return max(tileElements, min(rows, count / row / 32) * row)
  }
}
