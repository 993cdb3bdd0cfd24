import CTributaryKernels
import Testing

@Suite struct SoftmaxTests {
  typealias RowsFunction = (
    Kernels, tri_dtype, UnsafeRawPointer, Int64, Int64, Int64, UnsafeMutableRawPointer
  ) -> Void

  static let sizes = Array(1...70) + [300, 4096, 4097, 10_000]
  static let rows = 19  // more than the 16 whose logarithms are taken together

  func samples<T: ReduceElement>(_ n: Int, _ type: T.Type) -> [T] {
    reduceSamples(Self.rows * n, seed: UInt64(n), specials: n % 5 == 0)
  }

  func forward<T: ReduceElement>(_ path: ReducePath, _ x: [T], _ n: Int) -> [[UInt64]] {
    let functions: [RowsFunction] = [
      tri_softmax_rows, tri_log_softmax_rows,
    ]
    var results = functions.map { function in
      reduceOutput(x.count, T.dtype) {
        function(path.kernels, T.dtype, x, Int64(n), 0, Int64(Self.rows), $0)
      }
    }
    results.append(
      reduceOutput(Self.rows, T.dtype) {
        tri_logsumexp_rows(path.kernels, T.dtype, x, Int64(n), 0, Int64(Self.rows), $0)
      })
    return results
  }

  func pathsAgree<T: ReduceElement>(_ type: T.Type) {
    for n in Self.sizes {
      let x = samples(n, type)
      let expected = forward(.portable, x, n)
      for path in ReducePath.all {
        #expect(forward(path, x, n) == expected, "\(path) n \(n)")
      }
    }
  }

  @Test func everyPathGivesThePortableBits() {
    pathsAgree(Float.self)
    pathsAgree(Double.self)
  }

  @Test(arguments: ReducePath.all) func aRowAloneHasTheBitsOfTheBatch(path: ReducePath) {
    for n in [3, 10, 100, 5000] {
      let x = samples(n, Float.self)
      let whole = forward(path, x, n)
      for r in 0..<Int64(Self.rows) {
        let functions: [(RowsFunction, Int)] = [
          (tri_softmax_rows, 0), (tri_log_softmax_rows, 1),
        ]
        for (function, k) in functions {
          var y = x
          function(path.kernels, TRI_F32, x, Int64(n), r, r + 1, &y)
          let range = Int(r) * n..<(Int(r) + 1) * n
          #expect(y[range].map(\.bits) == Array(whole[k][range]))
        }
      }
    }
  }

