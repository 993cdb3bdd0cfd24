import TributaryParallel

/// Runs a fused update over several parameters at once, split over the team.
///
/// The door by which optimizers write to leaves: outside the graph, counted as an in-place change.
package enum ParameterUpdate {
  /// Elements a piece. An update is elementwise, so pieces reach no bit.
  private static let pieceElements = 1 << 15
  private static let nanosecondsPerElement = 0.5

  /// - Parameters:
  ///   - tensors: by parameter, what its update reads and writes, the parameter first; dense, one shape.
  ///   - body: updates `count` elements of parameter `index` at the given addresses.
  package static func run(
    _ tensors: [[Tensor]],
    _ body: (_ index: Int, _ addresses: [UnsafeMutableRawPointer], _ count: Int) -> Void
  ) {
    // Small parameters together make a tile, large ones are cut.
    var pieces: [(index: Int, first: Int, count: Int)] = []
    var tiles: [Int] = [0]
    var inTile = 0
    for (index, group) in tensors.enumerated() {
      for first in stride(from: 0, to: group[0].count, by: pieceElements) {
        let count = min(pieceElements, group[0].count - first)
        if inTile > 0, inTile + count > pieceElements {
          tiles.append(pieces.count)
          inTile = 0
        }
        pieces.append((index, first, count))
        inTile += count
      }
    }
    tiles.append(pieces.count)
    parallelFor(
      tiles: tiles.count - 1, nanosecondsPerTile: Double(pieceElements) * nanosecondsPerElement,
      on: .current
    ) { range in
      for piece in pieces[tiles[range.lowerBound]..<tiles[range.upperBound]] {
        let group = tensors[piece.index]
        body(
          piece.index, group.map { $0.pointer + piece.first * $0.dtype.itemSize }, piece.count)
      }
    }
    for group in tensors { for tensor in group { tensor.bumpVersion() } }
  }
}
