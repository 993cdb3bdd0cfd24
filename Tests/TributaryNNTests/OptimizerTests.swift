import Testing
import Tributary
import TributaryNN

/// Five steps of each optimizer along given gradients, against PyTorch 2.15 in float64.
@Suite struct OptimizerTests {
  private static let start = [1.0, -2, 0.5, 3, 0]
  private static let direction = [0.25, 0.5, -1, 2, 1]

  /// - Parameter falling: the gradients are 5, 4, … times the direction, else 1, 2, ….
  private func afterFiveSteps(
    _ dtype: DType = .float64, falling: Bool = false,
    _ make: ([Tensor]) throws -> any Optimizer
  ) throws -> [Double] {
    let parameter = try Tensor(Self.start, dtype: dtype, requiresGrad: true)
    let optimizer = try make([parameter])
    let direction = try Tensor(Self.direction, dtype: dtype)
    for step in 1...5 {
      try optimizer.zeroGrad()
      try parameter.setGrad(direction * Double(falling ? 6 - step : step))
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

  /// A parameter without a gradient stays, and so does what is kept of it.
  @Test func gradientsComeAndGo() throws {
    let direction = try Tensor(Self.direction)
    for make: ([Tensor]) throws -> any Optimizer in [
      { try SGD($0, lr: 0.1, momentum: 0.9) }, { try Adam($0) },
    ] {
      let parameters = try (0..<2).map { _ in try Tensor(Self.start, requiresGrad: true) }
      let optimizer = try make(parameters)
      func values(_ index: Int) throws -> [Double] {
        try parameters[index].detach().scalars(as: Double.self)
      }
      for step in 0..<4 {
        try parameters[0].setGrad(step == 1 ? nil : direction)
        try parameters[1].setGrad(step == 3 ? nil : direction)
        let before = (try values(0), try values(1), parameters.map(\.version))
        try optimizer.step()
        #expect(try (values(0) == before.0) == (step == 1))
        #expect(try (values(1) == before.1) == (step == 3))
        #expect(parameters[0].version == before.2[0] + (step == 1 ? 0 : 1))
        #expect(parameters[1].version == before.2[1] + (step == 3 ? 0 : 1))
      }
      #expect(try values(0) == values(1))
    }
  }

  /// Of parameters in one piece, in several, and without elements.
  @Test func aStepKeepsNoGradient() throws {
    let parameters = try [5, 100_000, 0].map { try Tensor.ones([$0], requiresGrad: true) }
    let optimizer = try SGD(parameters, lr: 0.1, momentum: 0.9)
    final class Seen { weak var tensor: Tensor? }
    for _ in 0..<2 {
      let seen = try parameters.map { parameter in
        let seen = Seen()
        let gradient = try Tensor.ones([parameter.count])
        seen.tensor = gradient
        try parameter.setGrad(gradient)
        return seen
      }
      try optimizer.step()
      #expect(parameters[1].version == parameters[0].version)
      try optimizer.zeroGrad()
      #expect(seen.allSatisfy { $0.tensor == nil })
    }
  }

  @Test func aStepWithinAStepIsAnError() throws {
    let parameter = try Tensor(Self.start, requiresGrad: true)
    let update = ParameterUpdate([parameter])
    func step(_ body: (Int) -> Void) throws(TensorError) {
      try update.step("test") { (_) throws(TensorError) in
        .init(gradient: DenseGradient(parameter))
      } prepare: { _ in
      } update: { _, _, count in
        body(count)
      }
    }
    var counts: [Int] = []
    try step { count in
      counts.append(count)
      #expect(throws: TensorError.self) { try step { counts.append($0) } }
    }
    try step { counts.append($0) }
    #expect(counts == [5, 5])
  }

  @Test func aRateSetLaterIsCheckedToo() throws {
    let parameter = try Tensor(Self.start, requiresGrad: true)
    try parameter.setGrad(Tensor(Self.direction))
    let (sgd, adam) = (try SGD([parameter], lr: 0.1), try Adam([parameter]))
    let adamW = try AdamW([parameter])
    (sgd.lr, adam.lr, adamW.lr) = (.nan, -1, .infinity)
    #expect(throws: TensorError.self) { try sgd.step() }
    #expect(throws: TensorError.self) { try adam.step() }
    #expect(throws: TensorError.self) { try adamW.step() }
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
        { try SGD($0, lr: 1) }, { try Adam($0) }, { try AdamW($0) },
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

  /// As the gradients fall, the greatest square is an earlier one.
  @Test func adamWithTheGreatestSquare() throws {
    expectClose(
      try afterFiveSteps(falling: true) {
        try Adam($0, lr: 0.1, betas: (0.8, 0.7), weightDecay: 0.01, amsgrad: true)
      },
      [
        0.5384874887365275, -2.4598557144207134, 0.9608065294879405, 2.5386653058804645,
        -0.46092447664198655,
      ])
  }

  private static let adamWResult = [
    0.49502707607458885, -2.430719188612176, 0.9678460615899334, 2.4455245730063444,
    -0.48022168502899576,
  ]

  @Test func adamW() throws {
    expectClose(
      try afterFiveSteps { try AdamW($0, lr: 0.1, weightDecay: 0.05) }, Self.adamWResult)
    // A rate of 0.001, betas of 0.9 and 0.999, a decay of 0.01.
    expectClose(
      try afterFiveSteps { try AdamW($0) },
      [
        0.9950992678742079, -2.004750735179676, 0.5048257337066465, 2.994999269779841,
        -0.004850733206651432,
      ])
    expectClose(
      try afterFiveSteps {
        try AdamW($0, lr: 0.1, betas: (0.8, 0.95), eps: 1e-6, weightDecay: 0.05)
      },
      [
        0.4844907312557616, -2.441256063154688, 0.9783832009948203, 2.434987301170137,
        -0.490758824433883,
      ])
  }

  @Test func adamWInFloat32() throws {
    expectClose(
      try afterFiveSteps(.float32) { try AdamW($0, lr: 0.1, weightDecay: 0.05) },
      Self.adamWResult, tolerance: 1e-6)
  }

  @Test func adamWWithTheGreatestSquare() throws {
    expectClose(
      try afterFiveSteps(falling: true) {
        try AdamW($0, lr: 0.1, betas: (0.8, 0.7), amsgrad: true)
      },
      [
        0.5349541592536442, -2.450075813023704, 0.9575608291473819, 2.5249741353045265,
        -0.46005583414488244,
      ])
    expectClose(
      try afterFiveSteps(falling: true) { try AdamW($0, lr: 0.1, betas: (0.8, 0.7)) },
      [
        0.5003432026397289, -2.484686770074855, 0.9921717864171509, 2.490363177925449,
        -0.4946667914146514,
      ])
  }

  /// Element by element, in the written order: the kernel's pass has its bits, for small parameters and ones in pieces,
  /// whatever the threads.
  @Test(arguments: [1, 2, 8]) func adamWIsItsFormula(threads: Int) throws {
    let sizes = (0..<100).map { $0 == 7 ? 100_000 : 1 + $0 % 5 }
    let parameters = try sizes.map {
      try Tensor.full([$0], 0.5, dtype: .float64, requiresGrad: true)
    }
    let (lr, decay, beta1, beta2, eps) = (0.1, 0.05, 0.9, 0.999, 1e-8)
    let optimizer = try AdamW(parameters, lr: lr, weightDecay: decay)
    var expected = sizes.map { _ in 0.5 }
    var (average, square) = (sizes.map { _ in 0.0 }, sizes.map { _ in 0.0 })
    var (power1, power2) = (1.0, 1.0)
    try withThreads(threads) {
      for step in 1...3 {
        for (index, parameter) in parameters.enumerated() {
          try parameter.setGrad(
            Tensor.full([sizes[index]], Double(index - 50) / Double(step), dtype: .float64))
        }
        try optimizer.step()
        (power1, power2) = (power1 * beta1, power2 * beta2)
        for index in sizes.indices {
          let g = Double(index - 50) / Double(step)
          expected[index] *= 1 - lr * decay
          average[index] += (1 - beta1) * (g - average[index])
          square[index] = beta2 * square[index] + (1 - beta2) * g * g
          let root = square[index].squareRoot() / (1 - power2).squareRoot() + eps
          expected[index] += -(lr / (1 - power1)) * average[index] / root
        }
      }
    }
    for (index, parameter) in parameters.enumerated() {
      let found = try parameter.detach().scalars(as: Double.self)
      #expect(found.allSatisfy { abs($0 - expected[index]) <= 1e-15 }, "\(index)")
    }
  }

  @Test func parametersWithoutGradientStay() throws {
    let moved = try Tensor([1.0, 2], requiresGrad: true)
    let still = try Tensor([3.0, 4], requiresGrad: true)
    for optimizer: any Optimizer in [
      try SGD([moved, still], lr: 0.5), try Adam([moved, still], lr: 0.5),
      try AdamW([moved, still], lr: 0.5, amsgrad: true),
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
    #expect(throws: TensorError.self) { try AdamW(p, lr: .nan) }
    #expect(throws: TensorError.self) { try AdamW(p, betas: (0.9, 1)) }
    #expect(throws: TensorError.self) { try AdamW(p, eps: .infinity) }
    #expect(throws: TensorError.self) { try AdamW(p, weightDecay: -1) }
  }
}
