import TestTools
import Testing
import Tributary
import TributaryParallel
import TributaryStress

/// Graphs of up to a million nodes in a row, on threads of 512 KiB of stack.
@Suite(.serialized) struct EngineDepthTests {
  private static let length = 1_000_000

  private func onSmallStack(_ body: @escaping @Sendable () throws -> Void) throws {
    let failure = Box<(any Error)?>(nil)
    onThreads(1, stackBytes: 512 << 10) { _ in
      do { try body() } catch { failure.change { $0 = error } }
    }
    if let error = failure.value { throw error }
  }

  @Test func aLongChain() throws {
    try onSmallStack {
      let x = try Tensor([1.0], requiresGrad: true)
      var y = x
      for _ in 0..<Self.length { y = try y + 0.0 }
      try y.backward()
      #expect(try x.grad?.item() == 1)
    }
  }

  @Test func aLongChainThroughSavedTensors() throws {
    try onSmallStack {
      let x = try Tensor([1.0], requiresGrad: true)
      var y = x
      for _ in 0..<Self.length / 4 { y = try y * x }
      try y.backward(retainGraph: true)
      #expect(try x.grad?.item() == Double(Self.length / 4 + 1))
    }
  }

  /// Freed without a pass, from its end, through saved results.
  @Test func aLongChainIsFreedUnused() throws {
    try onSmallStack {
      var y = try Tensor([1.0], requiresGrad: true)
      for _ in 0..<Self.length / 4 { y = try y.tanh() }
      #expect(y.requiresGrad)
    }
  }

  /// Freed while every tensor on the way is held by an array.
  @Test func aLongChainOfHeldResults() throws {
    try onSmallStack {
      let x = try Tensor([1.0], requiresGrad: true)
      var held: [Tensor] = [x]
      for _ in 0..<Self.length / 4 { held.append(try held[held.count - 1].sigmoid()) }
      try held[held.count - 1].backward()
      #expect(x.grad != nil)
    }
  }

  /// A chain of hubs: every node has two ways back.
  @Test func aLongLadder() throws {
    try onSmallStack {
      let x = try Tensor([1.0], requiresGrad: true)
      var (a, b) = (x, x)
      for _ in 0..<Self.length / 8 { (a, b) = (try a * 0.5, try a + b) }
      var settings = PassSettings()
      settings.engine = .team
      try Tensor.backward([a, b], settings)
      #expect(x.grad != nil)
    }
  }

  /// Wide nodes in a row, each behind the last input of the next.
  @Test func aLongChainOfWideNodes() throws {
    try onSmallStack {
      let x = try Tensor([1.0], requiresGrad: true)
      var y = x
      for _ in 0..<20_000 {
        y = try Tensor.stack((0..<12).map { try x * Double($0) } + [y]).mean(dim: 0)
      }
      try y.backward()
      #expect(x.grad != nil)
    }
  }

  /// What branches hold goes when the graph goes, each once, whoever frees it.
  @Test(arguments: [1, 2, 3, 8]) func aWideGraphIsFreedWhole(_ width: Int) throws {
    let live = Counter()
    try WorkerTeam.withTeam(WorkerTeam(width: width)) {
      for count in [3, 34, 35, 40, 257] {
        let x = try Tensor([1.0], requiresGrad: true)
        var sum: Tensor? = try Tensor.stack(
          concurrentMap(0..<count) { index in
            let y = try x * Double(index)
            let held = Held(live)
            _ = try y.registerHook { _ in
              withExtendedLifetime(held) {}
              return nil
            }
            return y
          }
        ).sum()
        #expect(live.total == count)
        if count % 2 == 0 { try sum?.backward() }
        sum = nil
        #expect(live.total == 0)
      }
    }
  }

  private final class Held: Sendable {
    private let live: Counter
    init(_ live: Counter) {
      self.live = live
      live.add()
    }
    deinit { live.add(-1) }
  }
}
