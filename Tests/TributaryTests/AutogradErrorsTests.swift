import Testing
import Tributary
import TributaryParallel
import TributarySplitMix
import TributaryStress

/// What a pass refuses, and that a refusal changes nothing.
@Suite struct AutogradErrorsTests {
  private func kind(_ body: () throws -> Void) throws -> String {
    let error = try #require(throws: TensorError.self) { try body() }
    return "\(error.kind)"
  }

  @Test func aSpentGraphSaysSo() throws {
    let x = try Tensor([2.0], requiresGrad: true)
    let y = try (x * x).exp()
    try y.backward()
    let first = try #require(x.grad)
    let copy = try first.clone()
    let error = try #require(throws: TensorError.self) { try y.backward() }
    #expect(error.message.contains("retainGraph"))
    #expect("\(error.kind)" == "autograd")
    #expect(x.grad === first)
    #expect(try first.hasBits(of: copy))
  }

  @Test func aRetainedGraphGoesBackAgain() throws {
    let x = try Tensor([2.0], requiresGrad: true)
    let y = try x * x
    try y.backward(retainGraph: true)
    try y.backward(retainGraph: true)
    try y.backward()
    #expect(try x.grad?.item() == 12)
    #expect(throws: TensorError.self) { try y.backward() }
    #expect(try x.grad?.item() == 12)
  }

  @Test func rootsAreChecked() throws {
    let x = try Tensor([1.0, 2.0], requiresGrad: true)
    let y = try x * 2.0
    #expect(throws: TensorError.self) { try y.backward() }
    #expect(try kind { try y.backward(gradient: .ones([3])) } == "shapeMismatch")
    #expect(try kind { try y.backward(gradient: .ones([2], dtype: .float64)) } == "dtypeMismatch")
    #expect(try kind { try y.detach().sum().backward() } == "autograd")
    #expect(try kind { try Tensor.ones([]).backward() } == "autograd")
    #expect(throws: TensorError.self) { try Tensor.backward([y, y], gradients: [nil]) }
    try Tensor.backward([])
    #expect(x.grad == nil)
  }

  @Test func requiringGradIsChecked() throws {
    #expect(throws: TensorError.self) { try Tensor([1, 2], requiresGrad: true) }
    #expect(throws: TensorError.self) { try Tensor([true]).requiresGrad_() }
    let x = try Tensor([1.0], requiresGrad: true)
    let y = try x * 2.0
    #expect(throws: TensorError.self) { try y.requiresGrad_(false) }
    #expect(try y.detach().requiresGrad_().requiresGrad)
    #expect(throws: TensorError.self) { try y.detach().retainGrad() }
    #expect(throws: TensorError.self) { try y.detach().registerHook { $0 } }
    #expect(try kind { try x.setGrad(.ones([2])) } == "shapeMismatch")
    #expect(try kind { try x.setGrad(.ones([1], dtype: .float64)) } == "dtypeMismatch")
    // It would hold itself for ever.
    #expect(try kind { try x.setGrad(x) } == "invalidArgument")
    #expect(x.grad == nil)
    try x.setGrad(x.detach())
    #expect(x.grad != nil)
    #expect(try kind { try Tensor.ones([1]).setGrad(.ones([1])) } == "autograd")
  }

  @Test func changedSavedTensorsAreFound() throws {
    let x = try Tensor([1.0, 2.0], requiresGrad: true)
    let a = try x * 2.0
    let y = try (a * a).sum()
    a.bumpVersion()
    let error = try #require(throws: TensorError.self) { try y.backward() }
    #expect(error.message.contains("version"))
    #expect(x.grad == nil)
    // Views share the counter, and so do saved results.
    let b = try x.exp()
    let z = try b.sum()
    try b.t().bumpVersion()
    #expect(throws: TensorError.self) { try z.backward() }
    #expect(x.grad == nil)
    // An addition saves nothing.
    let c = try x + x
    let sum = try c.sum()
    c.bumpVersion()
    try sum.backward()
    #expect(try x.grad?.scalars(as: Double.self) == [2, 2])
  }

  /// The error of the serial order in every run, on every width; no gradient changes; the team works on.
  @Test(arguments: [1, 2, 3, 4, 8])
  func theSerialOrdersErrorIsThrown(_ width: Int) throws {
    struct Own: Error, Equatable { let place: Int }
    let team = WorkerTeam(width: width)
    for seed in 0..<40 as Range<UInt64> {
      var random = SplitMix(seed: seed)
      let x = try Tensor.full([16], 0.5, requiresGrad: true)
      let old = try Tensor.full([16], 3.0)
      try x.setGrad(old)
      var branches: [Tensor] = []
      let bad = Set((0..<3).map { _ in random.below(24) })
      for branch in 0..<24 {
        let y = try x.tanh().exp()
        if branch == 5 {
          try y.retainGrad()
        }
        if bad.contains(branch) { try y.registerHook { _ in throw Own(place: branch) } }
        branches.append(try y.sum())
      }
      var settings = PassSettings()
      settings.engine = .team
      let perturber = Perturber(seed: seed)
      settings.perturb = { perturber($0) }
      let error = try #require(throws: TensorError.self) {
        try WorkerTeam.withTeam(team) { try Tensor.backward(branches, settings) }
      }
      guard case .underlying(let inner) = error.kind else {
        Issue.record("\(error)")
        continue
      }
      // Of several roots the last comes first in serial order.
      #expect(inner as? Own == Own(place: try #require(bad.max())), "seed \(seed)")
      #expect(x.grad === old)
      #expect(try old.scalars(as: Double.self) == Array(repeating: 3, count: 16))
      // The team is usable afterwards.
      let z = try x.detach().requiresGrad_()
      try WorkerTeam.withTeam(team) {
        try Tensor.backward([(z * 2.0).sum(), (z * 3.0).sum()], settings)
      }
      #expect(try z.grad?.scalars(as: Double.self) == Array(repeating: 5, count: 16))
    }
  }

  @Test func retainedGradientsStayOnErrors() throws {
    struct Own: Error {}
    let x = try Tensor([1.0], requiresGrad: true)
    let h = try x * 2.0
    try h.retainGrad()
    let y = try h * h
    try x.registerHook { _ in throw Own() }
    #expect(throws: TensorError.self) { try y.backward() }
    #expect(h.grad == nil)
    #expect(x.grad == nil)
    #expect(throws: TensorError.self) { try y.backward() }
  }

  @Test func aCancelledPassChangesNothing() throws {
    let x = try Tensor([1.0], requiresGrad: true)
    let y = try Tensor.stack([x * 2.0, x * 3.0]).sum()
    let flag = CancellationFlag()
    flag.cancel()
    for engine in [PassSettings.Engine.caller, .team] {
      var settings = PassSettings()
      settings.engine = engine
      settings.retainGraph = true
      settings.cancellation = flag
      #expect(try kind { try Tensor.backward([y], settings) } == "cancelled")
      #expect(x.grad == nil)
    }
  }

  /// A rule whose gradient has the wrong shape is reported, not stored.
  @Test func aWrongHookShapeIsRefused() throws {
    let x = try Tensor([1.0, 2.0], requiresGrad: true)
    let y = try x * 2.0
    let handle = try y.registerHook { _ in try Tensor.ones([3]) }
    #expect(throws: TensorError.self) { try y.sum().backward() }
    handle.remove()
    let z = try x * 3.0
    try #require(z.gradFn).registerHook { _ in [try Tensor.ones([3]), nil] }
    #expect(throws: TensorError.self) { try Tensor.backward([z.sum(), (x * 2.0).sum()]) }
    #expect(x.grad == nil)
  }
}
