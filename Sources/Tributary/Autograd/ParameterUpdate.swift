/// Runs a fused update over several parameters at once, split over the team.
///
/// The door by which optimizers write to leaves: outside the graph, counted as an in-place change.
package enum ParameterUpdate {
  /// Elements a piece. An update is elementwise, so pieces reach no bit.
  private static let pieceElements = 1 << 15
  private static let nanosecondsPerElement = 0.5
  private static let nanosecondsPerPiece = 20.0

  /// What the update of one parameter reads and writes; all dense, of one shape and dtype.
  package struct Group {
    package let parameter: Tensor
    package let gradient: DenseGradient
    /// What the optimizer keeps from step to step.
    package let state: (Tensor?, Tensor?, Tensor?)
    /// Elements of each; beside the tensors, which lie in other cores' caches.
    fileprivate let count: Int

    package init(
      parameter: Tensor, gradient: DenseGradient,
      state: (Tensor?, Tensor?, Tensor?) = (nil, nil, nil)
    ) {
      (self.parameter, self.gradient, self.state) = (parameter, gradient, state)
      count = parameter.count
    }

    fileprivate func countChange() {
      parameter.bumpVersion()
      state.0?.bumpVersion()
      state.1?.bumpVersion()
      state.2?.bumpVersion()
    }
  }

  /// Where a piece of each tensor of a group begins.
  package struct Addresses {
    package let parameter: UnsafeMutableRawPointer
    package let gradient: UnsafeMutableRawPointer
    package let state:
      (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?)

    // SAFETY: `first` is below the tensors' count, and the group holds them.
    init(_ group: Group, first: Int) {
      let offset = first * group.parameter.dtype.itemSize
      parameter = group.parameter.pointer + offset
      gradient = group.gradient.pointer + offset
      func place(_ state: Tensor?) -> UnsafeMutableRawPointer? {
        state.map { $0.pointer + first * $0.dtype.itemSize }
      }
      state = (place(group.state.0), place(group.state.1), place(group.state.2))
    }
  }

  /// The groups of `count` parameters, nil where there is nothing to update; `fetch` is called for several at a time.
  ///
  /// - Throws: what `fetch` throws for the lowest number.
  package static func groups(
    count: Int, _ fetch: (_ index: Int) throws(TensorError) -> Group?
  ) throws(TensorError) -> [Group?] {
    var groups = [Group?](repeating: nil, count: count)
    var failure: TensorError?
    groups.withUnsafeMutableBufferPointer { groups in
      // SAFETY: each element is written by the one range that has its number.
      nonisolated(unsafe) let places = groups
      do throws(TensorError) {
        try ManyAtOnce.run(count: count) { (range) throws(TensorError) in
          for index in range { places[index] = try fetch(index) }
        }
      } catch { failure = error }
    }
    if let failure { throw failure }
    return groups
  }

  /// Part of a group, or the whole of it.
  private struct Piece {
    let index: Int
    let first: Int
    let count: Int
    let isWhole: Bool
  }

  /// - Parameter body: updates `count` elements of group `index` at the given addresses.
  package static func run(
    _ groups: consuming [Group?],
    _ body: (_ index: Int, _ addresses: Addresses, _ count: Int) -> Void
  ) {
    let (pieces, tiles, elements) = pieces(of: groups)
    // What there is to do, not what full tiles would be: small models must stay on the caller.
    let nanoseconds =
      Double(elements) * nanosecondsPerElement + Double(pieces.count) * nanosecondsPerPiece
    groups.withUnsafeMutableBufferPointer { groups in
      // SAFETY: a group that is one piece is reached by the one that runs that piece's tile, and those in several
      // pieces are only read.
      nonisolated(unsafe) let places = groups
      func update(_ tile: Int) {
        for piece in pieces[tiles[tile]..<tiles[tile + 1]] {
          // Taken, so that its references are given up here, where they are at hand.
          let held = piece.isWhole ? places[piece.index].take() : places[piece.index]
          guard let group = held else { continue }
          // The group may hold the only reference to its gradient, of which the body has an address.
          withExtendedLifetime(group) {
            body(piece.index, Addresses(group, first: piece.first), piece.count)
          }
          // By whoever has the first piece.
          if piece.first == 0 { group.countChange() }
        }
      }
      ManyAtOnce.run(parts: tiles.count - 1, nanoseconds: nanoseconds, update)
    }
  }

  /// Small parameters together make a tile, large ones are cut. The tiles by their first pieces, and one entry more.
  private static func pieces(
    of groups: borrowing [Group?]
  ) -> (pieces: [Piece], tiles: [Int], elements: Int) {
    var (pieces, tiles, elements): ([Piece], [Int], Int) = ([], [0], 0)
    pieces.reserveCapacity(groups.count)
    var inTile = 0
    for index in groups.indices {
      guard let total = groups[index]?.count else { continue }
      elements += total
      for first in stride(from: 0, to: total, by: pieceElements) {
        let count = min(pieceElements, total - first)
        if inTile > 0, inTile + count > pieceElements {
          tiles.append(pieces.count)
          inTile = 0
        }
        pieces.append(Piece(index: index, first: first, count: count, isWhole: count == total))
        inTile += count
      }
    }
    tiles.append(pieces.count)
    return (pieces, tiles, elements)
  }
}
