import Foundation
import Testing
import Tributary

struct BinaryCase: Sendable, CustomTestStringConvertible {
  let name: String
  let range: ClosedRange<Double>
  let apply: @Sendable (Tensor, Tensor) throws -> Tensor
  let reference: @Sendable (Double, Double) -> Double
  var testDescription: String { name }

  init(
    _ name: String, _ range: ClosedRange<Double>,
    _ apply: @escaping @Sendable (Tensor, Tensor) throws -> Tensor,
    _ reference: @escaping @Sendable (Double, Double) -> Double
  ) {
    (self.name, self.range, self.apply, self.reference) = (name, range, apply, reference)
  }

  static let all: [BinaryCase] = [
    BinaryCase("AddBackward0", -3...3, { try $0 + $1 }) { $0 + $1 },
    BinaryCase("AddBackward0", -3...3, { try $0.add($1, alpha: 2.5) }) { $0 + 2.5 * $1 },
    BinaryCase("SubBackward0", -3...3, { try $0 - $1 }) { $0 - $1 },
    BinaryCase("SubBackward0", -3...3, { try $0.sub($1, alpha: 2) }) { $0 - 2 * $1 },
    BinaryCase("MulBackward0", -3...3, { try $0 * $1 }) { $0 * $1 },
    BinaryCase("DivBackward0", 0.3...3, { try $0 / $1 }) { $0 / $1 },
    BinaryCase("DivBackward2", 0.3...3, { try $0.div($1, roundingMode: .trunc) }) {
      ($0 / $1).rounded(.towardZero)
    },
    BinaryCase("PowBackward1", 0.3...3, { try $0.pow($1) }) { pow($0, $1) },
    BinaryCase("MaximumBackward0", -3...3, { try $0.maximum($1) }) { max($0, $1) },
    BinaryCase("MinimumBackward0", -3...3, { try $0.minimum($1) }) { min($0, $1) },
    BinaryCase("RemainderBackward1", 0.3...3, { try $0 % $1 }) { fmod($0, $1) },
    BinaryCase("FmodBackward1", 0.3...3, { try $0.fmod($1) }) { fmod($0, $1) },
    BinaryCase("LerpBackward0", -3...3, { try $0.lerp($1, weight: 0.3) }) { $0 + 0.3 * ($1 - $0) },
    BinaryCase("LerpBackward1", -3...3, { try $0.lerp($1, weight: $0) }) { $0 + $0 * ($1 - $0) },
    BinaryCase("WhereBackward0", -3...3, { try Tensor.where($0 .> $1, $0, $1) }) { max($0, $1) },
    BinaryCase("AddcmulBackward0", -3...3, { try $0.addcmul($0, $1, value: 0.5) }) {
      $0 + 0.5 * $0 * $1
    },
    BinaryCase("AddcdivBackward0", 0.3...3, { try $0.addcdiv($0, $1, value: 0.5) }) {
      $0 + 0.5 * $0 / $1
    },
  ]
}

@Suite struct BinaryTests {
  static let shapes: [(Shape, Shape)] = [
    ([3, 4], [3, 4]), ([3, 4], [4]), ([3, 1], [1, 4]), ([], [2, 2]), ([0, 4], [1, 4]),
    ([2, 1, 3], [5, 1]),
  ]

  @Test(arguments: BinaryCase.all)
  func valuesAgreeWithDoubleArithmetic(_ sample: BinaryCase) throws {
    for (dtype, tolerance) in [(DType.float32, 1e-5), (.float64, 1e-13)] {
      for (shapeA, shapeB) in Self.shapes {
        var numbers = Numbers(11)
        let a = try numbers.tensor(shapeA, in: sample.range, dtype: dtype)
        let b = try numbers.tensor(shapeB, in: sample.range, dtype: dtype)
        let y = try sample.apply(a, b)
        #expect(y.dtype == dtype)
        let (wideA, wideB) = (try a.broadcastTo(y.shape), try b.broadcastTo(y.shape))
        let pairs = zip(try wideA.doubles(), try wideB.doubles())
        for ((p, q), value) in zip(pairs, try y.doubles()) {
          #expect(agree(value, sample.reference(p, q), tolerance), "\(shapeA) \(shapeB) \(dtype)")
        }
      }
    }
  }

