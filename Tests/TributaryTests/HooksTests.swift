import Testing
import Tributary
import TributaryParallel
import TributaryStress

@Suite struct HooksTests {
  private struct Own: Error {}

  @Test func aHookSeesTheWholeSumAndMayReplaceIt() throws {
    let x = try Tensor([2.0], requiresGrad: true)
    let h = try x * 1.0
    let seen = Box<[Double]>([])
    try h.registerHook { gradient in
      let value = try gradient.item()
      seen.change { $0.append(value) }
      return nil
    }
    try h.registerHook { try $0 * 10.0 }
    try (h * 3.0 + h * 4.0).backward()
    #expect(seen.value == [7])
    #expect(try x.grad?.item() == 70)
  }

  @Test func aLeafsHookRunsBeforeItsGrad() throws {
    let x = try Tensor([2.0], requiresGrad: true)
    let handle = try x.registerHook { try $0 * 2.0 }
    try (x * 3.0).backward()
    #expect(try x.grad?.item() == 6)
    handle.remove()
    try (x * 3.0).backward()
    #expect(try x.grad?.item() == 9)
  }

  @Test func nodeHooks() throws {
    let (x, y) = (try Tensor([2.0], requiresGrad: true), try Tensor([5.0], requiresGrad: true))
    let z = try x * y
    let node = try #require(z.gradFn)
    let handle = node.registerHook { gradients in
      #expect(gradients.count == 2)
      return [gradients[1], gradients[0]]
    }
    node.registerPrehook { try $0 * 10.0 }
    try z.backward(retainGraph: true)
    #expect(try x.grad?.item() == 20)
    #expect(try y.grad?.item() == 50)
    handle.remove()
    try z.backward(retainGraph: true)
    #expect(try x.grad?.item() == 70)
    node.registerHook { _ in [] }
    #expect(throws: TensorError.self) { try z.backward() }
    #expect(try x.grad?.item() == 70)
  }

  @Test func throwingHooksArriveAsUnderlying() throws {
    let x = try Tensor([2.0], requiresGrad: true)
    try x.registerHook { _ in throw Own() }
    let error = try #require(throws: TensorError.self) { try (x * 3.0).backward() }
    guard case .underlying(let inner) = error.kind else {
      Issue.record("\(error)")
      return
    }
    #expect(inner is Own)
    #expect(x.grad == nil)
  }

  @Test func postAccumulateHooks() throws {
    let x = try Tensor([2.0], requiresGrad: true)
    let seen = Box<[Double]>([])
    let handle = try x.registerPostAccumulateGradHook { leaf in
      let value = try leaf.grad?.item() ?? .nan
      seen.change { $0.append(value) }
      try leaf.setGrad(nil)
    }
    try (x * 3.0).backward()
    try (x * 4.0 + x).backward()
    #expect(seen.value == [3, 5])
    #expect(x.grad == nil)
    handle.remove()
    try (x * 3.0).backward()
    #expect(seen.value == [3, 5])
    #expect(throws: TensorError.self) {
      try (x * 2.0).registerPostAccumulateGradHook { _ in }
    }
  }

  /// Such a leaf is committed as it comes, also where the pass fails afterwards.
  @Test func postAccumulateLeavesAreCommittedEarly() throws {
    let (x, y) = (try Tensor([2.0], requiresGrad: true), try Tensor([2.0], requiresGrad: true))
    try x.registerPostAccumulateGradHook { _ in }
    try y.registerHook { _ in throw Own() }
    // Serial order: the second input's side comes first.
    #expect(throws: TensorError.self) { try (y * 1.0 + x * 3.0).backward() }
    #expect(try x.grad?.item() == 3)
    #expect(y.grad == nil)
  }

  @Test func retainedGradientsAccumulate() throws {
    let x = try Tensor([2.0], requiresGrad: true)
    let h = try x * 5.0
    try h.retainGrad()
    try h.retainGrad()
    let y = try h * h
    try y.backward(retainGraph: true)
    #expect(try h.grad?.item() == 20)
    try y.backward()
    #expect(try h.grad?.item() == 40)
    #expect(try x.grad?.item() == 200)
  }

  /// A pass inside a hook runs on the same team and ends before the outer one goes on.
  @Test(arguments: [1, 2, 3, 8])
  func aHookMayRunAPass(_ width: Int) throws {
    let team = WorkerTeam(width: width)
    let x = try Tensor.full([8], 2.0, requiresGrad: true)
    let inner = try Tensor.full([8], 1.0, requiresGrad: true)
    var branches: [Tensor] = []
    for _ in 0..<12 {
      let y = try x * 2.0
      try y.registerHook { gradient in
        var settings = PassSettings()
        settings.engine = .team
        let parts = try enableGrad { try [(inner * 2.0).sum(), (inner * 3.0).sum()] }
        try Tensor.backward(parts, settings)
        return nil
      }
      branches.append(try y.sum())
    }
    var settings = PassSettings()
    settings.engine = .team
    try WorkerTeam.withTeam(team) { try Tensor.backward(branches, settings) }
    #expect(try x.grad?.scalars(as: Double.self) == Array(repeating: 24, count: 8))
    #expect(try inner.grad?.scalars(as: Double.self) == Array(repeating: 60, count: 8))
  }

  /// Passes in hooks of passes in hooks, a thousand deep; on the team, and as each pass decides, which is its caller.
  @Test(.timeLimit(.minutes(1)), arguments: [1, 2, 4, 8], [PassSettings.Engine.team, .automatic])
  func passesNest(_ width: Int, engine: PassSettings.Engine) throws {
    let deepest = Counter()
    @Sendable func pass(_ depth: Int) throws {
      let x = try Tensor.full([4], 1.0, requiresGrad: true)
      let y = try x * 2.0
      try y.registerHook { _ in
        if depth < 1_000 { try enableGrad { try pass(depth + 1) } } else { deepest.add() }
        return nil
      }
      var settings = PassSettings()
      settings.engine = engine
      try Tensor.backward([y.sum(), (x * 3.0).sum()], settings)
      #expect(try x.grad?.scalars(as: Double.self) == [5, 5, 5, 5])
    }
    try WorkerTeam.withTeam(WorkerTeam(width: width)) { try pass(0) }
    #expect(deepest.total == 1)
  }
}
