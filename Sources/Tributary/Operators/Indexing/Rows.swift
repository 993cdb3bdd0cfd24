import CTributaryKernels
import TributaryParallel

extension Tensor {
  /// The rows of this matrix at `rows`: int64, dense, checked by the caller.
  package func takeRows(_ rows: Tensor) throws(TensorError) -> Tensor {
    let width = shape[1]
    let out = try Tensor.empty([rows.count, width], dtype: dtype, "index")
    let places = Layout(
      shape: out.shape, strides: [1, 0], offset: rows.layout.offset)
    try IndexedDim(self, 0, rows.alias(places), out, "index").take()
    if AutogradMode.records(self) { out.record(TakeRowsBackward(self, rows, shape[0])) }
    return out
  }

  /// Zeros of `rowCount` rows, to which the rows of this matrix are added at `rows`, in their order: each
  /// row of the result is summed by one worker.
  package func scatterRows(_ rows: Tensor, _ rowCount: Int) throws(TensorError) -> Tensor {
    let out = try scatteredRows(rows, rowCount, "index_backward")
    if AutogradMode.records(self) { out.record(ScatterRowsBackward(self, rows: rows)) }
    return out
  }

  /// The same of a tensor of any dims, whose last is that of the rows and the others together number them; but
  /// members of the row `skipped` are left out. Not recorded.
  func scatteredRows(
    _ rows: Tensor, _ rowCount: Int, skipping skipped: Int? = nil, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    let width = shape[rank - 1]
    if dtype.isHalf {
      return try castToComputing(operation)
        .scatteredRows(rows, rowCount, skipping: skipped, operation).cast(to: dtype, operation)
    }
    guard let add = tri_binary(kernels, TRI_BINARY_ADD, dtype.kernel) else {
      throw Binary.unsupported(dtype, operation)
    }
    // There may be more empty rows than could be grouped.
    if count == 0 {
      return try Tensor.filled([rowCount, width], .integer(0), dtype: dtype, operation)
    }
    let out = try Tensor.empty([rowCount, width], dtype: dtype, operation)
    // Expanded rows, such as a mean gives back, are read where they are.
    let source = width > 1 && strides[rank - 1] != 1 ? try denseCopy(operation) : self
    let groups = try RowGroups(rows, rowCount, of: source, skipping: skipped)
    let (to, from, size) = (out.pointer, source.pointer, dtype.itemSize)
    let cost = 5 + 0.2 * Double(width) * (1 + Double(rows.count) / Double(Swift.max(rowCount, 1)))
    Self.forEachRow(of: rowCount, width: width, nanosecondsPerRow: cost) { range in
      for target in range {
        let sum = to + target * width * size
        // SAFETY: `target` is a row of the result, which this range alone writes; the members begin where rows of
        // the source do.
        sum.initializeMemory(as: UInt8.self, repeating: 0, count: width * size)
        groups.forEachMember(of: target) { member in
          add(sum, sum, from + member * size, nil, Int64(width), 0, nil)
        }
      }
    }
    withExtendedLifetime((groups, source)) {}
    return out
  }

  private static func forEachRow(
    of count: Int, width: Int, nanosecondsPerRow: Double? = nil, _ body: (Range<Int>) -> Void
  ) {
    let rowsPerTile = Swift.max(1, ElementwiseMap.tileElements / Swift.max(width, 8))
    let tiles = (count + rowsPerTile - 1) / rowsPerTile
    if tiles <= 1 { return withStandardFloatingPoint { body(0..<count) } }
    let cost = Double(rowsPerTile) * (nanosecondsPerRow ?? 5 + 0.2 * Double(width))
    parallelFor(tiles: tiles, nanosecondsPerTile: cost) { range in
      body(range.lowerBound * rowsPerTile..<Swift.min(range.upperBound * rowsPerTile, count))
    }
  }
}

final class TakeRowsBackward: Node, @unchecked Sendable {
  private let rowCount: Int

  init(_ x: Tensor, _ rows: Tensor, _ rowCount: Int) {
    self.rowCount = rowCount
    super.init(x)
    save(rows)
  }

  override var name: String { "IndexSelectBackward0" }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try gradient.scatterRows(saved(0), rowCount) }
  }
}

final class ScatterRowsBackward: Node, @unchecked Sendable {
  init(_ g: Tensor, rows: Tensor) {
    super.init(g)
    save(rows)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try gradient.takeRows(saved(0)) }
  }
}