  @Test(arguments: BinaryCase.all)
  func stridedOperandsGiveTheBitsOfDenseOnes(_ sample: BinaryCase) throws {
    var numbers = Numbers(13)
    let a = try numbers.tensor([5, 7], in: sample.range, dtype: .float32)
    let b = try numbers.tensor([7, 5], in: sample.range, dtype: .float32).t()
    let dense = try sample.apply(a, b.contiguous())
    #expect(try sample.apply(a, b).equal(dense))
    #expect(try sample.apply(a.t(), b.t()).equal(dense.t()))
  }

  @Test(arguments: BinaryCase.all)
  func nodesHaveThePyTorchName(_ sample: BinaryCase) throws {
    var numbers = Numbers(3)
    let a = try numbers.tensor([4], in: sample.range, requiresGrad: true)
    let b = try numbers.tensor([4], in: sample.range)
    #expect(try sample.apply(a, b).gradFn?.name == sample.name)
  }

  @Test(arguments: BinaryCase.all)
  func gradientsAgreeWithDifferences(_ sample: BinaryCase) throws {
    var numbers = Numbers(17)
    for (shapeA, shapeB) in [([2, 3], [2, 3]), ([2, 3], [3]), ([2, 1], [1, 3])] as [(Shape, Shape)]
    {
      let a = try numbers.tensor(shapeA, in: sample.range)
      let b = try numbers.tensor(shapeB, in: sample.range)
      try expectGradients(of: [a, b], sample.name) { try sample.apply($0[0], $0[1]) }
    }
  }

  @Test func tiesShareTheGradient() throws {
    let a = try Tensor([1.0, 2.0, 3.0], requiresGrad: true)
    let b = try Tensor([1.0, 5.0, 0.0], requiresGrad: true)
    try a.maximum(b).backward(gradient: Tensor([2.0, 2.0, 2.0]))
    #expect(try a.grad?.doubles() == [1, 0, 2])
    #expect(try b.grad?.doubles() == [1, 2, 0])
  }

  @Test func gradientsKeepTheDTypeOfTheirInput() throws {
    let a = try Tensor([1.0, 2.0], requiresGrad: true)
    let b = try Tensor([3.0, 4.0], dtype: .float64, requiresGrad: true)
    let y = try a * b
    #expect(y.dtype == .float64)
    try y.backward(gradient: Tensor.onesLike(y))
    #expect(a.grad?.dtype == .float32 && b.grad?.dtype == .float64)
  }

  @Test func powersOfZeroHaveThePyTorchGradients() throws {
    let base = try Tensor([0.0, 0.0, 2.0], dtype: .float64, requiresGrad: true)
    let exponent = try Tensor([0.0, 2.0, 3.0], dtype: .float64, requiresGrad: true)
    let y = try base.pow(exponent)
    try y.backward(gradient: Tensor.onesLike(y))
    #expect(try base.grad?.doubles() == [0, 0, 12])
    let slopes = try exponent.grad?.doubles() ?? []
    #expect(
      slopes.count == 3 && slopes[0] == 0 && slopes[1] == 0 && agree(slopes[2], 8 * log(2), 1e-12))
  }

  @Test func integersDivideAsPythonDoes() throws {
    let a = try Tensor([7, -7, 7, -7, Int.min])
    let b = try Tensor([2, 2, -2, -2, -1])
    #expect(try a.div(b, roundingMode: .floor).scalars(as: Int.self) == [3, -4, -4, 3, Int.min])
    #expect(try a.div(b, roundingMode: .trunc).scalars(as: Int.self) == [3, -3, -3, 3, Int.min])
    #expect(try (a % b).scalars(as: Int.self) == [1, 1, -1, -1, 0])
    #expect(try a.fmod(b).scalars(as: Int.self) == [1, -1, 1, -1, 0])
  }
}
