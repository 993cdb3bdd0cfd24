import CTributaryKernels
import Foundation
import Testing

/// The elementary functions through the public table, on every path that this processor runs, against the C library.
/// Samples only: `Tests/MathAccuracy` runs all float32 inputs, and float64 against MPFR.
@Suite struct MathTests {
  struct Function: CustomTestStringConvertible, Sendable {
    let name: String
    let op: tri_unary_op
    let reference: @Sendable (Double) -> Double
    var testDescription: String { name }
  }

  static let functions: [Function] = [
    Function(name: "exp", op: TRI_UNARY_EXP, reference: { exp($0) }),
    Function(name: "expm1", op: TRI_UNARY_EXPM1, reference: { expm1($0) }),
    Function(name: "log", op: TRI_UNARY_LOG, reference: { log($0) }),
    Function(name: "log1p", op: TRI_UNARY_LOG1P, reference: { log1p($0) }),
    Function(name: "tanh", op: TRI_UNARY_TANH, reference: { tanh($0) }),
    Function(
      name: "sigmoid", op: TRI_UNARY_SIGMOID,
      reference: { $0 < -40 ? exp($0) : 1 / (1 + exp(-$0)) }),
    Function(name: "erf", op: TRI_UNARY_ERF, reference: { erf($0) }),
    Function(name: "sqrt", op: TRI_UNARY_SQRT, reference: { $0.squareRoot() }),
    Function(name: "rsqrt", op: TRI_UNARY_RSQRT, reference: { 1 / $0.squareRoot() }),
    Function(name: "erfc", op: TRI_UNARY_ERFC, reference: { erfc($0) }),
    Function(name: "exp2", op: TRI_UNARY_EXP2, reference: { exp2($0) }),
    Function(name: "log2", op: TRI_UNARY_LOG2, reference: { log2($0) }),
    Function(name: "log10", op: TRI_UNARY_LOG10, reference: { log10($0) }),
    Function(name: "sin", op: TRI_UNARY_SIN, reference: { sin($0) }),
    Function(name: "cos", op: TRI_UNARY_COS, reference: { cos($0) }),
    Function(name: "tan", op: TRI_UNARY_TAN, reference: { tan($0) }),
    Function(name: "asin", op: TRI_UNARY_ASIN, reference: { asin($0) }),
    Function(name: "acos", op: TRI_UNARY_ACOS, reference: { acos($0) }),
    Function(name: "atan", op: TRI_UNARY_ATAN, reference: { atan($0) }),
    Function(name: "sinh", op: TRI_UNARY_SINH, reference: { sinh($0) }),
    Function(name: "cosh", op: TRI_UNARY_COSH, reference: { cosh($0) }),
    Function(name: "asinh", op: TRI_UNARY_ASINH, reference: { asinh($0) }),
    Function(name: "acosh", op: TRI_UNARY_ACOSH, reference: { acosh($0) }),
    Function(name: "atanh", op: TRI_UNARY_ATANH, reference: { atanh($0) }),
  ]

  static let paths = [TRI_PORTABLE, TRI_AVX2, TRI_AVX512, TRI_NEON]

  /// Random bits (every binade, denormal, infinite and NaN), and as many values between -20 and 20.
  static func samples<T>(_ count: Int, bits: (UInt64) -> T, value: (Double) -> T) -> [T] {
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15
    return (0..<count).map { index in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let mixed = state ^ state >> 29
      return index % 2 == 0 ? bits(mixed) : value(Double(mixed >> 11) * 0x1p-53 * 40 - 20)
    }
  }

  static func map<T>(
    _ path: tri_path, _ op: tri_unary_op, _ dtype: tri_dtype, _ input: [T], zero: T
  ) -> [T]? {
    guard let kernels = tri_kernels_for(path), let function = tri_unary(kernels, op, dtype) else {
      return nil
    }
    var output = [T](repeating: zero, count: input.count)
    // SAFETY: both buffers hold input.count elements of the dtype and do not overlap.
    input.withUnsafeBytes { from in
      output.withUnsafeMutableBytes { to in
        guard let a = from.baseAddress, let out = to.baseAddress else { return }
        function(out, a, nil, nil, Int64(input.count), 0, nil)
      }
    }
    return output
  }

  /// In ulp of the true value's binade; infinite where one is special and the other is not the same.
  static func error(
    _ got: Double, _ want: Double, digits: Int, leastExponent: Int, greatest: Double
  )
    -> Double
  {
    if want.isNaN || got.isNaN { return want.isNaN && got.isNaN ? 0 : .infinity }
    if got == want { return got != 0 || got.sign == want.sign ? 0 : .infinity }
    if got.isInfinite { return abs(want) > greatest && got.sign == want.sign ? 0 : .infinity }
    if want.isInfinite || want == 0 { return .infinity }
    let exponent = max(Int(want.exponent), leastExponent)
    return abs(got - want) / scalbn(1, exponent - digits)
  }

