/// The rows of `weight` that `input` names: a look-up in a table.
///
/// - Parameters:
///   - input: row numbers, int64 or int32, any shape
///   - weight: [rows, width]
///   - paddingIdx: a row that gets no gradient; negative from the back
/// - Returns: [...input's shape, width]. The gradient is dense; each of its rows is summed by one worker, in the order of
///   `input`.
/// - Throws: for a row number out of range (negative ones are), and where a shape or dtype does not fit.
public func embedding(
  _ input: Tensor, _ weight: Tensor, paddingIdx: Int? = nil
) throws(TensorError) -> Tensor {
  guard weight.rank == 2 else {
    throw TensorError(
      .shapeMismatch, "embedding", shapes: [input.shape, weight.shape],
      "the weight is a table, [rows, width]")
  }
  guard input.dtype == .int64 || input.dtype == .int32 else {
    throw TensorError(
      .dtypeMismatch, "embedding", dtypes: [input.dtype, weight.dtype],
      "row numbers are int64 or int32; convert with to(_:) first")
  }
  let rowCount = weight.shape[0]
  if let padding = paddingIdx, padding < -rowCount || padding >= rowCount {
    throw TensorError(
      .indexOutOfRange, "embedding", shapes: [weight.shape],
      "paddingIdx \(padding) is no row of a table of \(rowCount)")
  }
  let padding = paddingIdx.map { $0 < 0 ? $0 + rowCount : $0 }
  var shape = input.shape
  shape.append(weight.shape[1])
  guard shape.rank <= Shape.maximumRank else {
    throw TensorError(
      .invalidShape, "embedding", shapes: [input.shape, weight.shape],
      "the result would have more than \(Shape.maximumRank) dims")
  }
  let rows = try checkedRows(input, rowCount)
  // Recorded as one node, which keeps the result's dims.
  let taken = try noGrad { () throws(TensorError) in try weight.detach().takeRows(rows) }
  let out = taken.alias(Layout(dense: shape, count: taken.count))
  if AutogradMode.records(weight) {
    out.record(EmbeddingBackward(weight, rows, padding, rowCount), cost: .division)
  }
  return out
}

/// The row numbers as int64, [count], dense, each one seen to be of the table.
private func checkedRows(_ input: Tensor, _ rowCount: Int) throws(TensorError) -> Tensor {
  let dense = try input.detach().cast(to: .int64, "embedding").denseCopyIfStrided("embedding")
  let rows = dense.alias(Layout(shape: [dense.count], strides: [1], offset: dense.layout.offset))
  let row = rows.pointer.assumingMemoryBound(to: Int.self)
  for i in 0..<rows.count where row[i] < 0 || row[i] >= rowCount {
    // SAFETY: the tensor holds `count` dense int64, and lives to the end of the function.
    throw TensorError(
      .indexOutOfRange, "embedding", shapes: [input.shape],
      "element \(i) of the input is \(row[i]); rows are 0 to \(rowCount - 1)")
  }
  withExtendedLifetime(rows) {}
  return rows
}

final class EmbeddingBackward: Node, @unchecked Sendable {
  private let padding: Int?
  private let rowCount: Int

  init(_ weight: Tensor, _ rows: Tensor, _ padding: Int?, _ rowCount: Int) {
    self.padding = padding
    self.rowCount = rowCount
    super.init(weight)
    save(rows)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    guard sink.wants(0) else { return }
    sink[0] = try gradient.embeddingBackward(saved(0), padding, rowCount)
  }
}

extension Tensor {
  /// This gradient, [..., width], added to zeros of `rowCount` rows at `rows`.
  func embeddingBackward(
    _ rows: Tensor, _ padding: Int?, _ rowCount: Int
  ) throws(TensorError) -> Tensor {
    let out = try scatteredRows(rows, rowCount, skipping: padding, "embedding_backward")
    if AutogradMode.records(self) {
      out.record(EmbeddingBackwardBackward(self, rows, padding))
    }
    return out
  }
}

/// Linear in the gradient: its rows, read back; those of the padding are zeros.
final class EmbeddingBackwardBackward: Node, @unchecked Sendable {
  private let padding: Int?

  init(_ g: Tensor, _ rows: Tensor, _ padding: Int?) {
    self.padding = padding
    super.init(g)
    save(rows)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    guard sink.wants(0) else { return }
    let rows = try saved(0)
    var taken = try gradient.takeRows(rows)
    if let padding { taken = try Tensor.where(rows.ne(padding).unsqueeze(1), taken, 0) }
    sink[0] = try taken.reshape(inputShape(0))
  }
}
