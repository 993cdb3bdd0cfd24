import Foundation
import Testing
import Tributary

struct UnaryCase: Sendable, CustomTestStringConvertible {
  let name: String
  let range: ClosedRange<Double>
  let apply: @Sendable (Tensor) throws -> Tensor
  let reference: @Sendable (Double) -> Double
  var testDescription: String { name }

  init(
    _ name: String, _ range: ClosedRange<Double>,
    _ apply: @escaping @Sendable (Tensor) throws -> Tensor,
    _ reference: @escaping @Sendable (Double) -> Double
  ) {
    (self.name, self.range, self.apply, self.reference) = (name, range, apply, reference)
  }

  static let all: [UnaryCase] = [
    UnaryCase("NegBackward0", -3...3, { try -$0 }) { -$0 },
    UnaryCase("ExpBackward0", -3...3, { try $0.exp() }) { exp($0) },
    UnaryCase("Expm1Backward0", -3...3, { try $0.expm1() }) { expm1($0) },
    UnaryCase("LogBackward0", 0.1...5, { try $0.log() }) { log($0) },
    UnaryCase("Log1PBackward0", -0.9...5, { try $0.log1p() }) { log1p($0) },
    UnaryCase("TanhBackward0", -3...3, { try $0.tanh() }) { tanh($0) },
    UnaryCase("SigmoidBackward0", -6...6, { try $0.sigmoid() }) { 1 / (1 + exp(-$0)) },
    UnaryCase("ErfBackward0", -3...3, { try $0.erf() }) { erf($0) },
    UnaryCase("SqrtBackward0", 0.1...5, { try $0.sqrt() }) { $0.squareRoot() },
    UnaryCase("RsqrtBackward0", 0.1...5, { try $0.rsqrt() }) { 1 / $0.squareRoot() },
    UnaryCase("ReciprocalBackward0", 0.2...5, { try $0.reciprocal() }) { 1 / $0 },
    UnaryCase("AbsBackward0", -3...3, { try $0.abs() }) { abs($0) },
    UnaryCase("SignBackward0", -3...3, { try $0.sign() }) { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 },
    UnaryCase("FloorBackward0", -3...3, { try $0.floor() }) { $0.rounded(.down) },
    UnaryCase("CeilBackward0", -3...3, { try $0.ceil() }) { $0.rounded(.up) },
    UnaryCase("RoundBackward0", -3...3, { try $0.round() }) { $0.rounded(.toNearestOrEven) },
    UnaryCase("TruncBackward0", -3...3, { try $0.trunc() }) { $0.rounded(.towardZero) },
    UnaryCase("ReluBackward0", -3...3, { try $0.relu() }) { max($0, 0) },
    UnaryCase("LeakyReluBackward0", -3...3, { try $0.leakyRelu(negativeSlope: 0.2) }) {
      $0 > 0 ? $0 : 0.2 * $0
    },
    UnaryCase("GeluBackward0", -3...3, { try $0.gelu() }) {
      $0 / 2 * (1 + erf($0 / 2.squareRoot()))
    },
    UnaryCase("GeluBackward0", -3...3, { try $0.gelu(approximate: .tanh) }) {
      $0 / 2 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0)))
    },
    UnaryCase("SiluBackward0", -5...5, { try $0.silu() }) { $0 / (1 + exp(-$0)) },
    UnaryCase("SoftplusBackward0", -3...3, { try $0.softplus(beta: 2, threshold: 3) }) {
      $0 * 2 > 3 ? $0 : log1p(exp($0 * 2)) / 2
    },
    UnaryCase("ClampBackward1", -3...3, { try $0.clamp(min: -1, max: 1.5) }) {
      min(max($0, -1), 1.5)
    },
    UnaryCase("ClampBackward1", -3...3, { try $0.clamp(max: 1) }) { min($0, 1) },
    UnaryCase("PowBackward0", -3...3, { try $0.square() }) { $0 * $0 },
    UnaryCase("PowBackward0", 0.2...3, { try $0.pow(2.5) }) { pow($0, 2.5) },
    UnaryCase("PowBackward0", -3...3, { try $0.pow(3) }) { pow($0, 3) },
    UnaryCase("PowBackward0", 0.2...3, { try $0.pow(-2) }) { pow($0, -2) },
    UnaryCase("PowBackward0", -3...3, { try $0.pow(0) }) { _ in 1 },
    UnaryCase("PowBackward2", -3...3, { try Tensor.pow(1.7, $0) }) { pow(1.7, $0) },
    UnaryCase("AddBackward0", -3...3, { try 1.5 + $0 }) { 1.5 + $0 },
    UnaryCase("SubBackward0", -3...3, { try $0 - 2 }) { $0 - 2 },
    UnaryCase("RsubBackward1", -3...3, { try 2 - $0 }) { 2 - $0 },
    UnaryCase("MulBackward0", -3...3, { try 3 * $0 }) { 3 * $0 },
    UnaryCase("DivBackward0", -3...3, { try $0 / 3 }) { $0 / 3 },
    UnaryCase("MulBackward0", 0.3...3, { try 3 / $0 }) { 3 / $0 },
    // By a number that float32 holds: a step must lie at the same place in both dtypes.
    UnaryCase("DivBackward2", -3...3, { try $0.div(0.75, roundingMode: .floor) }) {
      ($0 / 0.75).rounded(.down)
    },
    UnaryCase("DivBackward2", -3...3, { try $0.div(-0.75, roundingMode: .trunc) }) {
      ($0 / -0.75).rounded(.towardZero)
    },
    UnaryCase("RemainderBackward0", -3...3, { try $0 % 0.75 }) {
      $0 - 0.75 * ($0 / 0.75).rounded(.down)
    },
    UnaryCase("RemainderBackward0", -3...3, { try $0 % -0.75 }) {
      $0 + 0.75 * ($0 / -0.75).rounded(.down)
    },
    UnaryCase("FmodBackward0", -3...3, { try $0.fmod(0.75) }) { fmod($0, 0.75) },
  ]
}

