import Testing
import Tributary
import TributaryParallel

/// What lies in `.grad`, and whose memory it is.
@Suite struct EngineAccumulationTests {
  @Test func passesAdd() throws {
    let x = try Tensor([1.0, -2.0], requiresGrad: true)
    for pass in 1...3 {
      try (x * x).sum().backward()
      #expect(try x.grad?.scalars(as: Double.self) == [2, -4].map { $0 * Double(pass) })
    }
    try x.setGrad(nil)
    try (x * 3.0).sum().backward()
    #expect(try x.grad?.scalars(as: Double.self) == [3, 3])
  }

  /// What was read stays as it was read.
  @Test func anEarlierGradIsNotWrittenTo() throws {
    let x = try Tensor([1.0], requiresGrad: true)
    try (x * 2.0).backward()
    let first = try #require(x.grad)
    try (x * 2.0).backward()
    #expect(try first.item() == 2)
    #expect(try x.grad?.item() == 4)
  }

  /// Of many leaves several at a time are committed, also two that got one tensor.
  @Test(arguments: [1, 2, 8]) func manyLeavesShareNoMemory(width: Int) throws {
    let seed = try Tensor([1.0, 2.0])
    let leaves = try (0..<300).map { _ in try Tensor([1.0, 2.0], requiresGrad: true) }
    for pass in 1...2 {
      let roots = try (0..<150).map { try leaves[$0] + leaves[299 - $0] }
      try WorkerTeam.withTeam(WorkerTeam(width: width)) {
        try Tensor.backward(roots, gradients: roots.map { _ in seed })
      }
      let grads = try leaves.map { try #require($0.grad) }
      #expect(Set((grads + [seed]).map { ObjectIdentifier($0.buffer) }).count == 301)
      for grad in grads {
        #expect(try grad.scalars(as: Double.self) == [1, 2].map { $0 * Double(pass) })
      }
    }
    #expect(try seed.scalars(as: Double.self) == [1, 2])
  }

  @Test func noTwoGradsShareMemory() throws {
    let seed = try Tensor([1.0, 2.0])
    let leaves = try (0..<4).map { _ in try Tensor([1.0, 2.0], requiresGrad: true) }
    let kept = Box<[Tensor]>([])
    try leaves[3].registerHook { gradient in
      kept.change { $0.append(gradient) }
      return nil
    }
    let h = try leaves[0] + leaves[1]
    try h.retainGrad()
    try (h + leaves[2].t() + leaves[3]).backward(gradient: seed)
    try leaves[2].backward(gradient: seed)
    var buffers = [ObjectIdentifier(seed.buffer)] + kept.value.map { ObjectIdentifier($0.buffer) }
    for tensor in leaves + [h] {
      buffers.append(ObjectIdentifier(try #require(tensor.grad).buffer))
    }
    // The hook's tensor may be the seed itself.
    buffers.removeAll { $0 == ObjectIdentifier(seed.buffer) }
    #expect(Set(buffers).count == 5)
    #expect(buffers.count == 5)
    #expect(try seed.scalars(as: Double.self) == [1, 2])
    #expect(try leaves[2].grad?.scalars(as: Double.self) == [2, 4])
  }

  @Test func gradsAreDense() throws {
    let x = try Tensor.ones([2, 3], requiresGrad: true)
    try (x.t() * 2.0).backward(gradient: Tensor([[1.0], [2.0], [3.0]]).expand([3, 2]))
    let g = try #require(x.grad)
    #expect(g.strides == [3, 1])
    #expect(try g.scalars(as: Double.self) == [2, 4, 6, 2, 4, 6])
    let y = try Tensor.ones([2, 3], requiresGrad: true)
    try y.sum().backward()
    #expect(y.grad?.strides == [3, 1])
  }

  @Test func aLeafMayBeTheRoot() throws {
    let x = try Tensor([2.0], requiresGrad: true)
    try x.backward()
    try Tensor.backward([x, x, x * 2.0])
    #expect(try x.grad?.item() == 5)
  }

  @Test func negativeZeroIsKept() throws {
    let x = try Tensor([1.0], requiresGrad: true)
    try (x * -0.0).backward()
    #expect(try x.grad?.item().sign == .minus)
  }

  @Test func mixedDTypesFitTheirLeaves() throws {
    let single = try Tensor([1.0, 2.0], requiresGrad: true)
    let double = try Tensor([1.0, 2.0], dtype: .float64, requiresGrad: true)
    try (single * double).sum().backward()
    #expect(single.grad?.dtype == .float32)
    #expect(double.grad?.dtype == .float64)
  }

  @Test func modes() throws {
    let x = try Tensor([1.0], requiresGrad: true)
    let frozen = try noGrad { try x * 2.0 }
    #expect(!frozen.requiresGrad && frozen.gradFn == nil)
    let inside = try noGrad { try enableGrad { try x * 2.0 } }
    #expect(inside.requiresGrad)
    #expect(isGradEnabled)
    // A pass inside noGrad is a pass.
    let y = try x * 3.0
    try noGrad { try y.backward() }
    #expect(try x.grad?.item() == 3)
  }
}
