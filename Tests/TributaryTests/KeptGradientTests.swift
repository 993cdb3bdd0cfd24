import TestTools
import Testing
import Tributary
import TributaryNN
import TributaryParallel

/// A leaf keeps the memory of its gradient alone until somebody asks for the tensor.
@Suite struct KeptGradientTests {
  private func leaf() throws -> Tensor {
    try Tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], requiresGrad: true)
  }

  private func values(_ x: Tensor) throws -> [Float]? { try x.grad?.scalars(as: Float.self) }

  @Test func whatIsReadIsOneTensor() throws {
    let x = try leaf()
    try (x * x).sum().backward()
    let found = Locked<[ObjectIdentifier?]>([])
    onThreads(8) { _ in
      let seen = x.grad.map { ObjectIdentifier($0) }
      found.withLock { $0.append(seen) }
    }
    let first = try #require(x.grad)
    #expect(found.withLock { $0 } == Array(repeating: ObjectIdentifier(first), count: 8))
    #expect(first.shape == x.shape && first.isContiguous && !first.requiresGrad)
    try (x * x).sum().backward()
    // What was read stays what it was.
    #expect(try first.scalars(as: Float.self) == [2, 4, 6, 8, 10, 12])
    #expect(x.grad !== first)
  }

  @Test func passesAddWhetherOrNotItWasRead() throws {
    let (read, unread) = (try leaf(), try leaf())
    for pass in 1...3 {
      for x in [read, unread] { try (x * x).sum().backward() }
      #expect(try values(read) == (1...6).map { Float(2 * pass * $0) })
    }
    #expect(try values(unread) == values(read))
  }

  /// What the user has set may be laid out in any way, and of part of a buffer.
  @Test func anyLayoutIsAddedToAndStepped() throws {
    let x = try Tensor.zeros([2, 3], requiresGrad: true)
    let (turned, spread) = (
      try Tensor([1.0, 2, 3, 4, 5, 6]).reshape([3, 2]).t(), try Tensor([7.0])
    )
    for old in [turned, try spread.expand([2, 3])] {
      try x.setGrad(old)
      #expect(x.grad === old)
      let optimizer = try SGD([x], lr: 1)
      let before = try x.scalars(as: Float.self)
      try optimizer.step()
      let stepped = zip(before, try old.scalars(as: Float.self)).map { $0 - $1 }
      #expect(try x.scalars(as: Float.self) == stepped)
      try x.sum().backward()
      #expect(try values(x) == old.scalars(as: Float.self).map { $0 + 1 })
    }
  }

  @Test func emptyLeavesHaveEmptyGradients() throws {
    let x = try Tensor.zeros([0, 3], requiresGrad: true)
    for _ in 0..<2 { try x.sum().backward() }
    #expect(x.grad?.shape == [0, 3])
    try SGD([x], lr: 1).step()
  }

  @Test func aGraphIsAddedToMemory() throws {
    let x = try leaf()
    try (x * x).sum().backward()
    try (x * x).sum().backward(createGraph: true)
    let gradient = try #require(x.grad)
    #expect(gradient.requiresGrad)
    #expect(try gradient.scalars(as: Float.self) == [4, 8, 12, 16, 20, 24])
    let second = try Tensor.grad(of: [gradient.sum()], withRespectTo: [x])[0]
    #expect(try second?.scalars(as: Float.self) == Array(repeating: 2, count: 6))
  }

  /// Two leaves to which the same sum flows, and one whose hook keeps it, share nothing.
  @Test func nothingIsShared() throws {
    let (a, b) = (try leaf(), try leaf())
    nonisolated(unsafe) var kept: Tensor?
    try b.registerHook { gradient in
      kept = gradient
      return nil
    }
    let seed = try Tensor.ones([6])
    try (a + b).backward(gradient: seed)
    let buffers = [a.grad, b.grad, kept, seed].compactMap { $0.map { ObjectIdentifier($0.buffer) } }
    // The seed is what the hook was given.
    #expect(Set(buffers).count == 3)
  }

  /// Reading beside passes that add and optimizers that read.
  @Test func readingBesideWritingIsSafe() throws {
    let x = try leaf()
    try (x * 1).sum().backward()
    onThreads(4) { thread in
      for _ in 0..<200 {
        switch thread {
        case 0: try? (x * 1).sum().backward()
        case 1: _ = x.grad?.count
        case 2: _ = try? x.denseGradient("test")
        default: try? x.setGrad(nil)
        }
      }
    }
    try x.setGrad(nil)
    try (x * 1).sum().backward()
    #expect(try values(x) == Array(repeating: 1, count: 6))
  }
}
