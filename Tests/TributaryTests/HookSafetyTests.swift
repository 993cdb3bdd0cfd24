import Foundation
import TestTools
import Testing
import Tributary
import TributaryParallel
import TributaryStress

/// Hooks from many threads, and hooks that do what they must not.
@Suite struct HookSafetyTests {
  private static let team = WorkerTeam(width: 4)

  /// Branches that hang hooks on a leaf that all of them share, while passes read them.
  @Test func hooksAreRegisteredFromAnyThread() throws {
    let x = try Tensor.ones([4], requiresGrad: true)
    let calls = Box(0)
    let other = try (x * 3.0).sum()
    try WorkerTeam.withTeam(Self.team) {
      let handles = try concurrentMap(0..<200) { branch in
        if branch % 10 == 0 { try other.backward(retainGraph: true) }
        return try x.registerHook { _ in
          calls.change { $0 += 1 }
          return nil
        }
      }
      calls.change { $0 = 0 }
      try (x * 2.0).sum().backward()
      #expect(calls.value == 200)
      onThreads(4) { thread in
        for (index, handle) in handles.enumerated() where index % 4 == thread { handle.remove() }
      }
      try (x * 2.0).sum().backward()
      #expect(calls.value == 200)
    }
  }

  @Test func aHandleDoesNotKeepTheGraph() throws {
    let x = try Tensor([1.0], requiresGrad: true)
    var y: Tensor? = try x * 2.0
    weak let node = y?.gradFn
    let handle = try y?.registerHook { _ in nil }
    y = nil
    #expect(node == nil)
    handle?.remove()
  }

  /// Both inputs of an addition are given one tensor.
  @Test(arguments: [PassSettings.Engine.caller, .team])
  func aHookThatChangesItsGradientIsAnError(engine: PassSettings.Engine) throws {
    var settings = PassSettings()
    settings.engine = engine
    for _ in 0..<20 {
      let (a, b) = (
        try Tensor([1.0], requiresGrad: true), try Tensor([1.0], requiresGrad: true)
      )
      let (p, q) = (try a * 1.0, try b * 1.0)
      try p.registerHook { gradient in
        try gradient.mul_(2.0)
        return nil
      }
      let sum = try p + q
      let error = #expect(throws: TensorError.self) {
        try WorkerTeam.withTeam(Self.team) { try Tensor.backward([sum], settings) }
      }
      #expect(error?.description.contains("in place") == true)
      #expect(a.grad == nil && b.grad == nil)
    }
  }

  @Test func aNodesHookThatChangesAGradientIsAnError() throws {
    let x = try Tensor([1.0], requiresGrad: true)
    let y = try x * 2.0
    y.gradFn?.registerHook { gradients in
      try gradients[0]?.zero_()
      return nil
    }
    #expect(throws: TensorError.self) { try y.backward() }
    #expect(x.grad == nil)
  }

  /// What a hook draws comes from the caller's generator, whichever thread runs the hook.
  @Test(arguments: [1, 2, 4]) func hooksDrawFromTheCallersGenerator(width: Int) throws {
    var settings = PassSettings()
    settings.engine = .team
    for round in 0..<40 {
      let x = try Tensor.ones([64], requiresGrad: true)
      let branches = try (0..<8).map { _ in try (x * 2.0).tanh().sum() }
      let drawn = Box<[Double]>([])
      try branches[round % 8].registerHook { _ in
        let value = try Tensor.rand([]).item()
        drawn.change { $0.append(value) }
        return nil
      }
      try Generator.with(Generator(seed: 77)) {
        try WorkerTeam.withTeam(WorkerTeam.ofWidth(width)) {
          try Tensor.backward(branches, settings)
        }
      }
      let expected = try Tensor.rand([], generator: Generator(seed: 77)).item()
      #expect(drawn.value == [expected])
    }
  }

  /// Hooks that take one lock and open loops under it. A thread that waits for its loop and took up another branch
  /// would wait for the lock that it holds.
  @Test(.timeLimit(.minutes(1)), arguments: [2, 4, 8])
  func hooksOpenLoopsUnderOneLock(width: Int) throws {
    let team = WorkerTeam(width: width)
    let factor = try Tensor.randn([200, 200], generator: Generator(seed: 3))
    let lock = NSLock()
    func hooked(_ tensor: Tensor) throws -> Tensor {
      try tensor.registerHook { gradient in
        // Several tiles, and far more work than stays on the caller.
        try lock.withLock { try factor.matmul(gradient) * 0.1 }
      }
      return tensor
    }
    /// Eight branches in pairs, each ready at a time of its own: while some threads help with a loop, a branch waits.
    func branches() throws -> (leaf: Tensor, roots: [Tensor]) {
      let leaf = try Tensor.randn([200, 200], generator: Generator(seed: 4), requiresGrad: true)
      let roots = try (0..<4).map { pair in
        let (a, b) = (try hooked(leaf * 0.5), try hooked(leaf * Double(pair)))
        var sum = try (a * b).sum()
        for _ in 0..<pair * 3 { sum = try sum * 0.5 }
        return sum
      }
      return (leaf, roots)
    }
    let oracle = try branches()
    try SerialEngine.backward(oracle.roots)
    let expected = try Digest.of([oracle.leaf.grad])
    var settings = PassSettings()
    settings.engine = .team
    for round in 0..<30 as Range<UInt64> {
      let perturber = Perturber(seed: round, mostNanoseconds: 200_000)
      settings.perturb = { perturber($0) }
      let (leaf, roots) = try branches()
      try WorkerTeam.withTeam(team) { try Tensor.backward(roots, settings) }
      #expect(try Digest.of([leaf.grad]) == expected)
    }
  }
}
