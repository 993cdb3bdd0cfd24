import Testing
import Tributary

/// Corners of single operators: infinities, mixed dtypes, dims that are not the last.
@Suite struct OperatorEdgeTests {
  @Test func infiniteGradientOfAnExtremum() throws {
    let x = try Tensor([[1.0, 3, 2], [6, 5, 4]], requiresGrad: true)
    try x.max(dim: 1).values.backward(gradient: Tensor([Double.infinity, 2]))
    #expect(try x.grad?.scalars(as: Double.self) == [0, .infinity, 0, 2, 0, 0])
  }

  /// As PyTorch has them: the extremum of all elements knows its NaN, `amax` does not.
  @Test func gradientOfAnExtremumThatIsNaN() throws {
    for extremum in [{ try $0.max() }, { try $0.min() }] as [(Tensor) throws -> Tensor] {
      let x = try Tensor([1, Double.nan, 3, .nan], requiresGrad: true)
      try extremum(x).backward()
      #expect(try x.grad?.scalars(as: Double.self) == [0, 0.5, 0, 0.5])
    }
    let y = try Tensor([1, Double.nan, 3], requiresGrad: true)
    try y.amax().backward()
    #expect(try y.grad?.scalars(as: Double.self).allSatisfy(\.isNaN) == true)
    let z = try Tensor([1.0, 3], requiresGrad: true)
    try z.max().backward(gradient: Tensor(Double.infinity))
    #expect(try z.grad?.scalars(as: Double.self) == [0, .infinity])
  }

  @Test func extremaOfNothing() throws {
    let none = try Tensor.zeros([0, 0])
    expectError("amax") { () throws(TensorError) in try none.amax(dim: [0]) }
    expectError("max") { () throws(TensorError) in try none.max(dim: 0) }
    expectError("argmin") { () throws(TensorError) in try none.argmin(dim: 1) }
    #expect(try Tensor.zeros([3, 0]).amax(dim: [0]).shape == [0])
    #expect(try Tensor.zeros([3, 0]).argmax(dim: 0).shape == [0])
  }

  @Test func indicesOverSeveralDims() throws {
    let x = try Tensor.randn([2, 3, 4])
    let flat = try x.permute([1, 0, 2]).reshape([3, 8])
    #expect(try x.argmax(dim: [0, 2]).equal(flat.argmax(dim: 1)))
    #expect(try x.argmin(dim: [-1, 0]).equal(flat.argmin(dim: 1)))
    #expect(try x.argmax(dim: [2, 0], keepDim: true).shape == [1, 3, 1])
    #expect(try x.argmax(dim: []).equal(x.argmax()))
    expectError("argmin") { () throws(TensorError) in try x.argmin(dim: [0, 0]) }
  }

  /// 64 rows where that leaves 32 tiles, else fewer; never less than a tile of other operators.
  @Test func tilesOfTurnedOperandsAreWholeRows() throws {
    let least = ElementwiseMap.tileElements
    for (row, count, tile) in [
      (4000, 20_000_000, 256_000), (4000, 4_000_000, 124_000),
      (10, 1_000_000, 16_390), (20_000, 2_000_000, 60_000), (50_000, 1_600_000, 50_000),
      (50_000, 1_550_000, least),
    ] {
      #expect(ElementwiseMap.turnedTile(row: row, count: count) == tile)
    }
    let (x, y) = (try Tensor.randn([611, 997]), try Tensor.randn([997, 611]))
    for threads in [1, 2, 3] {
      let turned = try withThreads(threads) { try x.t().contiguous() }
      let sum = try withThreads(threads) { try x.t() + y }
      #expect(turned.isContiguous)
      #expect(try turned.t().equal(x))
      #expect(try sum.equal(turned + y))
    }
  }

  @Test func clampByNaN() throws {
    for (low, high) in [(Double.nan, 2), (0, .nan), (.nan, .nan)] {
      let x = try Tensor([1.0, 2], requiresGrad: true)
      let clamped = try x.clamp(min: low, max: high)
      #expect(try clamped.scalars(as: Double.self).allSatisfy(\.isNaN))
      try clamped.sum().backward()
      #expect(try x.grad?.scalars(as: Double.self) == [0, 0])
    }
  }

  @Test func softmaxOverAnOuterDimIsDense() throws {
    let x = try Tensor.randn([3, 4, 2])
    for dim in 0..<3 {
      let (soft, logSoft) = (try x.softmax(dim: dim), try x.logSoftmax(dim: dim))
      #expect(soft.isContiguous)
      #expect(logSoft.isContiguous)
      let last = try x.transpose(dim, 2).softmax(dim: 2).transpose(dim, 2)
      #expect(try soft.equal(last))
    }
  }

  @Test func mseLossPromotesAsOtherOperators() throws {
    // A number without dims does not widen a tensor.
    let input = try Tensor([1.0, 2], requiresGrad: true)
    let target = try Tensor(3.0, dtype: .float64, requiresGrad: true)
    let loss = try mseLoss(input, target)
    #expect(loss.dtype == .float32)
    try loss.backward()
    #expect(input.grad?.dtype == .float32)
    #expect(try input.grad?.scalars(as: Double.self) == [-2, -1])
    #expect(target.grad?.dtype == .float64)
    #expect(try target.grad?.item() == 3)
  }

  @Test func randintOutsideOfTheDType() throws {
    expectError("randint") { () throws(TensorError) in
      try Tensor.randint(0, 257, [2], dtype: .uint8)
    }
    expectError("randint") { () throws(TensorError) in
      try Tensor.randint(-1, 5, [2], dtype: .uint8)
    }
    expectError("randint") { () throws(TensorError) in
      try Tensor.randint(0, 3, [2], dtype: .bool)
    }
    expectError("randint") { () throws(TensorError) in
      try Tensor.randint(0, .max, [2], dtype: .int32)
    }
    expectError("randint") { () throws(TensorError) in
      try Tensor.randint(0, .max, [2], dtype: .float32)
    }
    #expect(try Tensor.randint(255, 256, [2], dtype: .uint8).scalars(as: Int.self) == [255, 255])
    #expect(try Tensor.randint(.min, .max, [2]).count == 2)
  }

  @Test func catOfManyStridedParts() throws {
    let parts = try (0..<50).map { i in
      try Tensor.arange(6).add(6 * i).reshape([2, 3]).t()
    }
    let joined = try Tensor.cat(parts, dim: 1)
    for (i, part) in try joined.split(2, dim: 1).enumerated() { #expect(try part.equal(parts[i])) }
  }
}
