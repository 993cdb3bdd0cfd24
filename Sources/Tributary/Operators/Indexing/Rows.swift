import CTributaryKernels
import TributaryParallel

extension Tensor {
  /// The rows of this matrix at `rows`: int64, dense, checked by the caller.
  package func takeRows(_ rows: Tensor) throws(TensorError) -> Tensor {
    let width = shape[1]
    let source = try denseCopyIfStrided("index")
    let out = try Tensor.empty([rows.count, width], dtype: dtype, "index")
    let (to, from, bytes) = (out.pointer, source.pointer, width * dtype.itemSize)
    let row = rows.pointer.assumingMemoryBound(to: Int.self)
    Self.forEachRow(of: rows.count, width: width) { range in
      for i in range {
        // SAFETY: row numbers are within the source, and the result has a row for each.
        (to + i * bytes).copyMemory(from: from + row[i] * bytes, byteCount: bytes)
      }
    }
    withExtendedLifetime(source) {}
    if AutogradMode.records(self) { out.record(TakeRowsBackward(self, rows, shape[0])) }
    return out
  }

  /// Zeros of `rowCount` rows, to which the rows of this matrix are added at `rows`, in their order: each
  /// row of the result is summed by one worker.
  package func scatterRows(_ rows: Tensor, _ rowCount: Int) throws(TensorError) -> Tensor {
    let width = shape[1]
    guard let add = tri_binary(kernels, TRI_BINARY_ADD, dtype.kernel) else {
      throw Binary.unsupported(dtype, "index_backward")
    }
    let source = try denseCopyIfStrided("index_backward")
    let out = try Tensor.filled(
      [rowCount, width], .integer(0), dtype: dtype, "index_backward")
    let (to, from, bytes) = (out.pointer, source.pointer, width * dtype.itemSize)
    let groups = RowGroups(rows, rowCount)
    groups.withPointers { begins, members in
      Self.forEachRow(of: rowCount, width: width) { range in
        for target in range {
          for k in begins[target]..<begins[target + 1] {
            let sum = to + target * bytes
            // SAFETY: `target` is a row of the result, which this range alone writes; the members are rows of
            // the source.
            add(sum, sum, from + members[k] * bytes, nil, Int64(width), 0, nil)
          }
        }
      }
    }
    withExtendedLifetime(source) {}
    if AutogradMode.records(self) { out.record(ScatterRowsBackward(self, rows: rows)) }
    return out
  }

  private static func forEachRow(
    of count: Int, width: Int, _ body: (Range<Int>) -> Void
  ) {
    let rowsPerTile = Swift.max(1, ElementwiseMap.tileElements / Swift.max(width, 8))
    let tiles = (count + rowsPerTile - 1) / rowsPerTile
    if tiles <= 1 { return withStandardFloatingPoint { body(0..<count) } }
    let cost = Double(rowsPerTile) * (5 + 0.2 * Double(width))
    parallelFor(tiles: tiles, nanosecondsPerTile: cost, on: .current) { range in
      body(range.lowerBound * rowsPerTile..<Swift.min(range.upperBound * rowsPerTile, count))
    }
  }
}

/// Which source rows go to each target row, in their order: a counting sort.
private struct RowGroups {
  private var begins: [Int]
  private var members: [Int]

  init(_ rows: Tensor, _ rowCount: Int) {
    // SAFETY: int64, dense, and each a row of the target, as the caller has checked.
    let row = UnsafeBufferPointer(
      start: rows.pointer.assumingMemoryBound(to: Int.self), count: rows.count)
    begins = Array(repeating: 0, count: rowCount + 1)
    members = Array(repeating: 0, count: row.count)
    for target in row { begins[target + 1] += 1 }
    for target in 0..<rowCount { begins[target + 1] += begins[target] }
    var next = begins
    for (i, target) in row.enumerated() {
      members[next[target]] = i
      next[target] += 1
    }
    withExtendedLifetime(rows) {}
  }

  func withPointers(
    _ body: (_ begins: UnsafeBufferPointer<Int>, _ members: UnsafeBufferPointer<Int>) -> Void
  ) {
    begins.withUnsafeBufferPointer { begins in
      members.withUnsafeBufferPointer { body(begins, $0) }
    }
  }
}

final class TakeRowsBackward: Node, @unchecked Sendable {
  private let rows: Tensor
  private let rowCount: Int

  init(_ x: Tensor, _ rows: Tensor, _ rowCount: Int) {
    (self.rows, self.rowCount) = (rows, rowCount)
    super.init(x)
  }

  override var name: String { "IndexSelectBackward0" }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try gradient.scatterRows(rows, rowCount) }
  }
}

final class ScatterRowsBackward: Node, @unchecked Sendable {
  private let rows: Tensor

  init(_ g: Tensor, rows: Tensor) {
    self.rows = rows
    super.init(g)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try gradient.takeRows(rows) }
  }
}
