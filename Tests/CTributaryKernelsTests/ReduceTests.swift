import CTributaryKernels
import Testing

@Suite struct ReduceTests {
  static let large = [1000, 4095, 4096, 4097, 8192, 12_289, 70_001]

  func rowOrder<T: ReduceElement & BinaryFloatingPoint>(_ type: T.Type) {
    let operations: [(tri_reduce_op, T, (T, T) -> T)] = [
      (TRI_REDUCE_SUM, -0.0, { $0 + $1 }), (TRI_REDUCE_PROD, 1, { $0 * $1 }),
      (TRI_REDUCE_MAX, -T.infinity, ReduceOrder.maximum),
      (TRI_REDUCE_MIN, T.infinity, ReduceOrder.minimum),
    ]
    for specials in [false, true] {
      for n in Array(1...300) + Self.large {
        let rows = n <= 300 ? 5 : 1
        let x: [T] = reduceSamples(rows * n, seed: UInt64(n), specials: specials)
        for (op, identity, join) in operations {
          let expected = (0..<rows).map { r in
            ReduceOrder.row(x[r * n..<(r + 1) * n], identity: identity, join)?.bits
          }
          for path in ReducePath.all {
            let got = reduceRows(path, op, x, rows: rows, n: n)
            #expect(got == expected, "\(path) op \(op.rawValue) n \(n)")
          }
        }
      }
    }
  }

  @Test func rowsFollowTheWrittenOrder() {
    rowOrder(Float.self)
    rowOrder(Double.self)
  }

  func columnOrder<T: ReduceElement & BinaryFloatingPoint>(_ type: T.Type) {
    for (m, n) in [
      (1, 1), (2, 3), (63, 5), (64, 16), (65, 17), (128, 10), (129, 100), (200, 300), (700, 1030),
      (5000, 3),
    ] {
      let x: [T] = reduceSamples(2 * m * n, seed: UInt64(m + n), specials: m == 65)
      let operations: [(tri_reduce_op, (T, T) -> T)] = [
        (TRI_REDUCE_SUM, { $0 + $1 }), (TRI_REDUCE_MAX, ReduceOrder.maximum),
      ]
      for (op, join) in operations {
        let expected = (0..<2 * n).map { i in
          ReduceOrder.column(x, o: i / n, m: m, n: n, c: i % n, join)?.bits
        }
        for path in ReducePath.all {
          let got = reduceColumns(path, op, x, outer: 2, m: m, n: n)
          #expect(got == expected, "\(path) op \(op.rawValue) \(m) × \(n)")
        }
      }
    }
  }

  @Test func columnsFollowTheWrittenOrder() {
    columnOrder(Float.self)
    columnOrder(Double.self)
  }

  func pathsAgree<T: ReduceElement>(_ type: T.Type) {
    for op in reduceOperations where tri_reduce_supports(op, T.dtype) {
      for n in Array(0...300) + Self.large {
        let rows = n <= 300 ? 3 : 1
        let x: [T] = reduceSamples(rows * n, seed: UInt64(n + 7), specials: n % 3 == 0)
        let expected = reduceRows(.portable, op, x, rows: rows, n: n)
        let columns = n <= 300 ? reduceColumns(.portable, op, x, outer: 1, m: rows, n: n) : []
        let tall = reduceColumns(.portable, op, x, outer: 1, m: n, n: rows)
        for path in ReducePath.all {
          #expect(reduceRows(path, op, x, rows: rows, n: n) == expected, "\(path) \(op) n \(n)")
          #expect(reduceColumns(path, op, x, outer: 1, m: n, n: rows) == tall)
          if n <= 300 {
            #expect(reduceColumns(path, op, x, outer: 1, m: rows, n: n) == columns)
          }
        }
      }
    }
  }

  @Test func everyPathGivesThePortableBits() {
    pathsAgree(Float.self)
    pathsAgree(Double.self)
    pathsAgree(Int64.self)
    pathsAgree(Int32.self)
    pathsAgree(UInt8.self)
  }