  @Test(arguments: ReducePath.all) func valuesAreTrue(path: ReducePath) {
    for n in [1, 2, 10, 17, 300] {
      let x: [Double] = reduceSamples(n, seed: UInt64(n))
      let row = Int64(n)
      var y = x
      var logY = x
      var logSum = 0.0
      tri_softmax_rows(path.kernels, TRI_F64, x, row, 0, 1, &y)
      tri_log_softmax_rows(path.kernels, TRI_F64, x, row, 0, 1, &logY)
      tri_logsumexp_rows(path.kernels, TRI_F64, x, row, 0, 1, &logSum)
      #expect(abs(y.reduce(0, +) - 1) < 1e-14)
      for i in 0..<n {
        #expect(abs(logY[i] - (x[i] - logSum)) < 1e-14)
        // x - x[0] is log(y / y[0]): no exponential function is needed to see it.
        let shifted = (logY[i] - logY[0]) - (x[i] - x[0])
        #expect(abs(shifted) < 1e-14)
      }
      for i in 1..<max(n, 1) { #expect((y[i] > y[i - 1]) == (x[i] > x[i - 1])) }
    }
  }

  @Test(arguments: ReducePath.all) func infiniteRows(path: ReducePath) {
    var x = [Float](repeating: -.infinity, count: 20)
    var y = x
    var sum: Float = 0
    tri_softmax_rows(path.kernels, TRI_F32, x, 20, 0, 1, &y)
    tri_logsumexp_rows(path.kernels, TRI_F32, x, 20, 0, 1, &sum)
    #expect(y.allSatisfy(\.isNaN) && sum == -.infinity)
    x[3] = 0
    tri_softmax_rows(path.kernels, TRI_F32, x, 20, 0, 1, &y)
    #expect(y[3] == 1 && y.reduce(0, +) == 1)
    x[4] = .infinity
    tri_logsumexp_rows(path.kernels, TRI_F32, x, 20, 0, 1, &sum)
    #expect(sum == .infinity)
    tri_logsumexp_rows(path.kernels, TRI_F32, x, 0, 0, 1, &sum)
    #expect(sum == -.infinity)
  }

  func backward<T: ReduceElement & BinaryFloatingPoint>(_ path: ReducePath, _ type: T.Type) {
    for n in [1, 3, 16, 50, 300, 5000] {
      let rows = 3
      let y: [T] = reduceSamples(rows * n, seed: UInt64(n))
      let g: [T] = reduceSamples(rows * n, seed: UInt64(n + 1))
      let ones = [T](repeating: 1, count: rows * n)
      var expected: [UInt64] = []
      for r in 0..<rows {
        let range = r * n..<(r + 1) * n
        let products = range.map { g[$0] * y[$0] }
        let t = ReduceOrder.row(products[...], identity: -0.0, +) ?? 0
        expected += range.map { ((g[$0] - t) * y[$0]).bits }
      }
      let got = reduceOutput(rows * n, T.dtype) {
        tri_softmax_backward_rows(path.kernels, T.dtype, y, g, Int64(n), 0, Int64(rows), $0)
      }
      #expect(got == expected, "\(path) n \(n)")

      // With y = 0, exp(y) is 1: g - sum(g).
      let zeros = ones.map { $0 - 1 }
      expected = []
      for r in 0..<rows {
        let range = r * n..<(r + 1) * n
        let t = ReduceOrder.row(g[range], identity: -0.0, +) ?? 0
        expected += range.map { (g[$0] - t).bits }
      }
      let gotLog = reduceOutput(rows * n, T.dtype) {
        tri_log_softmax_backward_rows(path.kernels, T.dtype, zeros, g, Int64(n), 0, Int64(rows), $0)
      }
      #expect(gotLog == expected, "\(path) n \(n)")
    }
  }

  @Test(arguments: ReducePath.all) func gradients(path: ReducePath) {
    backward(path, Float.self)
    backward(path, Double.self)
  }

  @Test(arguments: ReducePath.all) func crossEntropy(path: ReducePath) {
    for classes in [1, 2, 10, 100, 5000] {
      let rows = 20
      let x: [Float] = reduceSamples(rows * classes, seed: UInt64(classes))
      var targets = (0..<rows).map { Int64($0 * 7 % classes) }
      targets[5] = -100
      let n = Int64(classes)
      var kept: Int64 = -1
      #expect(tri_targets_check(targets, 0, Int64(rows), n, -100, &kept) == -1)
      #expect(kept == Int64(rows) - 1)

      var y = x
      tri_log_softmax_rows(path.kernels, TRI_F32, x, n, 0, Int64(rows), &y)
      var loss = [Float](repeating: 9, count: rows)
      var saved = [Float](repeating: 9, count: 2 * rows)
      tri_cross_entropy_rows(
        path.kernels, TRI_F32, x, targets, n, -100, 0, Int64(rows), &loss, &saved)
      for r in 0..<rows {
        #expect(loss[r].bits == (r == 5 ? 0 : (-y[r * classes + Int(targets[r])]).bits))
      }

      // The gradient of each row sums to nought, is g * p elsewhere, and zero where ignored.
      let g = (0..<rows).map { Float($0) * 0.25 - 1 }
      var p = x
      tri_softmax_rows(path.kernels, TRI_F32, x, n, 0, Int64(rows), &p)
      var dx = [Float](repeating: 9, count: rows * classes)
      tri_cross_entropy_backward_rows(
        path.kernels, TRI_F32, x, saved, targets, g, 1, n, -100, 0, Int64(rows), &dx)
      for r in 0..<rows {
        for c in 0..<classes {
          let i = r * classes + c
          let expected = r == 5 ? 0 : p[i] * g[r] - (Int64(c) == targets[r] ? g[r] : 0)
          #expect(abs(dx[i] - expected) < 1e-5)
        }
      }
      // One gradient for all rows.
      var shared = dx
      var repeated = dx
      let ones = [Float](repeating: 0.5, count: rows)
      tri_cross_entropy_backward_rows(
        path.kernels, TRI_F32, x, saved, targets, ones, 0, n, -100, 0, Int64(rows), &shared)
      tri_cross_entropy_backward_rows(
        path.kernels, TRI_F32, x, saved, targets, ones, 1, n, -100, 0, Int64(rows), &repeated)
      #expect(shared == repeated)
    }
  }

  @Test func targetsOutOfRangeAreFound() {
    #expect(tri_targets_check([0, 9, 10, -1], 0, 4, 10, -100, nil) == 2)
    #expect(tri_targets_check([0, 9, 3, -1], 0, 4, 10, -100, nil) == 3)
    #expect(tri_targets_check([0, 9, 3, -1], 0, 4, 10, -1, nil) == -1)
    #expect(tri_targets_check([0, 9, 3, -1], 0, 3, 10, -100, nil) == -1)
  }
}
