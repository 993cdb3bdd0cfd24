import TestSupport
import Testing
import Tributary
import TributaryParallel
import TributaryStress

/// `Tensor.grad(of:withRespectTo:)` and passes that create a graph.
@Suite struct EngineGradTests {
  @Test func changesNoGrad() throws {
    let x = try Tensor([1.0, 2.0], requiresGrad: true)
    let y = try x * x
    try y.retainGrad()
    let g = try Tensor.grad(of: [y.sum()], withRespectTo: [x])
    #expect(try g[0]?.scalars(as: Double.self) == [2, 4])
    #expect(x.grad == nil)
    #expect(y.grad == nil)
  }

  @Test func givesTheGradientsOfNonLeaves() throws {
    let x = try Tensor([1.0, 2.0], requiresGrad: true)
    let h = try x.square()
    let g = try Tensor.grad(of: [(h * h).sum()], withRespectTo: [h, x, h])
    #expect(try g.map { try $0?.scalars(as: Double.self) } == [[2, 8], [4, 32], [2, 8]])
  }

  /// The node that made the input does not run, nor release what it saved.
  @Test func stopsAtTheInput() throws {
    let x = try Tensor([3.0], requiresGrad: true)
    let h = try x.square()
    let ran = Counter()
    try #require(h.gradFn).registerHook { gradients in
      ran.add()
      return nil
    }
    let g = try #require(try Tensor.grad(of: [h * 2.0], withRespectTo: [h])[0])
    #expect(ran.total == 0)
    try h.backward(gradient: g)
    #expect(try x.grad?.item() == 12)
  }

  @Test func unusedInputs() throws {
    let x = try Tensor([1.0], requiresGrad: true)
    let other = try Tensor([1.0], requiresGrad: true)
    let y = try x * 2.0
    #expect(throws: TensorError.self) { try Tensor.grad(of: [y], withRespectTo: [x, other]) }
    let g = try Tensor.grad(of: [x * 2.0], withRespectTo: [x, other], allowUnused: true)
    #expect(try g[0]?.item() == 2)
    #expect(g[1] == nil)
    #expect(throws: TensorError.self) { try Tensor.grad(of: [y], withRespectTo: [y.detach()]) }
    #expect(try Tensor.grad(of: [y], withRespectTo: []).isEmpty)
  }

  @Test func theInputMayBeTheOutput() throws {
    let x = try Tensor([1.0], requiresGrad: true)
    let y = try x * 3.0
    let g = try Tensor.grad(of: [y], withRespectTo: [y, x])
    #expect(try g.map { try $0?.item() } == [1, 3])
    #expect(try Tensor.grad(of: [x], withRespectTo: [x])[0]?.item() == 1)
  }

  /// Second and third derivatives against closed forms.
  @Test func higherDerivatives() throws {
    let x = try Tensor([0.3, -0.7, 1.1], dtype: .float64, requiresGrad: true)
    let points = try x.scalars(as: Double.self)
    func derivative(_ y: Tensor) throws -> Tensor {
      try #require(try Tensor.grad(of: [y.sum()], withRespectTo: [x], createGraph: true)[0])
    }
    let cubes = try derivative(derivative(x.pow(3)))
    #expect(try cubes.isNear(x * 6.0))
    let third = try derivative(cubes)
    #expect(try third.isNear(Tensor.full([3], 6.0, dtype: .float64)))
    let exponential = try derivative(derivative(derivative(x.exp())))
    #expect(try exponential.isNear(x.exp()))
    // tanh'' = -2 tanh (1 - tanh²)
    let t = try x.tanh().detach()
    let tanh = try derivative(derivative(x.tanh()))
    #expect(try tanh.isNear(t * (1.0 - t * t) * -2.0))
    // (x · w)² by x, then by w
    let w = try Tensor(points, dtype: .float64, requiresGrad: true)
    let first = try derivative((x * w).square())
    let mixed = try #require(try Tensor.grad(of: [first.sum()], withRespectTo: [w])[0])
    #expect(try mixed.isNear(x.detach() * w.detach() * 4.0))
  }

  @Test func createdGraphsAccumulateRecorded() throws {
    let x = try Tensor(2.0, dtype: .float64, requiresGrad: true)
    try x.pow(3).backward(createGraph: true)
    try x.pow(3).backward(createGraph: true)
    let g = try #require(x.grad)
    #expect(try g.item() == 24)
    #expect(g.requiresGrad)
    let second = try Tensor.grad(of: [g], withRespectTo: [x])
    #expect(try second[0]?.item() == 24)
    try x.setGrad(nil)
  }

  @Test func createdGradientsShareNoMemory() throws {
    let a = try Tensor([1.0, 2.0], requiresGrad: true)
    let b = try Tensor([1.0, 2.0], requiresGrad: true)
    let seed = try Tensor([1.0, 1.0])
    try (a + b).backward(gradient: seed, createGraph: true)
    let (ga, gb) = (try #require(a.grad), try #require(b.grad))
    #expect(ga.buffer !== gb.buffer)
    #expect(ga.buffer !== seed.buffer)
    #expect(gb.buffer !== seed.buffer)
    try a.setGrad(nil)
    try b.setGrad(nil)
  }

  /// A created graph has the same bits on the team.
  @Test func createdGraphsOnTheTeam() throws {
    var digests: Set<UInt64> = []
    for width in [1, 2, 3, 8] {
      let graph = try RandomGraph(seed: 11, features: [])
      var settings = PassSettings()
      settings.createGraph = true
      settings.retainGraph = true
      settings.engine = .team
      let wanted = graph.leaves.filter(\.requiresGrad)
      let second = try WorkerTeam.withTeam(WorkerTeam(width: width)) {
        let first = try Tensor.grad(
          of: graph.roots, withRespectTo: wanted, gradients: graph.seeds, allowUnused: true,
          settings)
        let roots = try first.compactMap { $0 }.filter(\.requiresGrad).map { try ($0 * $0).sum() }
        return try Tensor.grad(of: roots, withRespectTo: wanted, allowUnused: true, settings)
      }
      digests.insert(try Digest.of(second))
    }
    #expect(digests.count == 1)
  }
}