  @Test(arguments: functions) func float32(_ function: Function) {
    let input = Self.samples(
      40_001, bits: { Float(bitPattern: UInt32($0 >> 32)) }, value: { Float($0) })
    for path in Self.paths {
      guard let output = Self.map(path, function.op, TRI_F32, input, zero: 0) else { continue }
      var worst = (error: 0.0, input: Float(0))
      for (x, y) in zip(input, output) {
        let error = Self.error(
          Double(y), function.reference(Double(x)), digits: 23, leastExponent: -126,
          greatest: Double(Float.greatestFiniteMagnitude))
        if error > worst.error { worst = (error, x) }
      }
      #expect(worst.error <= 1, "path \(path.rawValue), at \(worst.input)")
    }
  }

  /// Two ulp, and one for the C library.
  @Test(arguments: functions) func float64(_ function: Function) {
    let input = Self.samples(40_001, bits: { Double(bitPattern: $0) }, value: { $0 })
    for path in Self.paths {
      guard let output = Self.map(path, function.op, TRI_F64, input, zero: 0) else { continue }
      var worst = (error: 0.0, input: 0.0)
      for (x, y) in zip(input, output) {
        let error = Self.error(
          y, function.reference(x), digits: 52, leastExponent: -1022,
          greatest: .greatestFiniteMagnitude)
        if error > worst.error { worst = (error, x) }
      }
      #expect(worst.error <= 3, "path \(path.rawValue), at \(worst.input)")
    }
  }

  /// A vector of ordinary values may take a shorter way than one with a special value among them.
  @Test(arguments: functions) func neighboursReachNoBit(_ function: Function) {
    let samples = Self.samples(4_001, bits: { _ in Float(1) }, value: { Float($0 * 4.4) })
    let ends: [Float] = [
      87, -87, Float(87).nextUp, -Float(87).nextUp, .leastNormalMagnitude,
      .greatestFiniteMagnitude,
    ]
    // The positive ones beside each other: for logarithms they alone are ordinary.
    let values =
      samples + samples.map(abs) + ends.flatMap { Array(repeating: $0, count: 16) }
    let others: [Float] = [.infinity, .nan, -1e30, 0, -0.0, 0x1p-149, 100, -100, 1e30]
    // As many as lie beside one in the widest vector.
    let mixed = values.flatMap { value in [value] + (1..<16).map { others[$0 % others.count] } }
    for path in Self.paths {
      guard let plain = Self.map(path, function.op, TRI_F32, values, zero: 0),
        let beside = Self.map(path, function.op, TRI_F32, mixed, zero: 0)
      else { continue }
      let isSame = values.indices.allSatisfy {
        plain[$0].bitPattern == beside[16 * $0].bitPattern
      }
      #expect(isSame, "path \(path.rawValue)")
    }
  }

  @Test func specialValues() throws {
    let input: [Float] = [0, -0.0, .infinity, -.infinity, .nan, 0x1p-149, -0x1p-149, -1]
    let expected: [(tri_unary_op, [Float])] = [
      (TRI_UNARY_EXP, [1, 1, .infinity, 0, .nan, 1, 1, 0x1.78b564p-2]),
      (TRI_UNARY_EXPM1, [0, -0.0, .infinity, -1, .nan, 0x1p-149, -0x1p-149, -0x1.43a54ep-1]),
      (TRI_UNARY_LOG, [-.infinity, -.infinity, .infinity, .nan, .nan, -0x1.9d1dap6, .nan, .nan]),
      (TRI_UNARY_LOG1P, [0, -0.0, .infinity, .nan, .nan, 0x1p-149, -0x1p-149, -.infinity]),
      (TRI_UNARY_TANH, [0, -0.0, 1, -1, .nan, 0x1p-149, -0x1p-149, -0x1.85efacp-1]),
      (TRI_UNARY_ERF, [0, -0.0, 1, -1, .nan, 0x1p-149, -0x1p-149, -0x1.af767ap-1]),
      (TRI_UNARY_SQRT, [0, -0.0, .infinity, .nan, .nan, 0x1.6a09e6p-75, .nan, .nan]),
      (TRI_UNARY_RSQRT, [.infinity, -.infinity, 0, .nan, .nan, 0x1.6a09e6p74, .nan, .nan]),
    ]
    for path in Self.paths {
      for (op, values) in expected {
        guard let output = Self.map(path, op, TRI_F32, input, zero: 0) else { continue }
        for (index, (got, want)) in zip(output, values).enumerated() {
          let same =
            want.isNaN
            ? got.isNaN : got.sign == want.sign && (got == want || abs(got - want) <= want.ulp)
          #expect(same, "op \(op.rawValue), path \(path.rawValue), of \(input[index]): \(got)")
        }
      }
    }
  }
}
