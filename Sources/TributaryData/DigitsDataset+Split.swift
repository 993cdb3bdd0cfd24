import Tributary

extension DigitsDataset {
  /// Decides which digits are held out; one value for all time, so that figures can be compared.
  private static let splitSeed: UInt64 = 5

  /// Four fifths for training and a fixed fifth for testing.
  ///
  /// By a seeded permutation, not by every fifth row: the file repeats 0, 1, … 9 in stretches, so that
  /// every fifth row would hold out two digits only.
  public func split() throws(TensorError) -> (training: DigitsDataset, test: DigitsDataset) {
    let order = try Tensor.randperm(count, generator: Generator(seed: Self.splitSeed))
      .scalars(as: Int.self)
    let held = count / 5
    return (
      try rows(order[held...].sorted()),
      try rows(order[..<held].sorted())
    )
  }

  /// The digits at these places, in this order.
  public func rows(_ places: [Int]) throws(TensorError) -> DigitsDataset {
    let index = try Tensor(scalars: places, shape: [places.count])
    return DigitsDataset(
      images: try images[index], labels: try labels[index])
  }

  /// The digits from `range.lowerBound` on, as views.
  ///
  /// - Throws: `TensorError` (`.indexOutOfRange`) where the range leaves the digits.
  public func rows(_ range: Range<Int>) throws(TensorError) -> DigitsDataset {
    guard range.lowerBound >= 0, range.upperBound <= count else {
      throw TensorError(
        .indexOutOfRange, operation: "rows", "\(range) leaves the \(count) digits")
    }
    return DigitsDataset(
      images: try images.narrow(0, range.lowerBound, range.count),
      labels: try labels.narrow(0, range.lowerBound, range.count))
  }

  /// The same digits in an order that `generator` decides (one draw of it).
  public func shuffled(_ generator: Generator) throws(TensorError) -> DigitsDataset {
    let order = try Tensor.randperm(count, generator: generator)
    return DigitsDataset(
      images: try images[order], labels: try labels[order])
  }

  /// Batches of `size` digits, in order; the last may be smaller.
  ///
  /// - Throws: `TensorError` (`.invalidArgument`) unless `size` is at least 1.
  public func batches(of size: Int) throws(TensorError) -> [DigitsDataset] {
    guard size >= 1 else {
      throw TensorError(
        .invalidArgument, operation: "batches", "a batch of \(size) digits; take at least 1")
    }
    var batches: [DigitsDataset] = []
    for start in stride(from: 0, to: count, by: size) {
      batches.append(try rows(start..<Swift.min(start + size, count)))
    }
    return batches
  }

  /// `parts` pieces of nearly equal size, in order; fewer where there are fewer digits.
  ///
  /// - Throws: `TensorError` (`.invalidArgument`) unless `parts` is at least 1.
  public func pieces(_ parts: Int) throws(TensorError) -> [DigitsDataset] {
    guard parts >= 1 else {
      throw TensorError(
        .invalidArgument, operation: "pieces", "\(parts) pieces; take at least 1")
    }
    let parts = Swift.min(parts, Swift.max(count, 1))
    var pieces: [DigitsDataset] = []
    for part in 0..<parts {
      pieces.append(try rows(part * count / parts..<(part + 1) * count / parts))
    }
    return pieces
  }
}
