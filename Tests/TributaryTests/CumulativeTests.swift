import TestSupport
import Testing
import Tributary
import TributaryParallel

@Suite struct CumulativeTests {
  @Test func productsHaveTheirGradientWhereFactorsAreZero() throws {
    let rows: [[Double]] = [
      [2, -1, 3, 0.5], [0, 2, 3, 4], [2, 0, 3, 4], [2, 3, 4, 0], [2, 0, 3, 0], [0, 0, 0, 0],
    ]
    let x = try Tensor(rows, dtype: .float64)
    try expectGradients(of: [x], "cumprod") { try $0[0].cumprod(1) }
    try expectGradients(of: [x.t().contiguous()], "cumprod, outer") { try $0[0].cumprod(0) }
    let y = try Tensor([2.0, 0, 3, 4], dtype: .float64).requiresGrad_()
    try y.cumprod(0).sum().backward()
    // 1 + 0 + …; 2 + 6 + 24; 2·0·…; 2·0·3
    #expect(try #require(y.grad).scalars(as: Double.self) == [1, 32, 0, 0])
  }

  @Test func wholeNumbersAreTakenInInt64() throws {
    let bytes = try Tensor([200, 100, 3] as [UInt8])
    #expect(try bytes.cumprod(0).equal(Tensor([200, 20_000, 60_000])))
    #expect(try bytes.cumsum(0).equal(Tensor([200, 300, 303])))
    #expect(try Tensor([true, true, false]).cumsum(0).equal(Tensor([1, 2, 2])))
    #expect(try bytes.cummax(0).values.dtype == .uint8)
  }

  @Test func theLastOfEqualsAndOfNaNStands() throws {
    let x = try Tensor([1, 3, 3, 2, Double.nan, 5, Double.nan, 0], dtype: .float32)
    let (values, indices) = try x.cummax(0)
    #expect(try indices.scalars(as: Int.self) == [0, 1, 2, 2, 4, 4, 6, 6])
    #expect(try values.narrow(0, 0, 4).scalars(as: Float.self) == [1, 3, 3, 3])
    #expect(try values.narrow(0, 4, 4).isnan().all().item() == 1)
    #expect(try x.cummin(0).indices.scalars(as: Int.self) == [0, 0, 0, 0, 4, 4, 6, 6])
    let square = try Tensor([[2, 1], [2, 0], [1, 1]])
    #expect(try square.cummax(0).indices.equal(Tensor([[0, 0], [1, 0], [1, 2]])))
  }

  @Test func logarithmsOfSumsDoNotOverflow() throws {
    let x = try Tensor([1000, 1000, -Double.infinity, 900], dtype: .float64)
    let two = 1000 + 0.693147180559945309
    let found = try x.logcumsumexp(0).scalars(as: Double.self)
    for (a, b) in zip(found, [1000, two, two, two]) { #expect(agree(a, b, 1e-15)) }
    let nothing = try Tensor([-Double.infinity, -Double.infinity, 0.5], dtype: .float64)
      .requiresGrad_()
    let sums = try nothing.logcumsumexp(0)
    #expect(try sums.scalars(as: Double.self) == [-.infinity, -.infinity, 0.5])
    try sums.narrow(0, 2, 1).sum().backward()
    #expect(try #require(nothing.grad).scalars(as: Double.self) == [0, 0, 1])
    let high = try Tensor([1, Double.infinity, 2], dtype: .float64).logcumsumexp(0)
    #expect(try high.scalars(as: Double.self) == [1, .infinity, .infinity])
    let odd = try Tensor([1, Double.nan, 2], dtype: .float64).logcumsumexp(0)
    #expect(try odd.isnan().scalars(as: Bool.self) == [false, true, true])
  }

  /// Few long rows are shared by blocks, many by rows, columns by stripes.
  @Test(arguments: [1, 2, 3, 8]) func everyWidthHasTheBits(width: Int) throws {
    let team = WorkerTeam(width: width)
    for shape in [[1, 200_001], [3, 70_000], [2, 5000, 40], [40, 5001]] as [Shape] {
      let x = try Tensor.randn(shape, generator: Generator(seed: 4))
      let found = try WorkerTeam.withTeam(team) {
        try [x.cumsum(1), x.cumprod(1), x.cummax(1).values]
      }
      // Each row alone, as a line of its own memory.
      for row in [0, shape[0] - 1] {
        let one = try x.narrow(0, row, 1).clone()
        let line = try [one.cumsum(1), one.cumprod(1), one.cummax(1).values]
        for (a, b) in zip(found, line) { #expect(try a.narrow(0, row, 1).equal(b), "\(shape)") }
      }
    }
  }

  @Test func whereTheDimStandsDoesNotMatter() throws {
    let x = try Tensor.randn([3, 9000], generator: Generator(seed: 5))
    #expect(try x.cumsum(1).equal(x.t().contiguous().cumsum(0).t()))
    #expect(try x.logcumsumexp(1).equal(x.t().contiguous().logcumsumexp(0).t()))
  }

  @Test func namesArePyTorchs() throws {
    let x = try Tensor([[1, 2], [4, 3]], dtype: .float32).requiresGrad_()
    #expect(try x.cumprod(0).gradFn?.name == "CumprodBackward0")
    #expect(try x.cummax(0).values.gradFn?.name == "CummaxBackward0")
    #expect(try x.cummin(0).values.gradFn?.name == "CumminBackward0")
    #expect(try x.logcumsumexp(0).gradFn?.name == "LogcumsumexpBackward0")
  }
}
