import CTributaryKernels
import Foundation
import Testing

/// The portable path against Foundation, one element at a time, in float64.
@Suite("Elementwise maps against a scalar reference")
struct ElementwiseReferenceTests {
  struct Unary: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let op: tri_unary_op
    var param: [Double] = [0, 0]
    /// Relative to the larger of 1 and the result: steps of rounding that differ, and cancellation.
    var tolerance = 1e-14
    let reference: @Sendable (Double) -> Double
  }

  static let values: [Double] =
    Elementwise.special.filter { abs($0) < 1e3 && !($0 != 0 && abs($0) < 1e-9) }
    + stride(from: -6, through: 6, by: 0.37)

  static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
  static func cdf(_ x: Double) -> Double { 0.5 * erfc(-x * 0.5.squareRoot()) }
  static func pdf(_ x: Double) -> Double { exp(-0.5 * x * x) / (2 * Double.pi).squareRoot() }
  static func inner(_ x: Double) -> Double {
    (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)
  }

  static let unaryCases: [Unary] = [
    Unary(testDescription: "neg", op: TRI_UNARY_NEG, tolerance: 0) { -$0 },
    Unary(testDescription: "abs", op: TRI_UNARY_ABS, tolerance: 0) { abs($0) },
    Unary(testDescription: "sign", op: TRI_UNARY_SIGN, tolerance: 0) {
      $0 > 0 ? 1 : $0 < 0 ? -1 : 0
    },
    Unary(testDescription: "square", op: TRI_UNARY_SQUARE, tolerance: 0) { $0 * $0 },
    Unary(testDescription: "reciprocal", op: TRI_UNARY_RECIPROCAL, tolerance: 0) { 1 / $0 },
    Unary(testDescription: "sqrt", op: TRI_UNARY_SQRT, tolerance: 0) { $0.squareRoot() },
    Unary(testDescription: "rsqrt", op: TRI_UNARY_RSQRT) { 1 / $0.squareRoot() },
    Unary(testDescription: "exp", op: TRI_UNARY_EXP) { exp($0) },
    Unary(testDescription: "expm1", op: TRI_UNARY_EXPM1) { expm1($0) },
    Unary(testDescription: "log", op: TRI_UNARY_LOG) { log($0) },
    Unary(testDescription: "log1p", op: TRI_UNARY_LOG1P) { log1p($0) },
    Unary(testDescription: "tanh", op: TRI_UNARY_TANH) { tanh($0) },
    Unary(testDescription: "sigmoid", op: TRI_UNARY_SIGMOID) { sigmoid($0) },
    Unary(testDescription: "erf", op: TRI_UNARY_ERF) { erf($0) },
    Unary(testDescription: "relu", op: TRI_UNARY_RELU, tolerance: 0) { $0 <= 0 ? 0 : $0 },
    Unary(testDescription: "gelu", op: TRI_UNARY_GELU) {
      $0 == -.infinity ? -0.0 : $0 * cdf($0)
    },
    Unary(testDescription: "gelu_tanh", op: TRI_UNARY_GELU_TANH) {
      0.5 * $0 * (1 + tanh(inner($0)))
    },
    Unary(testDescription: "silu", op: TRI_UNARY_SILU) { $0 * sigmoid($0) },
    Unary(testDescription: "softplus", op: TRI_UNARY_SOFTPLUS, param: [2, 5]) {
      $0 * 2 > 5 ? $0 : log1p(exp($0 * 2)) / 2
    },
    Unary(testDescription: "leaky_relu", op: TRI_UNARY_LEAKY_RELU, param: [0.1, 0], tolerance: 0) {
      $0 > 0 ? $0 : $0 * 0.1
    },
    Unary(testDescription: "floor", op: TRI_UNARY_FLOOR, tolerance: 0) { $0.rounded(.down) },
    Unary(testDescription: "ceil", op: TRI_UNARY_CEIL, tolerance: 0) { $0.rounded(.up) },
    Unary(testDescription: "round", op: TRI_UNARY_ROUND, tolerance: 0) {
      $0.rounded(.toNearestOrEven)
    },
    Unary(testDescription: "trunc", op: TRI_UNARY_TRUNC, tolerance: 0) { $0.rounded(.towardZero) },
    Unary(testDescription: "clamp", op: TRI_UNARY_CLAMP, param: [-1, 2], tolerance: 0) {
      $0.isNaN ? $0 : min(max($0, -1), 2)
    },
    Unary(testDescription: "clamp from NaN", op: TRI_UNARY_CLAMP, param: [.nan, 2], tolerance: 0) {
      _ in .nan
    },
    Unary(testDescription: "clamp to NaN", op: TRI_UNARY_CLAMP, param: [-1, .nan], tolerance: 0) {
      _ in .nan
    },
    Unary(testDescription: "pow 2.5", op: TRI_UNARY_POW_SCALAR, param: [2.5, 0]) { pow($0, 2.5) },
    Unary(testDescription: "pow 3", op: TRI_UNARY_POW_SCALAR, param: [3, 0]) { pow($0, 3) },
    Unary(testDescription: "pow -2", op: TRI_UNARY_POW_SCALAR, param: [-2, 0]) { pow($0, -2) },
    Unary(testDescription: "pow 0", op: TRI_UNARY_POW_SCALAR, param: [0, 0], tolerance: 0) {
      pow($0, 0)
    },
  ]

  static func agrees(_ actual: Double, _ expected: Double, _ tolerance: Double) -> Bool {
    if expected.isNaN { return actual.isNaN }
    if tolerance == 0 { return actual.bitPattern == expected.bitPattern }
    return actual == expected || abs(actual - expected) <= tolerance * max(1, abs(expected))
  }

  @Test(arguments: unaryCases)
  func unary(_ test: Unary) throws {
    let map = try #require(tri_unary(Elementwise.portable, test.op, TRI_F64))
    let input = OperandBuffer(Self.values)
    let out = OperandBuffer(byteCount: input.byteCount)
    map(out.pointer, input.pointer, nil, nil, Int64(Self.values.count), 0, test.param)
    withExtendedLifetime(input) {}
    for (x, y) in zip(Self.values, out.values(Double.self)) {
      if x.isInfinite, [TRI_UNARY_GELU_TANH, TRI_UNARY_SILU].contains(test.op) { continue }
      #expect(Self.agrees(y, test.reference(x), test.tolerance), "at \(x): \(y)")
    }
  }

  struct Binary: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let op: tri_binary_op
    var param: [Double] = [0, 0]
    var tolerance = 0.0
    let reference: @Sendable (Double, Double) -> Double
  }

  static func floorDivision(_ a: Double, _ b: Double) -> Double {
    var r = fmod(a, b)
    if b == 0 { return a / b }
    var q = (a - r) / b
    if r != 0, (b < 0) != (r < 0) { q -= 1 }
    r = floor(q)
    if q == 0 { return copysign(0, a / b) }
    return q - r > 0.5 ? r + 1 : r
  }

  static let binaryCases: [Binary] = [
    Binary(testDescription: "add", op: TRI_BINARY_ADD) { $0 + $1 },
    Binary(testDescription: "sub", op: TRI_BINARY_SUB) { $0 - $1 },
    Binary(testDescription: "mul", op: TRI_BINARY_MUL) { $0 * $1 },
    Binary(testDescription: "div", op: TRI_BINARY_DIV) { $0 / $1 },
    Binary(testDescription: "div_floor", op: TRI_BINARY_DIV_FLOOR) { floorDivision($0, $1) },
    Binary(testDescription: "div_trunc", op: TRI_BINARY_DIV_TRUNC) {
      ($0 / $1).rounded(.towardZero)
    },
    Binary(testDescription: "fmod", op: TRI_BINARY_FMOD) { fmod($0, $1) },
    Binary(testDescription: "remainder", op: TRI_BINARY_REMAINDER) {
      let r = fmod($0, $1)
      return r != 0 && ($1 < 0) != (r < 0) ? r + $1 : r
    },
    Binary(testDescription: "maximum", op: TRI_BINARY_MAXIMUM) {
      $0.isNaN || $1.isNaN ? .nan : $0 > $1 ? $0 : $1
    },
    Binary(testDescription: "minimum", op: TRI_BINARY_MINIMUM) {
      $0.isNaN || $1.isNaN ? .nan : $0 < $1 ? $0 : $1
    },
    Binary(testDescription: "pow", op: TRI_BINARY_POW, tolerance: 1e-14) { pow($0, $1) },
    Binary(testDescription: "add_scaled", op: TRI_BINARY_ADD_SCALED, param: [0.3, 0]) {
      $0 + 0.3 * $1
    },
    Binary(testDescription: "tanh_backward", op: TRI_BINARY_TANH_BACKWARD) { $0 * (1 - $1 * $1) },
    Binary(testDescription: "sigmoid_backward", op: TRI_BINARY_SIGMOID_BACKWARD) {
      $0 * ((1 - $1) * $1)
    },
    Binary(testDescription: "relu_backward", op: TRI_BINARY_RELU_BACKWARD) { $1 <= 0 ? 0 : $0 },
    Binary(
      testDescription: "leaky_relu_backward", op: TRI_BINARY_LEAKY_RELU_BACKWARD, param: [0.1, 0]
    ) {
      $1 > 0 ? $0 : $0 * 0.1
    },
    Binary(testDescription: "gelu_backward", op: TRI_BINARY_GELU_BACKWARD, tolerance: 1e-14) {
      $0 * (cdf($1) + (pdf($1) == 0 ? 0 : $1 * pdf($1)))
    },
    Binary(
      testDescription: "gelu_tanh_backward", op: TRI_BINARY_GELU_TANH_BACKWARD, tolerance: 1e-13
    ) {
      let t = tanh(inner($1))
      let slope = 1 - t * t
      let way = (2 / Double.pi).squareRoot() * (1 + 3 * 0.044715 * $1 * $1)
      return $0 * (0.5 * (1 + t) + (slope == 0 ? 0 : 0.5 * $1 * slope * way))
    },
    Binary(testDescription: "silu_backward", op: TRI_BINARY_SILU_BACKWARD, tolerance: 1e-14) {
      let s = sigmoid($1)
      return $0 * (s == 0 ? 0 : s * (1 + $1 * (1 - s)))
    },
    Binary(testDescription: "erf_backward", op: TRI_BINARY_ERF_BACKWARD, tolerance: 1e-14) {
      $0 * (2 / Double.pi.squareRoot() * exp(-$1 * $1))
    },
    Binary(
      testDescription: "softplus_backward", op: TRI_BINARY_SOFTPLUS_BACKWARD, param: [2, 5],
      tolerance: 1e-14
    ) { $1 * 2 > 5 ? $0 : $0 * sigmoid($1 * 2) },
    Binary(testDescription: "sqrt_backward", op: TRI_BINARY_SQRT_BACKWARD) { $0 / (2 * $1) },
    Binary(testDescription: "abs_backward", op: TRI_BINARY_ABS_BACKWARD) {
      $0 * ($1 > 0 ? 1 : $1 < 0 ? -1 : 0)
    },
    Binary(testDescription: "clamp_backward", op: TRI_BINARY_CLAMP_BACKWARD, param: [-1, 2]) {
      $1 >= -1 && $1 <= 2 ? $0 : 0
    },
    Binary(testDescription: "bce_with_logits", op: TRI_BINARY_BCE_WITH_LOGITS, tolerance: 1e-14) {
      ($0 <= 0 ? 0 : $0) - $0 * $1 + log1p(exp(-abs($0)))
    },
    Binary(testDescription: "mse", op: TRI_BINARY_MSE) { ($0 - $1) * ($0 - $1) },
  ]

  @Test(arguments: binaryCases)
  func binary(_ test: Binary) throws {
    let map = try #require(tri_binary(Elementwise.portable, test.op, TRI_F64))
    for x in Self.values {
      let left = OperandBuffer([x])
      let right = OperandBuffer(Self.values)
      let out = OperandBuffer(byteCount: right.byteCount)
      map(
        out.pointer, left.pointer, right.pointer, nil, Int64(Self.values.count), TRI_BROADCAST_A,
        test.param)
      withExtendedLifetime((left, right)) {}
      for (y, result) in zip(Self.values, out.values(Double.self)) {
        let expected = test.reference(x, y)
        #expect(
          Self.agrees(result, expected, test.tolerance), "(\(x), \(y)): \(result), not \(expected)")
      }
    }
  }

  /// Where 1 + erf would have cancelled. The reference's own error grows with the square of x.
  @Test("gelu and its gradient keep their digits in the negative tail")
  func geluTail() throws {
    let doubles = Array(stride(from: -37, through: -1, by: 0.0625))
    let singles = doubles.filter { $0 > -12 }.map(Float.init)
    for path in [Elementwise.portable] + Elementwise.vectorPaths {
      func run<T>(_ values: [T], _ one: T, _ dtype: tri_dtype) throws -> ([T], [T]) {
        let input = OperandBuffer(values)
        let gradient = OperandBuffer([one])
        let out = OperandBuffer(byteCount: input.byteCount)
        let slope = OperandBuffer(byteCount: input.byteCount)
        let forward = try #require(tri_unary(path, TRI_UNARY_GELU, dtype))
        let backward = try #require(tri_binary(path, TRI_BINARY_GELU_BACKWARD, dtype))
        forward(out.pointer, input.pointer, nil, nil, Int64(values.count), 0, nil)
        backward(
          slope.pointer, gradient.pointer, input.pointer, nil, Int64(values.count),
          TRI_BROADCAST_A, nil)
        withExtendedLifetime((input, gradient)) {}
        return (out.values(T.self), slope.values(T.self))
      }
      let (y, slope) = try run(doubles, 1, TRI_F64)
      for (i, x) in doubles.enumerated() {
        let tolerance = 4e-16 * (1 + x * x)
        #expect(abs(y[i] / (x * Self.cdf(x)) - 1) < tolerance, "at \(x)")
        #expect(abs(slope[i] / (Self.cdf(x) + x * Self.pdf(x)) - 1) < tolerance, "at \(x)")
      }
      let (single, singleSlope) = try run(singles, 1, TRI_F32)
      for (i, x) in singles.map(Double.init).enumerated() {
        #expect(
          single[i] == Float(x * Self.cdf(x))
            || abs(Double(single[i]) / (x * Self.cdf(x)) - 1) < 1.2e-7)
        #expect(
          abs(Double(singleSlope[i]) / (Self.cdf(x) + x * Self.pdf(x)) - 1) < 1.2e-7, "at \(x)")
      }
    }
  }

  @Test("integer division and powers, zero and the least integer included")
  func integers() throws {
    let values: [Int64] = [.min, .min + 1, -7, -3, -2, -1, 0, 1, 2, 3, 7, 62, .max]
    func run(_ op: tri_binary_op, _ x: Int64, _ y: Int64) throws -> Int64 {
      let map = try #require(tri_binary(Elementwise.portable, op, TRI_I64))
      let out = OperandBuffer(byteCount: 8)
      let (left, right) = (OperandBuffer([x]), OperandBuffer([y]))
      map(out.pointer, left.pointer, right.pointer, nil, 1, 0, [0, 0])
      withExtendedLifetime((left, right)) {}
      return out.values(Int64.self)[0]
    }
    for x in values {
      for y in values {
        let (q, r) =
          y == 0 ? (0, 0) : (x.dividedReportingOverflow(by: y).partialValue, y == -1 ? 0 : x % y)
        let below = r != 0 && (r < 0) != (y < 0)
        #expect(try run(TRI_BINARY_DIV_TRUNC, x, y) == q)
        #expect(try run(TRI_BINARY_FMOD, x, y) == r)
        #expect(try run(TRI_BINARY_DIV_FLOOR, x, y) == q - (below ? 1 : 0))
        #expect(try run(TRI_BINARY_REMAINDER, x, y) == r + (below ? y : 0))
        #expect(try run(TRI_BINARY_ADD, x, y) == x &+ y)
        #expect(try run(TRI_BINARY_MUL, x, y) == x &* y)
        if y >= 0, y < 100 {
          #expect(try run(TRI_BINARY_POW, x, y) == (0..<y).reduce(1) { power, _ in power &* x })
        }
      }
    }
    #expect(try run(TRI_BINARY_POW, -1, -3) == -1)
    #expect(try run(TRI_BINARY_POW, 1, -3) == 1)
    #expect(try run(TRI_BINARY_POW, 2, -1) == 0)
  }

  @Test("casts: out of range, NaN, truth")
  func casts() {
    func cast<From, To>(_ x: From, _ from: tri_dtype, _ to: tri_dtype, _ type: To.Type) -> To {
      let out = OperandBuffer(byteCount: MemoryLayout<To>.size)
      let input = OperandBuffer([x])
      tri_cast(Elementwise.portable, from, to)(out.pointer, input.pointer, nil, nil, 1, 0, nil)
      withExtendedLifetime(input) {}
      return out.values(To.self)[0]
    }
    for x in Elementwise.special {
      let whole = x.isNaN ? 0 : Int64(exactly: x.rounded(.towardZero)) ?? (x < 0 ? .min : .max)
      let narrow = x.isNaN ? 0 : Int32(clamping: whole)
      #expect(cast(x, TRI_F64, TRI_I64, Int64.self) == whole)
      #expect(cast(x, TRI_F64, TRI_I32, Int32.self) == narrow)
      #expect(cast(x, TRI_F64, TRI_U8, UInt8.self) == UInt8(truncatingIfNeeded: whole))
      #expect(cast(x, TRI_F64, TRI_BOOL, UInt8.self) == (x != 0 ? 1 : 0))
      let single = Float(x)
      let singleWhole =
        single.isNaN ? 0 : Int64(exactly: single.rounded(.towardZero)) ?? (single < 0 ? .min : .max)
      #expect(cast(single, TRI_F32, TRI_I64, Int64.self) == singleWhole)
      #expect(
        cast(single, TRI_F32, TRI_I32, Int32.self)
          == (single.isNaN ? 0 : Int32(clamping: singleWhole)))
    }
    for x: Int64 in [.min, -1, 0, 1, 256, 1 << 53 + 1, (1 << 62) + 1, .max] {
      #expect(cast(x, TRI_I64, TRI_F32, Float.self) == Float(x))
      #expect(cast(x, TRI_I64, TRI_F64, Double.self) == Double(x))
      #expect(cast(x, TRI_I64, TRI_I32, Int32.self) == Int32(truncatingIfNeeded: x))
      #expect(cast(x, TRI_I64, TRI_BOOL, UInt8.self) == (x != 0 ? 1 : 0))
    }
  }
}
