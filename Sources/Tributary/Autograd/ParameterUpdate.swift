import Synchronization

/// Fused updates of an optimizer's parameters, several at once, split over the team.
///
/// The door by which optimizers write to leaves: outside the graph, counted as an in-place change. It is made once: lists
/// that the caller made in each step were fetched from its cache by those who went through them.
package final class ParameterUpdate {
  /// Elements a piece. An update is elementwise, so pieces reach no bit.
  private static let pieceElements = 1 << 15
  private static let nanosecondsPerElement = 0.5
  private static let nanosecondsPerPiece = 20.0

  /// What the update of one parameter reads and writes beside the parameter; all dense and of its shape.
  package struct Group {
    package let gradient: DenseGradient
    /// What the optimizer keeps from step to step.
    package let state: (Tensor?, Tensor?, Tensor?)

    package init(gradient: DenseGradient, state: (Tensor?, Tensor?, Tensor?) = (nil, nil, nil)) {
      (self.gradient, self.state) = (gradient, state)
    }
  }

  /// Where a piece of each tensor of a group begins.
  package struct Addresses {
    package let parameter: UnsafeMutableRawPointer
    package let gradient: UnsafeMutableRawPointer
    package let state:
      (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?)

    // SAFETY: `first` is below the tensors' count, and the group holds them.
    fileprivate init(_ parameter: Parameter, _ group: Group, first: Int) {
      let offset = first * parameter.itemSize
      self.parameter = parameter.pointer + offset
      gradient = group.gradient.pointer + offset
      func place(_ state: Tensor?) -> UnsafeMutableRawPointer? {
        state.map { $0.pointer + first * $0.dtype.itemSize }
      }
      state = (place(group.state.0), place(group.state.1), place(group.state.2))
    }
  }

  /// What was fetched in a step.
  package struct Groups {
    // SAFETY: given to `prepare` alone, while nobody else goes through the groups.
    fileprivate let base: UnsafePointer<Group?>

    /// Nil where there is nothing to update. A copy, which counts references.
    package subscript(index: Int) -> Group? { base[index] }

    package func has(_ index: Int) -> Bool { base[index] != nil }
  }

  /// What is read of a parameter's tensor at every step.
  fileprivate struct Parameter {
    // SAFETY: the update holds the tensor, whose elements stay where they are.
    let pointer: UnsafeMutableRawPointer
    let count: Int
    let itemSize: Int
  }

  /// Part of a group, or the whole of it.
  private struct Piece {
    let index: Int
    let first: Int
    let count: Int
    let isWhole: Bool
  }

  private let tensors: [Tensor]
  private let parameters: [Parameter]
  private let pieces: [Piece]
  /// The tiles by their first pieces, and one entry more.
  private let tiles: [Int]
  /// The parameters whose groups no piece takes: those in several pieces, or without elements.
  private let untaken: [Int]
  /// By parameter; nil between steps. In a step each is written by the one thread whose range or tile has it.
  // SAFETY: as many as parameters, freed with the update.
  private let groups: UnsafeMutablePointer<Group?>
  /// Whether a step is under way. Acquiring when taken, releasing when given back: the groups are the next step's.
  private let isStepping = Atomic<Bool>(false)

  package init(_ tensors: [Tensor]) {
    self.tensors = tensors
    parameters = tensors.map {
      Parameter(pointer: $0.pointer, count: $0.count, itemSize: $0.dtype.itemSize)
    }
    (pieces, tiles) = Self.pieces(of: parameters)
    let taken = Set(pieces.filter(\.isWhole).map(\.index))
    untaken = tensors.indices.filter { !taken.contains($0) }
    groups = .allocate(capacity: tensors.count)
    groups.initialize(repeating: nil, count: tensors.count)
  }

  deinit {
    groups.deinitialize(count: tensors.count)
    groups.deallocate()
  }

  /// Small parameters together make a tile, large ones are cut.
  private static func pieces(of parameters: [Parameter]) -> ([Piece], tiles: [Int]) {
    var (pieces, tiles): ([Piece], [Int]) = ([], [0])
    var inTile = 0
    for (index, parameter) in parameters.enumerated() {
      for first in stride(from: 0, to: parameter.count, by: pieceElements) {
        let count = min(pieceElements, parameter.count - first)
        if inTile > 0, inTile + count > pieceElements {
          tiles.append(pieces.count)
          inTile = 0
        }
        pieces.append(
          Piece(index: index, first: first, count: count, isWhole: count == parameter.count))
        inTile += count
      }
    }
    tiles.append(pieces.count)
    return (pieces, tiles)
  }

  /// One step: `fetch` says what belongs to a parameter, nil where there is nothing to update; then `prepare` is called,
  /// and `body` for the pieces of each group. `fetch` and `body` are called for several parameters at a time.
  ///
  /// - Parameters:
  ///   - operation: the optimizer's name, for errors.
  ///   - body: updates `count` elements of group `index` at the given addresses.
  /// - Throws: what `fetch` throws for the lowest number, and where a step is under way; then nothing else is called.
  package func step(
    _ operation: String,
    fetch: (_ index: Int) throws(TensorError) -> Group?,
    prepare: (_ groups: Groups) -> Void,
    update body: (_ index: Int, _ addresses: Addresses, _ count: Int) -> Void
  ) throws(TensorError) {
    guard !isStepping.exchange(true, ordering: .acquiring) else {
      throw TensorError(
        .invalidArgument, operation: operation,
        "a step of this optimizer is under way, on another thread or around this call; begin the next when it has returned"
      )
    }
    defer { isStepping.store(false, ordering: .releasing) }
    let (count, groups) = (tensors.count, groups)
    // Of what there is to do, not of tiles as if they were full: small models must stay on the caller. Relaxed: a sum,
    // complete when the ranges are.
    let elements = Atomic(0)
    do throws(TensorError) {
      try ManyAtOnce.run(count: count) { (range) throws(TensorError) in
        var found = 0
        for index in range {
          guard let group = try fetch(index) else { continue }
          groups[index] = group
          found += parameters[index].count
        }
        elements.wrappingAdd(found, ordering: .relaxed)
      }
    } catch {
      for index in 0..<count { groups[index] = nil }
      throw error
    }
    prepare(Groups(base: groups))
    let nanoseconds =
      Double(elements.load(ordering: .relaxed)) * Self.nanosecondsPerElement
      + Double(pieces.count) * Self.nanosecondsPerPiece
    ManyAtOnce.run(parts: tiles.count - 1, nanoseconds: nanoseconds) { tile in
      for piece in pieces[tiles[tile]..<tiles[tile + 1]] { update(piece, body) }
    }
    for index in untaken { groups[index] = nil }
  }

  private func update(
    _ piece: Piece, _ body: (_ index: Int, _ addresses: Addresses, _ count: Int) -> Void
  ) {
    // Taken, so that its references are given up here, where they are at hand.
    let held = piece.isWhole ? groups[piece.index].take() : groups[piece.index]
    guard let group = held else { return }
    // The group may hold the only reference to its gradient, of which the body has an address.
    withExtendedLifetime(group) {
      body(
        piece.index, Addresses(parameters[piece.index], group, first: piece.first), piece.count)
    }
    // By whoever has the first piece.
    guard piece.first == 0 else { return }
    tensors[piece.index].bumpVersion()
    group.state.0?.bumpVersion()
    group.state.1?.bumpVersion()
    group.state.2?.bumpVersion()
  }
}
