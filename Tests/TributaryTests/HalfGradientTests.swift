import Testing
import Tributary
import TributaryStress

/// What one node makes of a half's gradient is float32's of the same elements, rounded once, also where what it computes
/// on the way lies beyond float16's range.
@Suite struct HalfGradientTests {
  /// A function of one node, and operands: at each place some numbers for it.
  struct Case: Sendable, CustomStringConvertible {
    let description: String
    let operands: [[[Double]]]
    let function: @Sendable ([Tensor]) throws -> Tensor

    init(
      _ name: String, _ operands: [[[Double]]],
      _ function: @escaping @Sendable ([Tensor]) throws -> Tensor
    ) {
      (description, self.operands, self.function) = (name, operands, function)
    }

    /// Of one tensor of one row.
    static func unary(
      _ name: String, _ numbers: [Double], _ function: @escaping @Sendable (Tensor) throws -> Tensor
    ) -> Case {
      Case(name, [[numbers]]) { try function($0[0]) }
    }
  }

  /// Gradients read off the operands, which are those of float32.
  static let cases: [Case] = [
    .unary("asinh", [300, -1.3, 1e-3]) { try $0.asinh() },
    .unary("acosh", [300, 1.3, 7]) { try $0.acosh() },
    .unary("atanh", [0.3, -0.99]) { try $0.atanh() },
    .unary("atan", [300, -1.3]) { try $0.atan() },
    .unary("acos", [0.3, -0.9]) { try $0.acos() },
    .unary("log10", [30000, 0.7]) { try $0.log10() },
    .unary("log2", [60000, 0.7]) { try $0.log2() },
    .unary("mish", [1.3, -2.7]) { try $0.mish() },
    .unary("lgamma", [300, 1.7]) { try $0.lgamma() },
    .unary("cube", [250, -1.3]) { try $0.pow(3) },
    Case("atan2", [[[200, -1.3]], [[200, 0.7]]]) { try $0[0].atan2($0[1]) },
    Case("hypot", [[[200, -1.3]], [[300, 0.7]]]) { try $0[0].hypot($0[1]) },
    Case("div", [[[300, -1.3]], [[3e-3, 0.7]]]) { try $0[0].div($0[1]) },
    Case("pow", [[[250, 1.3]], [[3, 0.7]]]) { try $0[0].pow($0[1]) },
    Case("addcdiv", [[[1, 2]], [[300, -1.3]], [[300, 0.7]]]) {
      try $0[0].addcdiv($0[1], $0[2], value: 1.7)
    },
    Case("addcmul", [[[1, 2]], [[300, -1.3]], [[200, 0.7]]]) {
      try $0[0].addcmul($0[1], $0[2], value: 300)
    },
    Case("lerp", [[[1, 2]], [[300, -1.3]], [[0.1, 0.7]]]) { try $0[0].lerp($0[1], weight: $0[2]) },
    Case("remainder", [[[30000, -1.3]], [[0.1, 0.7]]]) { try $0[0].remainder($0[1]) },
    // Summed over rows.
    Case("mul of rows", [[[2], [-2]], [[60000.3], [0.3]]]) { try $0[0][0].mul($0[1]) },
    Case("div of rows", [[[2], [-2]], [[1e-4], [2e-3]]]) { try $0[0][0].div($0[1]) },
    Case("maximum of rows", [[[2], [2]], [[2], [1]]]) { try $0[0][0].maximum($0[1]) },
    Case("lerp of rows", [[[2], [-2]], [[1.7], [1.9]]]) { try $0[0][0].lerp($0[1], weight: 0.3) },
    Case("add of rows", [[[2], [-2]], [[1.7], [1.9]]]) { try $0[1].add($0[0][0], alpha: 0.3) },
    Case(
      "products of a batch",
      [[[2, 0.3], [-2, 0.1]], [[30, 0.7, 1.3, 0.01, 7.7, -0.3, 90, 11, 0.17, 3, 1, -17]]]
    ) { try $0[0].matmul($0[1].reshape([3, 2, 2])) },
  ]

