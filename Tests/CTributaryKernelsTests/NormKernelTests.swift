import CTributaryKernels
import Testing

@Suite struct NormKernelTests {
  private func results<T: ReduceElement>(
    _ path: ReducePath, _ type: T.Type, rows: Int, n: Int, isCentred: Bool
  ) -> [[UInt64]] {
    // Of special values one in eight is no number: only tame ones tell whether sums agree.
    let x: [T] = reduceSamples(rows * n, seed: UInt64(n), specials: n % 5 == 0)
    let g: [T] = reduceSamples(rows * n, seed: UInt64(n + 1))
    let w: [T] = reduceSamples(n, seed: 3)
    var (y, dx, mean, rstd) = (x, x, Array(x.prefix(rows)), Array(x.prefix(rows)))
    mean += [T](repeating: T.zero, count: rows - mean.count)
    rstd += [T](repeating: T.zero, count: rows - rstd.count)
    let blocks = Int(tri_column_block_count(Int64(rows)))
    var dw = [T](repeating: T.zero, count: blocks * n)
    var db = dw
    x.withUnsafeBytes { x in
      g.withUnsafeBytes { g in
        w.withUnsafeBytes { w in
          y.withUnsafeMutableBytes { y in
            dx.withUnsafeMutableBytes { dx in
              mean.withUnsafeMutableBytes { mean in
                rstd.withUnsafeMutableBytes { rstd in
                  dw.withUnsafeMutableBytes { dw in
                    db.withUnsafeMutableBytes { db in
                      guard let x = x.baseAddress, let g = g.baseAddress, let y = y.baseAddress,
                        let mean = mean.baseAddress, let rstd = rstd.baseAddress
                      else { return }
                      var forward = tri_norm_problem(
                        n: Int64(n), eps: 1e-5, centred: isCentred ? 1 : 0, x: x,
                        weight: w.baseAddress, bias: w.baseAddress, y: y, mean: mean, rstd: rstd,
                        span: 0, channels: 0)
                      tri_norm_rows(path.kernels, T.dtype, &forward, 0, Int64(rows))
                      var back = tri_norm_gradient(
                        n: Int64(n), rows: Int64(rows), centred: isCentred ? 1 : 0, g: g, x: x,
                        mean: mean, rstd: rstd, weight: w.baseAddress, dx: dx.baseAddress,
                        weight_partials: dw.baseAddress, bias_partials: db.baseAddress, span: 0,
                        channels: 0)
                      tri_norm_gradient_blocks(path.kernels, T.dtype, &back, 0, Int64(blocks))
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    return [y, dx, mean, rstd, dw, db].map { $0.map(\.bits) }
  }

  private func pathsAgree<T: ReduceElement>(_ type: T.Type) {
    for (rows, n) in [
      (1, 1), (3, 7), (17, 16), (20, 33), (130, 64), (70, 100), (5, 4097), (3, 9001),
    ] {
      for isCentred in [true, false] {
        let expected = results(.portable, type, rows: rows, n: n, isCentred: isCentred)
        for path in ReducePath.all {
          let found = results(path, type, rows: rows, n: n, isCentred: isCentred)
          #expect(found == expected, "\(path) rows \(rows) n \(n)")
        }
      }
    }
  }

  @Test func everyPathGivesThePortableBits() {
    pathsAgree(Float.self)
    pathsAgree(Double.self)
  }
}
