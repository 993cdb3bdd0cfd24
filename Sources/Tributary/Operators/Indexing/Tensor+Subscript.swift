extension Tensor {
  /// A part of this tensor: `try x[0, 1..<3]`, `try x[.ellipsis, -1]`, `try x[indices]`.
  ///
  /// An Int takes one position of a dim, which is dropped; negative ones count from the end. A range takes
  /// several, and bounds past the ends are drawn in, as in Python. Dims that no index names are whole. With
  /// these alone the result is a view. An int64 or int32 tensor without dims is as an Int. Other tensors of
  /// int64 or int32 take their positions, and tensors of bool those where they are true: then the result is a
  /// copy, whose gradient is added up in the order of the indices. Their dims come where the first of them
  /// stands, or in front where others stand between them. (A uint8 tensor is refused: it was a mask once.)
  ///
  /// Throws for an index out of range, too many indices, and index tensors that do not broadcast.
  public subscript<each Index: TensorIndexing>(_ indices: repeat each Index) -> Tensor {
    get throws(TensorError) {
      var kinds: [TensorIndex.Kind] = []
      for index in repeat each indices { kinds.append(index.tensorIndex.kind) }
      return try self.index(kinds)
    }
  }

  /// The subscript for indices that are known only at run time.
  public func index(_ indices: [TensorIndex]) throws(TensorError) -> Tensor {
    try index(indices.map(\.kind))
  }

  private func index(_ kinds: [TensorIndex.Kind]) throws(TensorError) -> Tensor {
    let named = kinds.reduce(0) { $0 + $1.dimCount }
    guard named <= rank else {
      throw TensorError(
        .indexOutOfRange, "index", shapes: [shape], "\(named) indices for \(rank) dims")
    }
    // Alone, as PyTorch's x[:], it is a slice; among others it only keeps a place.
    if kinds.count == 1, case .all = kinds[0] { return try slice(0) }
    var result = self
    var dim = 0
    var seenEllipsis = false
    var tensors: [(dim: Int, index: Tensor)] = []
    for kind in kinds {
      switch kind {
      case .integer(let index): result = try result.select(dim, position: index)
      case .all: dim += 1
      case .slice(let start, let end, let step):
        result = try result.slice(dim, start: start, end: end, step: step)
        dim += 1
      case .newAxis:
        result = try result.unsqueeze(dim)
        dim += 1
      case .ellipsis:
        guard !seenEllipsis else {
          throw TensorError(
            .invalidArgument, "index", shapes: [shape],
            "more than one ellipsis; which dims are whole?")
        }
        seenEllipsis = true
        dim += rank - named
      case .tensor(let index)
      where index.rank == 0 && (index.dtype == .int64 || index.dtype == .int32):
        result = try result.select(dim, position: index.item(as: Int.self))
      case .tensor(let index):
        for positions in try index.positions(in: result.shape, at: dim) {
          tensors.append((dim, positions))
          dim += 1
        }
      }
    }
    if !tensors.isEmpty { return try result.index(by: tensors) }
    // Nothing was named but whole dims: still a tensor of its own.
    return result === self ? recordedView(layout) { AliasBackward($0) } : result
  }

  /// `select`, with the message of an index.
  private func select(_ dim: Int, position: Int) throws(TensorError) -> Tensor {
    let size = shape[dim]
    guard position >= -size, position < size else {
      throw TensorError(
        .indexOutOfRange, "index", shapes: [shape],
        "index \(position) is out of range for dim \(dim) of size \(size)")
    }
    return try select(dim, position)
  }
}

extension TensorIndex.Kind {
  /// How many dims of the tensor this index names.
  fileprivate var dimCount: Int {
    switch self {
    case .integer, .slice, .all: 1
    case .ellipsis, .newAxis: 0
    case .tensor(let index): index.dtype == .bool ? index.rank : 1
    }
  }
}

final class AliasBackward: Node, @unchecked Sendable {
  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = gradient }
  }
}