@Suite struct UnaryTests {
  @Test(arguments: UnaryCase.all)
  func valuesAgreeWithDoubleArithmetic(_ sample: UnaryCase) throws {
    for (dtype, tolerance) in [(DType.float32, 3e-6), (.float64, 1e-14)] {
      for (layout, x) in try layouts(dtype, in: sample.range) {
        let y = try sample.apply(x)
        #expect(y.shape == x.shape && y.dtype == dtype)
        let wrong = zip(try x.doubles(), try y.doubles()).filter {
          !agree($1, sample.reference($0), tolerance)
        }
        #expect(wrong.isEmpty, "\(layout) \(dtype): \(wrong.prefix(3))")
      }
    }
  }

  @Test(arguments: UnaryCase.all)
  func nodesHaveThePyTorchName(_ sample: UnaryCase) throws {
    let x = try Numbers(3).with { try $0.tensor([4], in: sample.range, requiresGrad: true) }
    #expect(try sample.apply(x).gradFn?.name == sample.name)
    #expect(try noGrad { try sample.apply(x) }.requiresGrad == false)
  }

  @Test(arguments: UnaryCase.all)
  func gradientsAgreeWithDifferences(_ sample: UnaryCase) throws {
    let x = try Numbers(5).with { try $0.tensor([2, 3], in: sample.range) }
    try expectGradients(of: [x], sample.name) { try sample.apply($0[0]) }
  }

  @Test func specialValuesPassAsInPyTorch() throws {
    let x = try Tensor([Double.nan, .infinity, -.infinity, -0.0, 0.5, 1.5, 2.5])
    #expect(try x.relu().doubles()[0].isNaN)
    #expect(try x.clamp(min: 0, max: 1).doubles()[0].isNaN)
    #expect(try x.sign().doubles() == [0, 1, -1, 0, 1, 1, 1])
    #expect(try Array(x.round().doubles()[4...]) == [0, 2, 2])
    #expect(try x.exp().doubles()[2] == 0)
    #expect(try Tensor([0.0, -1.0]).log().doubles()[0] == -.infinity)
    #expect(try Tensor([0.0, -1.0]).log().doubles()[1].isNaN)
  }
}

extension Numbers {
  func with<R>(_ body: (inout Numbers) throws -> R) rethrows -> R {
    var copy = self
    return try body(&copy)
  }
}