  /// Integers against plain loops; wrapping sums do not depend on the order.
  @Test(arguments: ReducePath.all) func integersAreExact(path: ReducePath) {
    for n in [1, 15, 16, 17, 100, 5000] {
      let x: [Int32] = reduceSamples(n, seed: UInt64(n))
      let wide = x.map { Int64($0) }
      #expect(
        reduceRows(path, TRI_REDUCE_SUM, x, rows: 1, n: n) == [wide.reduce(0, &+).bits])
      #expect(
        reduceRows(path, TRI_REDUCE_PROD, x, rows: 1, n: n) == [wide.reduce(1, &*).bits])
      #expect(reduceRows(path, TRI_REDUCE_MAX, x, rows: 1, n: n) == x.max().map { [$0.bits] })
      #expect(reduceRows(path, TRI_REDUCE_MIN, x, rows: 1, n: n) == x.min().map { [$0.bits] })
      let bytes: [UInt8] = reduceSamples(n, seed: UInt64(n))
      let sum = bytes.reduce(Int64(0)) { $0 + Int64($1) }
      #expect(reduceRows(path, TRI_REDUCE_SUM, bytes, rows: 1, n: n) == [sum.bits])
    }
  }

  @Test(arguments: ReducePath.all) func truth(path: ReducePath) {
    for n in [1, 2, 16, 31, 5000] {
      var x = [Float](repeating: .nan, count: n)
      #expect(reduceRows(path, TRI_REDUCE_ALL, x, rows: 1, n: n) == [1])
      x[n - 1] = -0.0
      #expect(reduceRows(path, TRI_REDUCE_ALL, x, rows: 1, n: n) == [0])
      #expect(reduceRows(path, TRI_REDUCE_ANY, x, rows: 1, n: n) == [n > 1 ? 1 : 0])
    }
  }

  @Test(arguments: ReducePath.all) func emptyRowsAndSignsOfZero(path: ReducePath) {
    let none: [Float] = []
    #expect(reduceRows(path, TRI_REDUCE_SUM, none, rows: 2, n: 0) == [0, 0])
    #expect(reduceRows(path, TRI_REDUCE_PROD, none, rows: 1, n: 0) == [Float(1).bits])
    #expect(reduceRows(path, TRI_REDUCE_MEAN, none, rows: 1, n: 0) == [Float.nan.bits])
    #expect(reduceRows(path, TRI_REDUCE_ALL, none, rows: 1, n: 0) == [1])
    #expect(reduceRows(path, TRI_REDUCE_ANY, none, rows: 1, n: 0) == [0])
    #expect(reduceColumns(path, TRI_REDUCE_SUM, none, outer: 1, m: 0, n: 3) == [0, 0, 0])
    for n in [1, 3, 16, 50, 5000] {
      let zeros = [Float](repeating: -0.0, count: n)
      let negative = [Float(-0.0).bits]
      #expect(reduceRows(path, TRI_REDUCE_SUM, zeros, rows: 1, n: n) == negative)
      #expect(reduceColumns(path, TRI_REDUCE_SUM, zeros, outer: 1, m: n, n: 1) == negative)
    }
  }

  @Test(arguments: ReducePath.all) func sumsAndMeansAreAccurate(path: ReducePath) {
    for n in [10, 1000, 100_000, 1_000_000] {
      let x: [Float] = reduceSamples(n, seed: UInt64(n))
      let exact = x.reduce(0) { $0 + Double($1) }
      let magnitude = x.reduce(0) { $0 + Double(abs($1)) }
      var sum: Float = 0
      var mean: Float = 0
      tri_reduce_rows(path.kernels, TRI_REDUCE_SUM, TRI_F32, x, Int64(n), 0, 1, &sum)
      tri_reduce_rows(path.kernels, TRI_REDUCE_MEAN, TRI_F32, x, Int64(n), 0, 1, &mean)
      #expect(abs(Double(sum) - exact) <= magnitude * 0x1p-24 * 4)
      #expect(mean.bits == (sum / Float(n)).bits)
    }
  }
}
