import Testing
import Tributary
import TributaryNN

/// Five steps of each optimizer along given gradients, against PyTorch 2.15 in float64.
@Suite struct OptimizerTests {
  private static let start = [1.0, -2, 0.5, 3, 0]
  private static let direction = [0.25, 0.5, -1, 2, 1]

  private func afterFiveSteps(
    _ dtype: DType = .float64, _ make: ([Tensor]) throws -> any Optimizer
  ) throws -> [Double] {
    let parameter = try Tensor(Self.start, dtype: dtype, requiresGrad: true)
    let optimizer = try make([parameter])
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
      try afterFiveSteps { try SGD($0, lr: 0.1) }, [0.625, -2.75, 2, 0, -1.5])
  }

  @Test func aRateSetLaterIsCheckedToo() throws {
    let parameter = try Tensor(Self.start, requiresGrad: true)
    try parameter.setGrad(Tensor(Self.direction))
    let (sgd, adam) = (try SGD([parameter], lr: 0.1), try Adam([parameter]))
    (sgd.lr, adam.lr) = (.nan, -1)
    #expect(throws: TensorError.self) { try sgd.step() }
    #expect(throws: TensorError.self) { try adam.step() }
    #expect(try parameter.detach().scalars(as: Double.self) == Self.start)
  }

  /// Tensors that no backward pass gives a gradient, or that two updates would write at once.
  @Test func whatIsNoParameterIsRefused() throws {
    let leaf = try Tensor.ones([4, 3], requiresGrad: true)
    let refused: [(tensors: [Tensor], text: String)] = [
      ([leaf, try leaf * 0.1], "parameter 1 is a result"),
      ([try Tensor([1, 2])], "parameter 0 is not floating point"),
      ([try Tensor.ones([2, 3]).t().requiresGrad_()], "parameter 0 is not dense"),
      ([leaf, try leaf.detach().requiresGrad_()], "parameters 0 and 1 share memory"),
      (
        [try leaf.detach()[2...].requiresGrad_(), try Tensor.ones([2]), leaf],
        "parameters 0 and 2 share memory"
      ),
    ]
    for (tensors, text) in refused {
      for make in [
        { try SGD($0, lr: 1) }, { try Adam($0) },
      ] as [([Tensor]) throws -> any Optimizer] {
        do {
          _ = try make(tensors)
          Issue.record("\(text): taken")
        } catch let error as TensorError {
          #expect(error.message.contains(text))
        }
      }
    }
    // One tensor twice, and parts that do not meet, are as good as any.
    let whole = try Tensor.ones([4, 3])
    let parts = [try whole[..<2].requiresGrad_(), try whole[2...].requiresGrad_()]
    #expect(try SGD([leaf, leaf] + parts, lr: 1).parameters.count == 3)
  }

  @Test func sgdWithMomentum() throws {
    expectClose(
      try afterFiveSteps { try SGD($0, lr: 0.1, momentum: 0.9) },
      [0.2074225, -3.585155, 3.67031, -3.34062, -3.17031])
  }

  @Test func sgdWithDampeningAndDecay() throws {
    expectClose(
      try afterFiveSteps {
        try SGD($0, lr: 0.1, momentum: 0.9, dampening: 0.25, weightDecay: 0.01)
      },
      [
        0.36990346073292846, -3.2167482700819825, 2.9715107475596056, -1.9864663035713712,
        -2.476941348616126,
      ])
  }

  @Test func nesterov() throws {
    expectClose(
      try afterFiveSteps {
        try SGD($0, lr: 0.1, momentum: 0.9, weightDecay: 0.01, nesterov: true)
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
    expectClose(try afterFiveSteps { try Adam($0, lr: 0.1) }, Self.adamResult)
  }

  @Test func adamInFloat32() throws {
    expectClose(
      try afterFiveSteps(.float32) { try Adam($0, lr: 0.1) }, Self.adamResult,
      tolerance: 1e-6)
  }

  @Test func adamWithDecay() throws {
    expectClose(
      try afterFiveSteps {
        try Adam($0, lr: 0.1, betas: (0.8, 0.95), eps: 1e-6, weightDecay: 0.01)
      },
      [
        0.5037141127617683, -2.495110662276328, 0.9956167461522334, 2.504105455409623,
        -0.49568875767437504,
      ])
  }

  @Test func adamWithDecoupledDecay() throws {
    expectClose(
      try afterFiveSteps { try Adam($0, lr: 0.1, weightDecay: 0.05, decoupled: true) },
      [
        0.49502707607458885, -2.430719188612176, 0.9678460615899334, 2.4455245730063444,
        -0.48022168502899576,
      ])
  }

  @Test func parametersWithoutGradientStay() throws {
    let moved = try Tensor([1.0, 2], requiresGrad: true)
    let still = try Tensor([3.0, 4], requiresGrad: true)
    for optimizer: any Optimizer in [
      try SGD([moved, still], lr: 0.5), try Adam([moved, still], lr: 0.5),
    ] {
      try moved.setGrad(Tensor([1.0, 1]))
      try optimizer.step()
      #expect(try still.detach().scalars(as: Double.self) == [3, 4])
      #expect(try moved.detach().scalars(as: Double.self) != [1, 2])
      try optimizer.zeroGrad()
      #expect(moved.grad == nil)
    }
  }

  /// Several at a time, each by itself: small ones together, one that is cut into pieces, one without a gradient.
  @Test(arguments: [1, 2, 8]) func manyParametersAreUpdatedAndCleared(threads: Int) throws {
    let sizes = (0..<300).map { $0 == 7 ? 100_000 : 1 + $0 % 5 }
    let parameters = try sizes.map { try Tensor.zeros([$0], requiresGrad: true) }
    let optimizer = try SGD(parameters, lr: 1, momentum: 0.5)
    try withThreads(threads) {
      for step in 1...2 {
        for (index, parameter) in parameters.enumerated() where index != 9 {
          try parameter.setGrad(Tensor.full([sizes[index]], Double(index)))
        }
        try optimizer.step()
        for (index, parameter) in parameters.enumerated() {
          // The second velocity is half the first and the gradient.
          let moved = index == 9 ? 0 : -Float(index) * (step == 1 ? 1 : 2.5)
          #expect(try parameter.detach().scalars(as: Float.self).allSatisfy { $0 == moved })
        }
        try optimizer.zeroGrad()
        #expect(parameters.allSatisfy { $0.grad == nil })
      }
    }
  }

  @Test func strideGradientIsReadInOrder() throws {
    let parameter = try Tensor.zeros([2, 3], requiresGrad: true)
    try parameter.setGrad(Tensor([[1.0, 4], [2, 5], [3, 6]]).t())
    try SGD([parameter], lr: 1).step()
    #expect(try parameter.detach().scalars(as: Double.self) == [-1, -2, -3, -4, -5, -6])
  }

  @Test func repeatedParameterIsUpdatedOnce() throws {
    let parameter = try Tensor([1.0, 2], requiresGrad: true)
    let optimizer = try SGD([parameter, parameter], lr: 1)
    #expect(optimizer.parameters.count == 1)
    try parameter.setGrad(Tensor([1.0, 1]))
    try optimizer.step()
    #expect(try parameter.detach().scalars(as: Double.self) == [0, 1])
    #expect(try Adam([parameter, parameter]).parameters.count == 1)
  }

  /// A parameter that no update can write fails the step: the other one's momentum and step count stay too.
  @Test func settingsThatMakeNoSenseAreErrors() throws {
    let p = [try Tensor([1.0], requiresGrad: true)]
    #expect(throws: TensorError.self) { try SGD(p, lr: -1) }
    #expect(throws: TensorError.self) { try SGD(p, lr: .nan) }
    #expect(throws: TensorError.self) { try SGD(p, lr: 1, momentum: -0.5) }
    #expect(throws: TensorError.self) { try SGD(p, lr: 1, weightDecay: -0.5) }
    #expect(throws: TensorError.self) { try SGD(p, lr: 1, nesterov: true) }
    #expect(throws: TensorError.self) {
      try SGD(p, lr: 1, momentum: 0.9, dampening: 0.1, nesterov: true)
    }
    #expect(throws: TensorError.self) { try Adam(p, lr: -1) }
    #expect(throws: TensorError.self) { try Adam(p, betas: (1, 0.9)) }
    #expect(throws: TensorError.self) { try Adam(p, betas: (0.9, .nan)) }
    #expect(throws: TensorError.self) { try Adam(p, eps: -1) }
    #expect(throws: TensorError.self) { try Adam(p, weightDecay: -1) }
  }
}
