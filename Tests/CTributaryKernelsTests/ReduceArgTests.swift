import CTributaryKernels
import Testing

@Suite struct ReduceArgTests {
  /// The first index of the greatest (least) element, or of the first NaN.
  func reference<T: ReduceElement & Comparable>(_ x: ArraySlice<T>, _ op: tri_reduce_op) -> Int64 {
    if let nan = x.firstIndex(where: { $0 != $0 }) { return Int64(nan - x.startIndex) }
    var best = x.startIndex
    for i in x.indices where op == TRI_REDUCE_MAX ? x[i] > x[best] : x[i] < x[best] { best = i }
    return Int64(best - x.startIndex)
  }

  func check<T: ReduceElement & Comparable>(_ path: ReducePath, _ type: T.Type) {
    for op in [TRI_REDUCE_MAX, TRI_REDUCE_MIN] {
      for n in Array(1...70) + [4096, 4097, 9000, 40_000] {
        for specials in [false, true] {
          let rows = 3
          let x: [T] = reduceSamples(rows * n, seed: UInt64(n), specials: specials)
          let expected = (0..<rows).map { reference(x[$0 * n..<($0 + 1) * n], op) }
          let values = (0..<rows).map { x[$0 * n + Int(expected[$0])].bits }
          var indices = [Int64](repeating: -1, count: rows)
          let got = reduceOutput(rows, T.dtype) {
            tri_arg_reduce_rows(
              path.kernels, op, T.dtype, x, Int64(n), 0, Int64(rows), $0, &indices)
          }
          #expect(indices == expected, "\(path) op \(op.rawValue) n \(n)")
          #expect(got == values)

          let blocks = Int(tri_row_block_count(Int64(n)))
          let empty = [UInt8](
            repeating: 0, count: rows * blocks * Int(tri_dtype_size(T.dtype)))
          var partials = empty
          tri_reduce_row_blocks(
            path.kernels, op, T.dtype, x, Int64(n), 0, Int64(rows * blocks), &partials)
          indices = [-1, -1, -1]
          tri_arg_reduce_combine(
            path.kernels, op, T.dtype, x, Int64(n), partials, 0, Int64(rows), nil, &indices)
          #expect(indices == expected, "\(path) op \(op.rawValue) n \(n), in blocks")
        }
      }
    }
  }

  @Test(arguments: ReducePath.all) func firstIndexWins(path: ReducePath) {
    check(path, Float.self)
    check(path, Double.self)
    check(path, Int64.self)
    check(path, Int32.self)
    check(path, UInt8.self)
  }

  @Test(arguments: ReducePath.all) func rowsOfEqualElements(path: ReducePath) {
    for n in [1, 17, 5000] {
      for value in [-Float.infinity, 0, .infinity, .nan] {
        let x = [Float](repeating: value, count: n)
        for op in [TRI_REDUCE_MAX, TRI_REDUCE_MIN] {
          var index: Int64 = -1
          tri_arg_reduce_rows(path.kernels, op, TRI_F32, x, Int64(n), 0, 1, nil, &index)
          #expect(index == 0)
        }
      }
    }
  }

  @Test(arguments: ReducePath.all) func cumulativeSums(path: ReducePath) {
    for n in [1, 2, 17, 300] {
      let x: [Float] = reduceSamples(2 * n, seed: UInt64(n))
      for reverse in [false, true] {
        var expected = x
        for row in 0..<2 {
          for k in 1..<max(n, 1) {
            let i = row * n + (reverse ? n - 1 - k : k)
            expected[i] = expected[reverse ? i + 1 : i - 1] + x[i]
          }
        }
        let got = reduceOutput(2 * n, TRI_F32) {
          tri_cumsum_rows(path.kernels, TRI_F32, x, Int64(n), 0, 2, reverse ? 1 : 0, $0)
        }
        #expect(got == expected.map(\.bits))
      }
    }
    let bytes: [UInt8] = [200, 100, 50]
    let sums = reduceOutput(3, TRI_I64) {
      tri_cumsum_rows(path.kernels, TRI_U8, bytes, 3, 0, 1, 0, $0)
    }
    #expect(sums == [200, 300, 350])
  }
}
