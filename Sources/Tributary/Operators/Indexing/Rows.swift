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
    if source.count > 0 { try source.addRows(rows, to: out, by: add) }
    if AutogradMode.records(self) { out.record(ScatterRowsBackward(self, rows: rows)) }
    return out
  }

  /// Adds these dense rows to those of `out` that `rows` names.
  private func addRows(
    _ rows: Tensor, to out: Tensor, by add: tri_map_fn
  ) throws(TensorError) {
    let (width, rowCount) = (shape[1], out.shape[0])
    let (to, from, bytes) = (out.pointer, pointer, width * dtype.itemSize)
    let groups = try RowGroups(rows, rowCount)
    Self.forEachRow(of: rowCount, width: width) { range in
      for target in range {
        groups.forEachMember(of: target) { member in
          let sum = to + target * bytes
          // SAFETY: `target` is a row of the result, which this range alone writes; the members are rows of
          // the source.
          add(sum, sum, from + member * bytes, nil, Int64(width), 0, nil)
        }
      }
    }
    withExtendedLifetime((groups, self)) {}
  }

  private static func forEachRow(
    of count: Int, width: Int, _ body: (Range<Int>) -> Void
  ) {
    let rowsPerTile = Swift.max(1, ElementwiseMap.tileElements / Swift.max(width, 8))
    let tiles = (count + rowsPerTile - 1) / rowsPerTile
    if tiles <= 1 { return withStandardFloatingPoint { body(0..<count) } }
    let cost = Double(rowsPerTile) * (5 + 0.2 * Double(width))
    parallelFor(tiles: tiles, nanosecondsPerTile: cost) { range in
      body(range.lowerBound * rowsPerTile..<Swift.min(range.upperBound * rowsPerTile, count))
    }
  }
}

/// Which source rows go to each target row, in their order: a counting sort, in the pool's memory.
private struct RowGroups: Sendable {
  /// Where the members of each target row end; those of the next begin there.
  private let ends: Tensor
  private let members: Tensor

  init(_ rows: Tensor, _ rowCount: Int) throws(TensorError) {
    ends = try .filled([rowCount], .integer(0), dtype: .int64, "index_backward")
    members = try .empty([rows.count], dtype: .int64, "index_backward")
    let row = rows.pointer.assumingMemoryBound(to: Int.self)
    let end = ends.pointer.assumingMemoryBound(to: Int.self)
    let member = members.pointer.assumingMemoryBound(to: Int.self)
    // SAFETY: row numbers are below `rowCount`, as the caller has checked; the counts add up to `rows.count`.
    for i in 0..<rows.count { end[row[i]] += 1 }
    var begin = 0
    for target in 0..<rowCount { (end[target], begin) = (begin, begin + end[target]) }
    // Each begin moves on to its row's end while the members are put in.
    for i in 0..<rows.count {
      member[end[row[i]]] = i
      end[row[i]] += 1
    }
  }

  func forEachMember(of target: Int, _ body: (Int) -> Void) {
    // SAFETY: `target` is below the number of target rows, and the ends lie within the members.
    let end = ends.pointer.assumingMemoryBound(to: Int.self)
    let member = members.pointer.assumingMemoryBound(to: Int.self)
    for k in (target == 0 ? 0 : end[target - 1])..<end[target] { body(member[k]) }
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
