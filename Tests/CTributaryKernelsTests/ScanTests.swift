import CTributaryKernels
import Testing

/// Running sums and their kin against the order that tri_scan.h writes, on every path.
@Suite struct ScanTests {
  private static let block = 4032
  private static let shapes: [(outer: Int, n: Int, inner: Int)] = [
    (1, 1, 1), (3, 5, 1), (9, 300, 1), (2, 4032, 1), (5, 4033, 1), (1, 21_000, 1), (2, 7, 3),
    (1, 40, 600), (1, 4100, 2), (1, 8100, 5),
  ]

  /// Where the chain's step `i` stands.
  private func place(
    _ shape: (outer: Int, n: Int, inner: Int), _ o: Int, _ i: Int, _ j: Int, _ reverse: Bool
  ) -> Int { (o * shape.n + (reverse ? shape.n - 1 - i : i)) * shape.inner + j }

  private func run(
    _ path: ReducePath, _ op: tri_scan_op, _ x: [Float], factor: [Float]? = nil,
    _ shape: (outer: Int, n: Int, inner: Int), reverse: Bool = false
  ) -> [UInt64] {
    reduceOutput(x.count, TRI_F32) { y in
      x.withUnsafeBytes { x in
        (factor ?? []).withUnsafeBytes { f in
          guard let base = x.baseAddress else { return }
          let problem = tri_scan(
            outer: Int64(shape.outer), n: Int64(shape.n), inner: Int64(shape.inner),
            reverse: reverse ? 1 : 0, x: base, factor: factor == nil ? nil : f.baseAddress, y: y,
            indices: nil)
          withUnsafePointer(to: problem) {
            tri_scan_run(
              path.kernels, op, TRI_F32, $0, 0, Int64(shape.outer), 0, Int64(shape.inner))
          }
        }
      }
    }
  }

  @Test(arguments: ReducePath.all) func sumsBeginAnewInEachBlock(path: ReducePath) {
    for shape in Self.shapes {
      let x: [Float] = reduceSamples(shape.outer * shape.n * shape.inner, seed: UInt64(shape.n))
      for reverse in [false, true] {
        var expected = x
        for o in 0..<shape.outer {
          for j in 0..<shape.inner {
            var (before, sum): (Float, Float) = (0, 0)
            for i in 0..<shape.n {
              let at = place(shape, o, i, j, reverse)
              if i % Self.block == 0 {
                before = i == Self.block ? sum : before + sum
                sum = x[at]
              } else {
                sum += x[at]
              }
              expected[at] = i < Self.block ? sum : before + sum
            }
          }
        }
        let found = run(path, TRI_SCAN_SUM, x, shape, reverse: reverse)
        #expect(found == expected.map(\.bits), "\(shape), \(reverse)")
        if shape.inner == 1 {
          #expect(byParts(path, x, shape, reverse: reverse) == found, "\(shape), \(reverse)")
        }
      }
    }
  }

  /// As few long rows are shared.
  private func byParts(
    _ path: ReducePath, _ x: [Float], _ shape: (outer: Int, n: Int, inner: Int), reverse: Bool
  ) -> [UInt64] {
    let blocks = tri_scan_blocks(Int64(shape.n))
    var sums = [Float](repeating: 0, count: Int(blocks))
    return reduceOutput(x.count, TRI_F32) { y in
      x.withUnsafeBytes { x in
        sums.withUnsafeMutableBytes { sums in
          guard let base = x.baseAddress, let found = sums.baseAddress else { return }
          let problem = tri_scan(
            outer: Int64(shape.outer), n: Int64(shape.n), inner: 1, reverse: reverse ? 1 : 0,
            x: base, factor: nil, y: y, indices: nil)
          withUnsafePointer(to: problem) { problem in
            for row in 0..<Int64(shape.outer) {
              let middle = blocks / 2
              for (first, end) in [(0, middle), (middle, blocks)] {
                tri_scan_block_sums(path.kernels, TRI_F32, problem, row, first, end, found)
              }
              tri_scan_join_sums(TRI_F32, blocks, found)
              for (first, end) in [(0, middle), (middle, blocks)] {
                tri_scan_from_sums(path.kernels, TRI_F32, problem, row, first, end, found)
              }
            }
          }
        }
      }
    }
  }

  @Test(arguments: ReducePath.all) func chainsFollowTheirRule(path: ReducePath) {
    for shape in Self.shapes {
      let count = shape.outer * shape.n * shape.inner
      let x: [Float] = reduceSamples(count, seed: 3, specials: true)
      let f: [Float] = reduceSamples(count, seed: 4, specials: true)
      for reverse in [false, true] {
        var (products, sums) = (x, x)
        for o in 0..<shape.outer {
          for j in 0..<shape.inner {
            for i in 1..<max(shape.n, 1) {
              let at = place(shape, o, i, j, reverse)
              let last = place(shape, o, i - 1, j, reverse)
              products[at] = products[last] * x[at]
              let product = f[at] * sums[last]
              sums[at] = f[at] == 0 ? x[at] : x[at] + product
            }
          }
        }
        #expect(
          run(path, TRI_SCAN_PROD, x, shape, reverse: reverse) == products.map(\.bits), "\(shape)")
        #expect(
          run(path, TRI_SCAN_RECURRENCE, x, factor: f, shape, reverse: reverse)
            == sums.map(\.bits), "\(shape)")
      }
    }
  }
}