  /// Gradients read off the result, which is rounded.
  static let casesByResult: [Case] = [
    .unary("tan", [1.57, -0.3]) { try $0.tan() },
    .unary("exp2", [14.3, -0.7]) { try $0.exp2() },
    .unary("expm1", [10.3, -0.7]) { try $0.expm1() },
    .unary("rsqrt", [3e-3, 0.7]) { try $0.rsqrt() },
    .unary("reciprocal", [3e-3, -1.3]) { try $0.reciprocal() },
    .unary("cbrt", [2e4, -3e-3]) { try $0.cbrt() },
    .unary("erfinv", [0.99, -0.3]) { try $0.erfinv() },
    .unary("base", [14.3, -0.7]) { try Tensor.pow(2.1, $0) },
    .unary("cumprod", [1e-3, 0.1, 20000, 600]) { try $0.cumprod(0) },
    .unary("logcumsumexp", [3, -2.7, 1.1, 0.2]) { try $0.logcumsumexp(0) },
  ]

  /// The gradients, and float32's.
  private func gradients(
    _ one: Case, _ dtype: DType
  ) throws -> [(found: Tensor, sought: Tensor)] {
    let halves = try one.operands.map { numbers in
      let whole = try Tensor(numbers, dtype: dtype)
      return try (whole.shape[0] == 1 ? whole[0] : whole).clone().requiresGrad_()
    }
    let wide = try halves.map { try $0.detach().to(.float32).requiresGrad_() }
    let (out, expected) = (try one.function(halves), try one.function(wide))
    let seed = try Tensor.full(out.shape, 0.0125, dtype: out.dtype)
    try Tensor.backward([out], gradients: [seed])
    try Tensor.backward([expected], gradients: [seed.to(expected.dtype)])
    return try zip(halves, wide).map { (try #require($0.grad), try #require($1.grad)) }
  }

  @Test(arguments: cases, [DType.float16, .bfloat16])
  func gradientsAreFloat32sRounded(_ one: Case, _ dtype: DType) throws {
    for (found, sought) in try gradients(one, dtype) {
      #expect(
        try found.hasBits(of: sought.to(dtype)), "\(one), \(dtype): \(found), not \(sought)")
    }
  }

  @Test(arguments: casesByResult, [DType.float16, .bfloat16])
  func gradientsByResultsAreNear(_ one: Case, _ dtype: DType) throws {
    let rounding = dtype == .float16 ? 0x1p-11 : 0x1p-8
    for (found, sought) in try gradients(one, dtype) {
      #expect(
        try found.to(.float32).allclose(sought, rtol: 16 * rounding, atol: 0x1p-20),
        "\(one), \(dtype): \(found), not \(sought)")
    }
  }

  /// 1 / 70,000 is a number of float16, 70,000 is none; nor is 257 one of bfloat16.
  @Test func manyShareAnExtremum() throws {
    for (dtype, count) in [(DType.float16, 70_000), (.bfloat16, 257)] {
      for extremum in [{ try $0.amax() }, { try $0.max() }, { try $0.amin() }]
        as [(Tensor) throws -> Tensor]
      {
        let x = try Tensor.ones([count], dtype: dtype, requiresGrad: true)
        try extremum(x).backward()
        let sought = try Tensor.full([count], 1 / Double(count), dtype: dtype)
        #expect(try x.grad?.hasBits(of: sought) == true, "\(dtype)")
      }
    }
  }

  /// A second derivative that takes several steps: −60000² would not be a number.
  @Test func gradientsOfGradientKernelsAreComputedInFloat32() throws {
    let x = try Tensor([2.0, 0.5], dtype: .float16, requiresGrad: true)
    let wide = try x.detach().to(.float32).requiresGrad_()
    func second(_ x: Tensor) throws -> Tensor {
      let g = try Tensor([250.0, 300], dtype: x.dtype)
      let first = try #require(
        try Tensor.grad(
          of: [x.sigmoid()], withRespectTo: [x], gradients: [g], createGraph: true)[0])
      return try #require(
        try Tensor.grad(
          of: [first], withRespectTo: [x], gradients: [Tensor([300.0, 250], dtype: x.dtype)])[0])
    }
    let (found, sought) = (try second(x), try second(wide))
    #expect(try found.isfinite().scalars(as: Bool.self) == [true, true])
    #expect(try found.to(.float32).allclose(sought, rtol: 4e-3))
  }
}
