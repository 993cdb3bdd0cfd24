import Testing
import Tributary
import TributaryNN

/// Five steps of each optimizer along given gradients, against PyTorch 2.15 in float64.
@Suite struct OptimizerTests {
  private static let start = [1.0, -2, 0.5, 3, 0]
  private static let direction = [0.25, 0.5, -1, 2, 1]

  private func afterFiveSteps(
    _ dtype: DType = .float64, _ make: ([Tensor]) -> any Optimizer
  ) throws -> [Double] {
    let parameter = try Tensor(Self.start, dtype: dtype, requiresGrad: true)
    let optimizer = make([parameter])
    let direction = try Tensor(Self.direction, dtype: dtype)
    for step in 1...5 {
      try optimizer.zeroGrad()
      try parameter.setGrad(direction * Double(step))
      try optimizer.step()
    }
    return try parameter.detach().scalars(as: Double.self)
  }

  private func expectClose(_ found: [Double], _ expected: [Double], tolerance: Double = 1e-13) {
    #expect(found.count == expected.count)
    for (a, b) in zip(found, expected) { #expect(abs(a - b) <= tolerance * max(1, abs(b))) }
  }

  @Test func sgd() throws {
    // By hand: each element moves by 0.1 · (1 + 2 + 3 + 4 + 5) times its direction.
    expectClose(
      try afterFiveSteps { SGD($0, learningRate: 0.1) }, [0.625, -2.75, 2, 0, -1.5])
  }

  @Test func sgdWithMomentum() throws {
    expectClose(
      try afterFiveSteps { SGD($0, learningRate: 0.1, momentum: 0.9) },
      [0.2074225, -3.585155, 3.67031, -3.34062, -3.17031])
  }

  @Test func sgdWithDampeningAndDecay() throws {
    expectClose(
      try afterFiveSteps {
        SGD($0, learningRate: 0.1, momentum: 0.9, dampening: 0.25, weightDecay: 0.01)
      },
      [
        0.36990346073292846, -3.2167482700819825, 2.9715107475596056, -1.9864663035713712,
        -2.476941348616126,
      ])
  }

  @Test func nesterov() throws {
    expectClose(
      try afterFiveSteps {
        SGD($0, learningRate: 0.1, momentum: 0.9, weightDecay: 0.01, nesterov: true)
      },
      [
        -0.10207600719040621, -4.137106877714088, 4.832878250011561, -5.732801636689844,
        -4.341258892094901,
      ])
  }

  private static let adamResult = [
    0.5149169155617821, -2.4850830898296277, 0.9850830925253327, 2.5149169061268153,
    -0.48508309252533255,
  ]

  @Test func adam() throws {
    expectClose(try afterFiveSteps { Adam($0, learningRate: 0.1) }, Self.adamResult)
  }

  @Test func adamInFloat32() throws {
    expectClose(
      try afterFiveSteps(.float32) { Adam($0, learningRate: 0.1) }, Self.adamResult,
      tolerance: 1e-6)
  }

  @Test func adamWithDecay() throws {
    expectClose(
      try afterFiveSteps {
        Adam($0, learningRate: 0.1, betas: (0.8, 0.95), epsilon: 1e-6, weightDecay: 0.01)
      },
      [
        0.5037141127617683, -2.495110662276328, 0.9956167461522334, 2.504105455409623,
        -0.49568875767437504,
      ])
  }

  @Test func adamWithDecoupledDecay() throws {
    expectClose(
      try afterFiveSteps { Adam($0, learningRate: 0.1, weightDecay: 0.05, decoupled: true) },
      [
        0.49502707607458885, -2.430719188612176, 0.9678460615899334, 2.4455245730063444,
        -0.48022168502899576,
      ])
  }

  @Test func parametersWithoutGradientStay() throws {
    let moved = try Tensor([1.0, 2], requiresGrad: true)
    let still = try Tensor([3.0, 4], requiresGrad: true)
    for optimizer: any Optimizer in [
      SGD([moved, still], learningRate: 0.5), Adam([moved, still], learningRate: 0.5),
    ] {
      try moved.setGrad(Tensor([1.0, 1]))
      try optimizer.step()
      #expect(try still.detach().scalars(as: Double.self) == [3, 4])
      #expect(try moved.detach().scalars(as: Double.self) != [1, 2])
      try optimizer.zeroGrad()
      #expect(moved.grad == nil)
    }
  }

  @Test func strideGradientIsReadInOrder() throws {
    let parameter = try Tensor.zeros([2, 3], requiresGrad: true)
    try parameter.setGrad(Tensor([[1.0, 4], [2, 5], [3, 6]]).t())
    try SGD([parameter], learningRate: 1).step()
    #expect(try parameter.detach().scalars(as: Double.self) == [-1, -2, -3, -4, -5, -6])
  }
}
