import Tributary

/// Numbers that look random and are the same in every run.
struct Numbers {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 2 &+ 1 }

  mutating func next(in range: ClosedRange<Double>) -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    let unit = Double(state >> 11) / Double(UInt64(1) << 53)
    return range.lowerBound + unit * (range.upperBound - range.lowerBound)
  }

  mutating func array(_ count: Int, in range: ClosedRange<Double>) -> [Double] {
    (0..<count).map { _ in next(in: range) }
  }

  mutating func tensor(
    _ shape: Shape, in range: ClosedRange<Double>, dtype: DType = .float64,
    requiresGrad: Bool = false
  ) throws -> Tensor {
    try Tensor(
      scalars: array(shape.reduce(1, *), in: range), shape: shape, dtype: dtype,
      requiresGrad: requiresGrad)
  }
}

extension Tensor {
  func doubles() throws -> [Double] { try scalars(as: Double.self) }
}

/// The operand in the layouts that a driver must tell apart; each has the elements that it says.
func layouts(_ dtype: DType, in range: ClosedRange<Double>) throws -> [(String, Tensor)] {
  var numbers = Numbers(7)
  return [
    ("dense", try numbers.tensor([3, 5], in: range, dtype: dtype)),
    ("transposed", try numbers.tensor([4, 6], in: range, dtype: dtype).t()),
    ("expanded", try numbers.tensor([3, 1], in: range, dtype: dtype).expand([3, 7])),
    ("one element", try numbers.tensor([1, 1], in: range, dtype: dtype)),
    ("no dims", try numbers.tensor([], in: range, dtype: dtype)),
    ("empty", try numbers.tensor([0, 4], in: range, dtype: dtype)),
    ("large", try numbers.tensor([70_001], in: range, dtype: dtype)),
  ]
}

/// Whether two numbers agree to `tolerance`, relative past 1; NaN agrees with NaN.
func agree(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool {
  if a.isNaN || b.isNaN { return a.isNaN && b.isNaN }
  if a == b { return true }
  return abs(a - b) <= tolerance * max(1, abs(b))
}
