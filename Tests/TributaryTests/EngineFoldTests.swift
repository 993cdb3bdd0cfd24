import TestTools
import Testing
import Tributary
import TributarySplitMix
import TributaryStress

/// The written order of a fan-in's sum: left to right up to 16, else runs of 16, and runs of their sums.
@Suite struct EngineFoldTests {
  /// The order, in plain arithmetic.
  static func reference(_ values: [Float?]) -> Float? {
    func joined(_ a: Float?, _ b: Float?) -> Float? {
      guard let a, let b else { return a ?? b }
      return a + b
    }
    var sums = values
    repeat {
      sums = stride(from: 0, to: sums.count, by: 16).map { start in
        sums[start..<min(start + 16, sums.count)].reduce(nil, joined)
      }
    } while sums.count > 1
    return sums.first ?? nil
  }

  static func values(_ count: Int, _ random: inout SplitMix) -> [Float?] {
    (0..<count).map { _ in
      random.oneIn(8)
        ? nil : Float(random.real(in: -1...1)) * (random.oneIn(3) ? 1_000_000 : 1)
    }
  }

  @Test(arguments: [1, 2, 3, 15, 16, 17, 32, 33, 48, 64, 65, 100, 256, 257, 273, 1_024, 4_097])
  func anyArrivalGivesTheWrittenOrder(_ count: Int) throws {
    for seed in 0..<20 as Range<UInt64> {
      var random = SplitMix(seed: seed)
      let values = Self.values(count, &random)
      let tensors = try values.map { try $0.map { try Tensor(scalars: [$0], shape: [1]) } }
      let fold = GradientFold(slotCount: count)
      var folded = 0
      for index in (0..<count).shuffled(using: &random) {
        folded += fold.deposit(tensors[index], at: index)
      }
      #expect(folded == count)
      let sum = try fold.take()
      #expect(try sum?.item() == Self.reference(values).map(Double.init), "seed \(seed)")
      // What came in is not written to.
      for (tensor, value) in zip(tensors, values) {
        #expect(try tensor?.item() == value.map(Double.init))
      }
    }
  }

  @Test(arguments: [16, 17, 33, 273, 1_024, 4_097])
  func concurrentArrivalGivesTheWrittenOrder(_ count: Int) throws {
    for seed in 0..<10 as Range<UInt64> {
      var random = SplitMix(seed: seed)
      let values = Self.values(count, &random)
      let tensors = try values.map { try $0.map { try Tensor(scalars: [$0], shape: [1]) } }
      let fold = GradientFold(slotCount: count)
      let order = (0..<count).shuffled(using: &random)
      let threads = 4
      let counts = Counter()
      onThreads(threads) { thread in
        for place in stride(from: thread, to: count, by: threads) {
          counts.add(fold.deposit(tensors[order[place]], at: order[place]))
        }
      }
      #expect(counts.total == count)
      #expect(try fold.take()?.item() == Self.reference(values).map(Double.init), "seed \(seed)")
    }
  }

  @Test func negativeZeroAndUndefinedArePreserved() throws {
    let minus = try Tensor(scalars: [-0.0 as Float], shape: [1])
    for count in [1, 2, 16, 17, 33] {
      let one = GradientFold(slotCount: count)
      for index in 0..<count { _ = one.deposit(index == count / 2 ? minus : nil, at: index) }
      #expect(try one.take()?.item().sign == .minus)
      let none = GradientFold(slotCount: count)
      for index in 0..<count { _ = none.deposit(nil, at: index) }
      #expect(try none.take() == nil)
    }
  }

  @Test func notANumberStays() throws {
    let fold = GradientFold(slotCount: 20)
    for index in (0..<20).reversed() {
      _ = fold.deposit(try Tensor.full([2], index == 3 ? .nan : 1), at: index)
    }
    let sum = try #require(try fold.take())
    #expect(try sum.scalars(as: Float.self).allSatisfy(\.isNaN))
  }

  /// The same order through whole passes: a leaf used `count` times.
  @Test(arguments: [1, 2, 16, 17, 33, 1_024])
  func passesSumInTheWrittenOrder(_ count: Int) throws {
    var random = SplitMix(seed: UInt64(count))
    let weights = (0..<count).map { _ in Float(random.real(in: -1...1)) * 1_000 }
    let x = try Tensor.ones([1], requiresGrad: true)
    let roots = try weights.map { try x * Tensor(scalars: [$0], shape: [1]) }
    try Tensor.backward(roots)
    // Serial order is reverse postorder: of several roots, the last comes first.
    let expected = Self.reference(weights.reversed())
    #expect(try x.grad?.item(as: Float.self) == expected)
  }
}
