import Testing
import Tributary
import TributaryNN
import TributaryParallel

@Suite struct ModuleTests {
  @Test func linearHasPyTorchsForm() throws {
    let layer = try Linear(4, 3)
    #expect(layer.weight.shape == [3, 4])
    #expect(layer.bias?.shape == [3])
    #expect(layer.parameters.count == 2)
    #expect(layer.parameters.allSatisfy { $0.requiresGrad && $0.isLeaf })
    for parameter in layer.parameters {
      for value in try parameter.detach().scalars(as: Double.self) {
        #expect(abs(value) <= 0.5)  // 1/√4
      }
    }
    let x = try Tensor.randn([5, 4])
    let bias = try #require(layer.bias)
    let expected = try x.matmul(layer.weight.t()) + bias
    let found = try layer(x)
    #expect(found.shape == [5, 3])
    #expect(try found.detach().equal(expected.detach()))
  }

  /// Uniform between the bounds, not merely within them.
  @Test func linearFillsItsBounds() throws {
    let weight = try Linear(16, 64, generator: Generator(seed: 1)).weight.detach()
    let values = try weight.scalars(as: Double.self)
    #expect(values.allSatisfy { abs($0) <= 0.25 })
    for quarter in [-0.25, -0.125, 0, 0.125] {
      let share = values.count { $0 >= quarter && $0 < quarter + 0.125 }
      #expect((200..<312).contains(share), "of 1024 weights \(share) from \(quarter)")
    }
  }

  @Test func linearWithoutBias() throws {
    let layer = try Linear(4, 3, bias: false)
    #expect(layer.parameters.count == 1)
    #expect(try layer(Tensor.zeros([2, 4])).detach().equal(Tensor.zeros([2, 3])))
  }

  @Test func badShapesThrow() throws {
    #expect(throws: TensorError.self) { _ = try Linear(-1, 3) }
    #expect(throws: TensorError.self) { _ = try Linear(3, -1) }
    let layer = try Linear(4, 3)
    #expect(throws: TensorError.self) { _ = try layer(Tensor.zeros([2, 5])) }
    #expect(throws: TensorError.self) { _ = try layer(Tensor.zeros([])) }
  }

  @Test func sequentialAppliesInOrder() throws {
    let first = try Linear(3, 4)
    let second = try Linear(4, 2)
    let model = Sequential([
      first, Activation { x throws(TensorError) in try x.tanh() }, second,
    ])
    #expect(
      model.parameters.map(ObjectIdentifier.init)
        == (first.parameters + second.parameters).map(ObjectIdentifier.init))
    let x = try Tensor.randn([5, 3])
    #expect(try model(x).detach().equal(second(first(x).tanh()).detach()))
  }

  /// The same seed gives the same parameters, and training the same bits, with each number of threads.
  @Test(arguments: [1, 2, 3, 8]) func trainingIsDeterministic(width: Int) throws {
    func trained() throws -> [[Float]] {
      let generator = Generator(seed: 11)
      let model = Sequential([
        try Linear(20, 30, generator: generator),
        Activation { x throws(TensorError) in try x.tanh() },
        try Linear(30, 5, generator: generator),
      ])
      let optimizer = try Adam(model.parameters, lr: 0.01)
      let x = try Tensor.randn([40, 20], generator: generator)
      let labels = try Tensor.randint(0, 5, [40], generator: generator)
      for _ in 0..<5 {
        try optimizer.zeroGrad()
        let losses = try concurrentMap(0..<4) { part throws(TensorError) -> Tensor in
          try crossEntropy(
            model(x.narrow(0, part * 10, 10)), labels.narrow(0, part * 10, 10), reduction: .sum)
            / 40
        }
        try Tensor.backward(losses)
        try optimizer.step()
      }
      return try model.parameters.map { try $0.detach().scalars(as: Float.self) }
    }
    let serial = try WorkerTeam.withTeam(WorkerTeam(width: 1)) { try trained() }
    let parallel = try WorkerTeam.withTeam(WorkerTeam(width: width)) { try trained() }
    #expect(serial == parallel)
  }
}
