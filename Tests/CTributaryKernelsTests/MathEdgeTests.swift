import CTributaryKernels
import Foundation
import Testing

/// Zeros, infinities, NaN, the ends of the range and of each domain, and huge arguments of sine and its kin: what C99
/// says, from the C library, on every path.
@Suite struct MathEdgeTests {
  static let edges: [Double] = [
    0, -0.0, .infinity, -.infinity, .nan, 0x1p-149, -0x1p-149, 0x1p-126, 0.5, -0.5, 1, -1, 2, -2,
    0x1p24, -0x1p24,
    0x1.fffffep127, -0x1.fffffep127, 0x1.921fb6p0, 0x1.921fb6p80, -0x1.1p119, 88.5, -104, 128, -150,
  ]
  static let wider: [Double] = [
    0x1p-1074, -0x1p-1074, 0x1p-1022, 0x1.fffffffffffffp1023, -0x1.fffffffffffffp1023,
    0x1.921fb54442d18p0,
    0x1.fffffffffffffp-1, 0x1.0000000000001p0, 709.9, -745, 1024, -1075,
  ]

  @Test(arguments: MathTests.functions) func ofOne(_ function: MathTests.Function) {
    for path in MathTests.paths {
      let narrow = Self.edges.map { Float($0) }
      if let output = MathTests.map(path, function.op, TRI_F32, narrow, zero: 0) {
        for (x, y) in zip(narrow, output) {
          let error = MathTests.error(
            Double(y), function.reference(Double(x)), digits: 23, leastExponent: -126,
            greatest: Double(Float.greatestFiniteMagnitude))
          #expect(error <= 1, "path \(path.rawValue), of \(x): \(y)")
        }
      }
      let wide = Self.edges + Self.wider
      if let output = MathTests.map(path, function.op, TRI_F64, wide, zero: 0) {
        for (x, y) in zip(wide, output) {
          let error = MathTests.error(
            y, function.reference(x), digits: 52, leastExponent: -1022,
            greatest: .greatestFiniteMagnitude)
          #expect(error <= 3, "path \(path.rawValue), of \(x): \(y)")
        }
      }
    }
  }

  /// The double that comes nearest to a multiple of π/2, where the C library here is 8 ulp off: values of MPFR.
  @Test func hardestReduction() {
    let expected: [(tri_unary_op, Double)] = [
      (TRI_UNARY_SIN, 1), (TRI_UNARY_COS, -0x1.14ae72e6ba22fp-61),
      (TRI_UNARY_TAN, -0x1.d9ba9a7975636p+60),
    ]
    for path in MathTests.paths {
      for (op, want) in expected {
        guard let got = MathTests.map(path, op, TRI_F64, [0x1.6ac5b262ca1ffp849], zero: 0) else {
          continue
        }
        #expect(got == [want], "op \(op.rawValue), path \(path.rawValue)")
      }
    }
  }

  private static let pairs: [(tri_binary_op, @Sendable (Double, Double) -> Double)] = [
    (TRI_BINARY_ATAN2, { atan2($0, $1) }), (TRI_BINARY_HYPOT, { hypot($0, $1) }),
  ]

  static func map<T>(
    _ path: tri_path, _ op: tri_binary_op, _ dtype: tri_dtype, _ a: [T], _ b: [T], zero: T
  ) -> [T]? {
    guard let kernels = tri_kernels_for(path), let function = tri_binary(kernels, op, dtype) else {
      return nil
    }
    var output = [T](repeating: zero, count: a.count)
    // SAFETY: the three buffers hold a.count elements of the dtype and do not overlap.
    a.withUnsafeBytes { a in
      b.withUnsafeBytes { b in
        output.withUnsafeMutableBytes { to in
          guard let a = a.baseAddress, let b = b.baseAddress, let out = to.baseAddress else {
            return
          }
          function(out, a, b, nil, Int64(to.count / MemoryLayout<T>.stride), 0, nil)
        }
      }
    }
    return output
  }

  /// Each edge beside each, and random values of like and unlike sizes.
  @Test func ofTwo() {
    let edges = Self.edges + Self.wider
    var a: [Double] = []
    var b: [Double] = []
    for x in edges {
      for y in edges {
        a.append(x)
        b.append(y)
      }
    }
    let random = MathTests.samples(20_000, bits: { Double(bitPattern: $0) }, value: { $0 })
    a += random
    b += random.reversed()
    a += random
    b += random.map { $0 * 0.3 }
    for path in MathTests.paths {
      for (op, reference) in Self.pairs {
        if let output = Self.map(path, op, TRI_F64, a, b, zero: 0) {
          var worst = (error: 0.0, index: 0)
          for index in a.indices {
            let error = MathTests.error(
              output[index], reference(a[index], b[index]), digits: 52, leastExponent: -1022,
              greatest: .greatestFiniteMagnitude)
            if error > worst.error { worst = (error, index) }
          }
          #expect(
            worst.error <= 3,
            "op \(op.rawValue), path \(path.rawValue): \(a[worst.index]), \(b[worst.index])")
        }
        let (c, d) = (a.map { Float($0) }, b.map { Float($0) })
        if let output = Self.map(path, op, TRI_F32, c, d, zero: 0) {
          var worst = (error: 0.0, index: 0)
          for index in c.indices {
            let error = MathTests.error(
              Double(output[index]), reference(Double(c[index]), Double(d[index])), digits: 23,
              leastExponent: -126, greatest: Double(Float.greatestFiniteMagnitude))
            if error > worst.error { worst = (error, index) }
          }
          #expect(
            worst.error <= 1,
            "op \(op.rawValue), path \(path.rawValue): \(c[worst.index]), \(d[worst.index])")
        }
      }
    }
  }

  /// What no C library computes to a rounding, by what must come out exactly.
  @Test func exactCubeRootsAndMish() throws {
    let roots: [Double] = [0, -0.0, 1, -1, 3, -5, 0x1p-300, 0x1.8p300, .infinity, -.infinity]
    let cubes = roots.map { $0 * $0 * $0 }
    let ends: [Double] = [.infinity, 0, -0.0, 1000, -1e300, -1e-300]
    for path in MathTests.paths {
      if let output = MathTests.map(path, TRI_UNARY_CBRT, TRI_F64, cubes, zero: 0) {
        #expect(output.map(\.bitPattern) == roots.map(\.bitPattern), "path \(path.rawValue)")
      }
      if let output = MathTests.map(path, TRI_UNARY_MISH, TRI_F64, ends + [-.infinity], zero: 0) {
        let expected: [Double] = [.infinity, 0, -0.0, 1000, -0.0, -6e-301]
        #expect(zip(output, expected).allSatisfy { abs($0 - $1) <= 4 * $1.ulp || $0 == $1 })
        #expect(zip(output, expected).allSatisfy { $0.sign == $1.sign })
        #expect(output[6].isNaN)
      }
    }
  }
}
