import Testing
import Tributary
import TributaryParallel

@Suite struct ScatterTests {
  private func bits(_ x: Tensor) throws -> [UInt32] {
    try x.scalars(as: Float.self).map(\.bitPattern)
  }

  @Test func whatNothingGoesToKeepsItsBits() throws {
    let negative = (-0.0 as Float).bitPattern
    let x = try Tensor(scalars: [-0.0, -0.0, -0.0] as [Float], shape: [3, 1])
    let one = try Tensor(scalars: [-0.0] as [Float], shape: [1, 1])
    let index = try Tensor([[1]])
    // -0 + -0 is -0 too.
    #expect(try bits(x.scatterAdd(0, index, one)) == [negative, negative, negative])
    #expect(try bits(x.indexAdd(0, Tensor([1]), one)) == [negative, negative, negative])
    #expect(try bits(x.scatter(0, index, 2)) == [negative, (2 as Float).bitPattern, negative])
    for reduction in ScatterReduction.allCases {
      let found = try bits(x.scatterReduce(0, index, one, reduction, includeSelf: false))
      #expect([found[0], found[2]] == [negative, negative], "\(reduction)")
    }
    let flat = try x.reshape([3])
    #expect(
      try bits(flat.indexPut([Tensor([1])], one.reshape([1]), accumulate: true))
        == [negative, negative, negative])
  }

  @Test func sumsBeginWithWhatIsThere() throws {
    let x = try Tensor([1e8], dtype: .float32)
    let src = try Tensor([-1e8, 1], dtype: .float32)
    // In float32 -1e8 + 1 is -1e8: summed apart, and then added to 1e8, the result would be 0.
    #expect(try x.scatterAdd(0, Tensor([0, 0]), src).item() == 1)
  }

  @Test func theLastStaysAndHasTheGradient() throws {
    let x = try Tensor.zeros([3], requiresGrad: true)
    let src = try Tensor([1, 2, 3], dtype: .float32).requiresGrad_()
    let out = try x.scatter(0, Tensor([1, 2, 1]), src)
    #expect(try out.scalars(as: Float.self) == [0, 3, 2])
    try out.backward(gradient: Tensor([10, 20, 30], dtype: .float32))
    #expect(try #require(src.grad).scalars(as: Float.self) == [0, 30, 20])
    #expect(try #require(x.grad).scalars(as: Float.self) == [10, 0, 0])
  }

  @Test func reductionsAreAsDefined() throws {
    let x = try Tensor([1, 2, 3, 4], dtype: .float32)
    let src = try Tensor([5, 7, -6, 2], dtype: .float32)
    let index = try Tensor([0, 0, 2, 2])
    func reduced(_ by: ScatterReduction, _ includeSelf: Bool) throws -> [Float] {
      try x.scatterReduce(0, index, src, by, includeSelf: includeSelf).scalars(
        as: Float.self)
    }
    #expect(try reduced(.sum, true) == [13, 2, -1, 4])
    #expect(try reduced(.sum, false) == [12, 2, -4, 4])
    #expect(try reduced(.prod, true) == [35, 2, -36, 4])
    #expect(try reduced(.prod, false) == [35, 2, -12, 4])
    #expect(try reduced(.mean, false) == [6, 2, -2, 4])
    #expect(try reduced(.amax, true) == [7, 2, 3, 4])
    #expect(try reduced(.amax, false) == [7, 2, 2, 4])
    #expect(try reduced(.amin, true) == [1, 2, -6, 4])
    // More of them, and a larger sum, than the dtype holds.
    let many = try Tensor.full([100], 3).to(.uint8)
    let mean = try Tensor([0]).to(.uint8).scatterReduce(
      0, Tensor.zeros([100]).to(.int64), many, .mean, includeSelf: false)
    #expect(try mean.dtype == .uint8 && mean.item() == 3)
    let bools = try Tensor([true])
    #expect(throws: TensorError.self) {
      try bools.scatterReduce(0, Tensor([0]), bools, .mean)
    }
    #expect(throws: TensorError.self) {
      try Tensor([1, 2]).indexFill(0, Tensor([0]), 9_223_372_036_854_775_808.0)
    }
    let whole = try Tensor([1, 2]).scatterReduce(0, Tensor([0, 0]), Tensor([-3, -2]), .mean)
    #expect(try whole.scalars(as: Int.self) == [-2, 2])
    let least = try Tensor([5]).scatterReduce(
      0, Tensor([0]), Tensor([Int.min]), .amax, includeSelf: false)
    #expect(try least.item() == Double(Int.min))
  }

  @Test func productsHaveTheirGradientWhereFactorsAreZero() throws {
    let x = try Tensor([2.0, 0, 3], dtype: .float64)
    let src = try Tensor([0.0, 5, 0, 4, 7], dtype: .float64)
    let index = try Tensor([0, 0, 1, 2, 2])
    for includeSelf in [true, false] {
      try expectGradients(of: [x, src], "scatterReduce") {
        try $0[0].scatterReduce(0, index, $0[1], .prod, includeSelf: includeSelf)
      }
    }
  }

  /// One long line goes by buckets of the result: the same bits as element after element.
  @Test(arguments: [1, 2, 3, 8]) func longLinesAreTakenInOrder(width: Int) throws {
    let (n, m) = (70_000, 300_000)
    let generator = Generator(seed: 8)
    let index = try Tensor.randint(-n, n, [m], generator: generator)
    let (x, src) = (
      try Tensor.randn([n], generator: generator), try Tensor.randn([m], generator: generator)
    )
    var (sums, last) = (try x.scalars(as: Float.self), try x.scalars(as: Float.self))
    for (p, v) in zip(try index.scalars(as: Int.self), try src.scalars(as: Float.self)) {
      sums[p < 0 ? p + n : p] += v
      last[p < 0 ? p + n : p] = v
    }
    try WorkerTeam.withTeam(WorkerTeam(width: width)) {
      #expect(try x.scatterAdd(0, index, src).scalars(as: Float.self) == sums)
      #expect(try x.scatter(0, index, src).scalars(as: Float.self) == last)
      #expect(try x.indexAdd(0, index, src).scalars(as: Float.self) == sums)
      let planes = try x.reshape([1, n]).expand([3, n])
      let many = try planes.scatterAdd(1, index.expand([3, m]), src.expand([3, m]))
      for plane in 0..<3 { #expect(try many.select(0, plane).scalars(as: Float.self) == sums) }
    }
  }

  @Test func theFirstBadPositionIsNamed() throws {
    let x = try Tensor.zeros([4, 3])
    let bad = try Tensor([[0, 1, 2], [3, 9, 0], [-7, 0, 0]])
    let long = try Tensor.arange(400_000).to(.int64)
    func expectNamed(_ index: Int, _ body: () throws -> Tensor) {
      do {
        _ = try body()
        Issue.record("threw nothing")
      } catch {
        #expect("\(error)".contains("index \(index) is out of range"), "\(error)")
        #expect((error as? TensorError)?.shapes.isEmpty == false)
      }
    }
    let src = try Tensor.ones([3, 3])
    expectNamed(9) { try x.gather(0, bad) }
    expectNamed(9) { try x.scatterAdd(0, bad, src) }
    expectNamed(9) { try x.scatter(0, bad, src) }
    expectNamed(9) { try x.scatterReduce(0, bad, src, .amax) }
    expectNamed(4) { try x.indexSelect(0, Tensor([0, 4, 5])) }
    expectNamed(-5) { try x.indexFill(0, Tensor([0, -5, 5]), 1) }
    expectNamed(12) { try x.take(Tensor([[3, 12], [20, 0]])) }
    expectNamed(3) { try Tensor.zeros([3, 0]).indexSelect(0, Tensor([1, 3])) }
    expectNamed(0) { try Tensor.zeros([0, 2]).indexSelect(0, Tensor([0])) }
    let line = try Tensor.zeros([300_000])
    expectNamed(300_000) { try line.gather(0, long) }
    expectNamed(300_000) { try line.scatterAdd(0, long, .ones([400_000])) }
  }

  @Test func stridedOperandsAreReadWhereTheyLie() throws {
    let x = try Tensor.randn([6, 5, 4], generator: Generator(seed: 2))
    let index = try Tensor.randint(0, 4, [3, 5, 2], generator: Generator(seed: 3))
    let turned = try x.permute([2, 1, 0])
    #expect(try turned.gather(2, index).equal(turned.contiguous().gather(2, index)))
    #expect(
      try turned.gather(0, index.narrow(2, 0, 1)).equal(
        turned.contiguous().gather(0, index.narrow(2, 0, 1))))
    let src = try Tensor.randn([2, 5, 3], generator: Generator(seed: 4)).permute([2, 1, 0])
    #expect(
      try turned.scatterAdd(0, index, src).equal(
        turned.contiguous().scatterAdd(0, index, src.contiguous())))
    // A column of many rows.
    let table = try Tensor.randn([50_000, 3], generator: Generator(seed: 5))
    let picked = try Tensor.randint(0, 3, [50_000, 1], generator: Generator(seed: 6))
    let found = try table.gather(1, picked).scalars(as: Float.self)
    let all = try table.scalars(as: Float.self)
    let expected = try picked.scalars(as: Int.self).enumerated().map { all[$0 * 3 + $1] }
    #expect(found == expected)
  }

  @Test func namesArePyTorchs() throws {
    let x = try Tensor([[1, 2], [4, 3]], dtype: .float32).requiresGrad_()
    let index = try Tensor([[0, 0]])
    #expect(try x.scatter(0, index, x).gradFn?.name == "ScatterBackward0")
    #expect(try x.scatter(0, index, 1).gradFn?.name == "ScatterBackward1")
    #expect(try x.scatterReduce(0, index, x, .sum).gradFn?.name == "ScatterReduceBackward0")
    #expect(try x.indexCopy(0, Tensor([1, 0]), x).gradFn?.name == "IndexCopyBackward0")
    #expect(try x.indexFill(0, Tensor([1]), 1).gradFn?.name == "IndexFillBackward0")
  }
}
