import Testing
import Tributary

@Suite struct RandomTests {
  @Test func seedsDecideAllDraws() throws {
    let (a, b) = (Generator(seed: 7), Generator(seed: 7))
    for _ in 0..<3 {
      let x = try Tensor.randn([100], generator: a)
      #expect(
        try x.scalars(as: Float.self) == Tensor.randn([100], generator: b).scalars(as: Float.self))
    }
    #expect(a.draws == 3)
    let next = try Tensor.rand([4], generator: a).scalars(as: Float.self)
    a.manualSeed(7)
    #expect(try Tensor.rand([4], generator: a).scalars(as: Float.self) != next)
    a.setDraws(3)
    #expect(try Tensor.rand([4], generator: a).scalars(as: Float.self) == next)
    #expect(try Tensor.rand([4], generator: Generator(seed: 8)).scalars(as: Float.self) != next)
  }

  @Test func currentGeneratorIsTheBoundOne() throws {
    let first = try Generator.with(Generator(seed: 3)) { () throws(TensorError) in
      try Tensor.rand([5]).scalars(as: Float.self)
    }
    let second = try Generator.with(Generator(seed: 9)) { () throws(TensorError) in
      manualSeed(3)
      return try Tensor.rand([5]).scalars(as: Float.self)
    }
    #expect(first == second)
  }

  @Test func theBoundGeneratorHoldsAcrossAwait() async throws {
    func draw() async throws -> [Float] {
      await Task.yield()
      return try Tensor.rand([5]).scalars(as: Float.self)
    }
    let first = try await Generator.with(Generator(seed: 3)) { try await draw() }
    let second = try await Generator.with(Generator(seed: 3)) { try await draw() }
    #expect(first == second)
  }

  @Test(arguments: [DType.float32, .float64]) func distributions(dtype: DType) throws {
    let generator = Generator(seed: 1)
    let n = 200_000
    let uniform = try Tensor.rand([n], dtype: dtype, generator: generator).scalars(as: Double.self)
    #expect(uniform.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(abs(uniform.reduce(0, +) / Double(n) - 0.5) < 0.005)
    let normal = try Tensor.randn([n], dtype: dtype, generator: generator).scalars(as: Double.self)
    #expect(abs(normal.reduce(0, +) / Double(n)) < 0.01)
    #expect(abs(normal.reduce(0) { $0 + $1 * $1 } / Double(n) - 1) < 0.02)
  }

  @Test func wholeNumbers() throws {
    let generator = Generator(seed: 2)
    let dice = try Tensor.randint(1, 7, [60_000], generator: generator).scalars(as: Int.self)
    for side in 1...6 { #expect(abs(dice.count { $0 == side } - 10_000) < 500) }
    #expect(
      try Tensor.randint(-3, -2, [5], dtype: .int32).scalars(as: Int.self) == [-3, -3, -3, -3, -3])
    #expect(try Tensor.randint(1, [3]).scalars(as: Int.self) == [0, 0, 0])
    let coins = try Tensor.bernoulli([10_000], 0.25, dtype: .bool, generator: generator)
    #expect(abs(try coins.scalars(as: Bool.self).count { $0 } - 2500) < 200)
    #expect(try Tensor.bernoulli([9], 1).scalars(as: Int.self).allSatisfy { $0 == 1 })
  }

  @Test func permutations() throws {
    let order = try Tensor.randperm(1000, generator: Generator(seed: 5)).scalars(as: Int.self)
    #expect(order != Array(0..<1000))
    #expect(order.sorted() == Array(0..<1000))
    #expect(try Tensor.randperm(0).count == 0)
    // Each of six orders of three about as often.
    let generator = Generator(seed: 6)
    var counts: [[Int]: Int] = [:]
    for _ in 0..<6000 {
      counts[try Tensor.randperm(3, generator: generator).scalars(as: Int.self), default: 0] += 1
    }
    #expect(counts.count == 6)
    #expect(counts.values.allSatisfy { abs($0 - 1000) < 150 })
  }

  @Test func branchesDrawFromSubstreams() throws {
    func run() throws -> ([[Float]], [Float]) {
      try Generator.with(Generator(seed: 11)) { () throws(TensorError) in
        let branches = try concurrentMap(0..<8) { _ throws(TensorError) in
          try Tensor.randn([5]).scalars(as: Float.self)
        }
        return (branches, try Tensor.randn([5]).scalars(as: Float.self))
      }
    }
    let (branches, after) = try run()
    #expect(Set(branches).count == 8)
    let again = try run()
    #expect(again.0 == branches && again.1 == after)
    // The map itself is one draw.
    let plain = Generator(seed: 11)
    plain.setDraws(1)
    #expect(try Tensor.randn([5], generator: plain).scalars(as: Float.self) == after)
  }

  @Test func likeAndBadInput() throws {
    let x = try Tensor.zeros([2, 2], dtype: .float64)
    #expect(try Tensor.randLike(x).dtype == .float64)
    #expect(try Tensor.randnLike(x, dtype: .float32).shape == [2, 2])
    expectError("rand") { () throws(TensorError) in try Tensor.rand([2], dtype: .int64) }
    expectError("randn") { () throws(TensorError) in try Tensor.randn([-2]) }
    expectError("randint") { () throws(TensorError) in try Tensor.randint(3, 3, [2]) }
    expectError("bernoulli") { () throws(TensorError) in try Tensor.bernoulli([2], 1.5) }
    expectError("bernoulli") { () throws(TensorError) in try Tensor.bernoulli([2], .nan) }
    expectError("randperm") { () throws(TensorError) in try Tensor.randperm(-1) }
    // Numbers that the dtype rounds or wraps would come twice.
    for (n, dtype) in [(257, DType.uint8), (3, .bool), (1 << 24 + 2, .float32)] {
      expectError("randperm") { () throws(TensorError) in try Tensor.randperm(n, dtype: dtype) }
    }
    #expect(Set(try Tensor.randperm(256, dtype: .uint8).scalars(as: Int.self)).count == 256)
  }
}
