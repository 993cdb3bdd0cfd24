import CTributaryKernels
import Testing

/// However a caller splits the work, the bits are those of one call.
@Suite struct ReduceSplitTests {
  func rows<T: ReduceElement>(_ path: ReducePath, _ type: T.Type) {
    for op in reduceOperations where tri_reduce_supports(op, T.dtype) {
      let dtype = tri_reduce_result(op, T.dtype)
      for (rows, n) in [(7, 5), (3, 4096), (2, 4097), (3, 50_000), (1, 123_457), (2, 0)] {
        let x: [T] = reduceSamples(rows * n, seed: UInt64(rows + n))
        let whole = reduceRows(path, op, x, rows: rows, n: n)
        let blocks = Int(tri_row_block_count(Int64(n)))
        let size = Int(tri_dtype_size(dtype))
        var partials = [UInt8](repeating: 0, count: rows * blocks * size + 1)
        for step in [1, 3, 1000] {
          let split = reduceOutput(rows, dtype) { out in
            for begin in stride(from: 0, to: rows, by: step) {
              let end = Int64(min(begin + step, rows))
              tri_reduce_rows(path.kernels, op, T.dtype, x, Int64(n), Int64(begin), end, out)
            }
          }
          #expect(split == whole)
          // What a unit leaves unwritten must not be the last split's.
          partials = [UInt8](repeating: 0xA5, count: partials.count)
          let joined = reduceOutput(rows, dtype) { out in
            for begin in stride(from: 0, to: rows * blocks, by: step).reversed() {
              let end = Int64(min(begin + step, rows * blocks))
              tri_reduce_row_blocks(
                path.kernels, op, T.dtype, x, Int64(n), Int64(begin), end, &partials)
            }
            tri_reduce_row_combine(
              path.kernels, op, T.dtype, partials, Int64(n), 0, Int64(rows), out)
          }
          #expect(joined == whole, "\(path) op \(op.rawValue) \(rows) × \(n) by \(step)")
        }
      }
    }
  }

  @Test(arguments: ReducePath.all) func rowsInPieces(path: ReducePath) {
    rows(path, Float.self)
    rows(path, Double.self)
    rows(path, UInt8.self)
  }

  /// Rows that lie in parts have the bits of rows that lie whole.
  func parts<T: ReduceElement>(_ path: ReducePath, _ type: T.Type) {
    for op in reduceOperations where tri_reduce_supports(op, T.dtype) {
      let dtype = tri_reduce_result(op, T.dtype)
      for (parts, rows, size) in [(3, 2, 5), (5, 3, 1024), (2, 3, 6000), (900, 2, 7), (2, 2, 4096)]
      {
        let n = parts * size
        let x: [T] = reduceSamples(rows * n, seed: UInt64(n), specials: true)
        var whole: [T] = []
        for row in 0..<rows {
          for part in 0..<parts {
            let start = (part * rows + row) * size
            whole += x[start..<start + size]
          }
        }
        let units = rows * Int(tri_row_block_count(Int64(n)))
        var partials = [UInt8](repeating: 0, count: units * Int(tri_dtype_size(dtype)))
        for step in [1, 2, 1000] {
          partials = [UInt8](repeating: 0xA5, count: partials.count)
          let joined = reduceOutput(rows, dtype) { out in
            for begin in stride(from: 0, to: units, by: step).reversed() {
              tri_reduce_part_blocks(
                path.kernels, op, T.dtype, x, Int64(parts), Int64(rows), Int64(size), Int64(begin),
                Int64(min(begin + step, units)), &partials)
            }
            tri_reduce_row_combine(
              path.kernels, op, T.dtype, partials, Int64(n), 0, Int64(rows), out)
          }
          let expected = reduceRows(path, op, whole, rows: rows, n: n)
          #expect(joined == expected, "\(path) op \(op.rawValue) \(parts) × \(rows) × \(size)")
        }
      }
    }
  }

  @Test(arguments: ReducePath.all) func rowsInParts(path: ReducePath) {
    parts(path, Float.self)
    parts(path, Double.self)
    parts(path, Int32.self)
    parts(path, UInt8.self)
  }

  func columns<T: ReduceElement>(_ path: ReducePath, _ type: T.Type) {
    for op in reduceOperations where tri_reduce_supports(op, T.dtype) {
      let dtype = tri_reduce_result(op, T.dtype)
      for (m, n) in [(5, 7), (64, 33), (130, 600), (1000, 20)] {
        let x: [T] = reduceSamples(2 * m * n, seed: UInt64(m * n))
        let whole = reduceColumns(path, op, x, outer: 2, m: m, n: n)
        let blocks = Int(tri_column_block_count(Int64(m)))
        let size = Int(tri_dtype_size(dtype))
        var partials = [UInt8](repeating: 0, count: blocks * n * size)
        for (columnStep, blockStep) in [(1, 1), (16, 2), (48, 1000)] {
          let split = reduceOutput(2 * n, dtype) { out in
            for begin in stride(from: 0, to: n, by: columnStep) {
              let end = Int64(min(begin + columnStep, n))
              tri_reduce_columns(
                path.kernels, op, T.dtype, x, 2, Int64(m), Int64(n), 0, 2, Int64(begin), end, out)
            }
          }
          #expect(split == whole)
          let joined = reduceOutput(2 * n, dtype) { out in
            for o in 0..<2 {
              // What a unit leaves unwritten must not be the last split's.
              partials = [UInt8](repeating: 0xA5, count: partials.count)
              for begin in stride(from: 0, to: blocks, by: blockStep).reversed() {
                let end = Int64(min(begin + blockStep, blocks))
                tri_reduce_column_blocks(
                  path.kernels, op, T.dtype, x, 2, Int64(m), Int64(n), Int64(o), Int64(begin), end,
                  0, Int64(n), &partials)
              }
              tri_reduce_column_combine(
                path.kernels, op, T.dtype, partials, Int64(m), Int64(n), 0, Int64(n),
                out + o * n * size)
            }
          }
          #expect(joined == whole, "\(path) op \(op.rawValue) \(m) × \(n)")
        }
      }
    }
  }

  @Test(arguments: ReducePath.all) func columnsInPieces(path: ReducePath) {
    columns(path, Float.self)
    columns(path, Double.self)
    columns(path, UInt8.self)
  }
}
