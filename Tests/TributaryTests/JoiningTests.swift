import Testing
import Tributary

@Suite struct JoiningTests {
  @Test func joinsAlongAnyDim() throws {
    let a = try Tensor([[1, 2], [3, 4]])
    let b = try Tensor([[5], [6]])
    #expect(try Tensor.cat([a, b], dim: 1).scalars(as: Int.self) == [1, 2, 5, 3, 4, 6])
    #expect(try Tensor.cat([a, a], dim: -2).shape == [4, 2])
    #expect(
      try Tensor.stack([a, a.t()], dim: 1).scalars(as: Int.self) == [1, 2, 1, 3, 3, 4, 2, 4])
    #expect(try Tensor.stack([a, a], dim: -1).shape == [2, 2, 2])
    #expect(try Tensor.stack([Tensor(1), Tensor(2)]).scalars(as: Int.self) == [1, 2])
  }

  @Test func promotesAndPassesOverTheEmpty() throws {
    let joined = try Tensor.cat([Tensor([1, 2]), Tensor([0.5])])
    #expect(joined.dtype == .float32)
    #expect(try joined.scalars(as: Double.self) == [1, 2, 0.5])
    let x = try Tensor.ones([2, 2], requiresGrad: true)
    let empty = try Tensor.zeros([0], requiresGrad: true)
    let y = try Tensor.cat([empty, x], dim: 1)
    #expect(y.shape == [2, 2])
    try y.sum().backward()
    #expect(empty.grad?.shape == [0])
    #expect(try Tensor.cat([Tensor.zeros([0]), Tensor.zeros([0])]).shape == [0])
  }

  /// Past a tile, where the work is split, and with parts of every kind.
  @Test func manyAndLargeParts() throws {
    let small = try (0..<1024).map { try Tensor.full([4, 4], $0) }
    let stacked = try Tensor.stack(small)
    #expect(try stacked.scalars(as: Int.self) == (0..<1024 * 16).map { $0 / 16 })
    let large = try Tensor.arange(60_000).reshape([200, 300])
    let joined = try Tensor.cat(
      [large, large.flip([1]).t().reshape([300, 200]).t(), large], dim: 1)
    #expect(joined.shape == [200, 900])
    let back = try joined.split(300, dim: 1)
    #expect(try back[0].scalars(as: Int.self) == large.scalars(as: Int.self))
    #expect(try back[2].scalars(as: Int.self) == large.scalars(as: Int.self))
    #expect(
      try back[1].scalars(as: Int.self)
        == large.flip([1]).t().reshape([300, 200]).t().scalars(as: Int.self))
  }

  @Test func gradientsAreViews() throws {
    let inputs = try (0..<3).map { _ in try Tensor.ones([2], requiresGrad: true) }
    let y = try Tensor.stack(inputs)
    #expect(y.gradFn?.name == "StackBackward0")
    #expect(try Tensor.cat(inputs).gradFn?.name == "CatBackward0")
    let gradient = try Tensor([[1.0, 2], [3, 4], [5, 6]])
    var sink = GradientSink(try #require(y.gradFn))
    try y.gradFn?.apply(gradient, &sink)
    for i in 0..<3 { #expect(sink[i]?.buffer === gradient.buffer) }
  }

  @Test func partsShareMemoryAndOneNode() throws {
    let x = try Tensor.arange(10.0, requiresGrad: true)
    let parts = try x.split(4)
    #expect(parts.map(\.count) == [4, 4, 2])
    #expect(parts.allSatisfy { $0.buffer === x.buffer && $0.gradFn === parts[0].gradFn })
    #expect(parts[0].gradFn?.name == "SplitBackward0")
    #expect(try x.split([1, 9])[0].gradFn?.name == "SplitWithSizesBackward0")
    #expect(try x.unbind()[3].gradFn?.name == "UnbindBackward0")
    #expect(try x.chunk(3).map(\.count) == [4, 4, 2])
    #expect(try x.chunk(4).map(\.count) == [3, 3, 3, 1])
    try parts[1].sum().backward()
    #expect(try #require(x.grad).scalars(as: Int.self) == [0, 0, 0, 0, 1, 1, 1, 1, 0, 0])
    #expect(try Tensor.zeros([0, 2]).split(3).map(\.shape) == [[0, 2]])
    #expect(try Tensor.zeros([0, 2]).unbind().isEmpty)
  }

  @Test func repeats() throws {
    let x = try Tensor([[1, 2]])
    #expect(try x.repeat([2, 2]).scalars(as: Int.self) == [1, 2, 1, 2, 1, 2, 1, 2])
    #expect(try x.repeat([1, 1]).buffer !== x.buffer)
    #expect(try x.repeat([2, 0, 1]).shape == [2, 0, 2])
    #expect(try x.tile([3]).shape == [1, 6])
    #expect(try Tensor(5).repeat([3]).scalars(as: Int.self) == [5, 5, 5])
    #expect(
      try Tensor.arange(6).reshape([2, 3]).flip([1]).scalars(as: Int.self) == [2, 1, 0, 5, 4, 3])
    #expect(
      try Tensor.arange(6).reshape([2, 3]).flip([0, -1]).scalars(as: Int.self) == [
        5, 4, 3, 2, 1, 0,
      ])
  }

  @Test func badInput() throws {
    let x = try Tensor.zeros([2, 3])
    expectError("cat") { () throws(TensorError) in try Tensor.cat([]) }
    expectError("cat") { () throws(TensorError) in try Tensor.cat([x, Tensor.zeros([2, 2])]) }
    expectError("cat") { () throws(TensorError) in try Tensor.cat([x, x], dim: 2) }
    expectError("cat") { () throws(TensorError) in try Tensor.cat([x, Tensor.zeros([3])]) }
    expectError("cat") { () throws(TensorError) in try Tensor.cat([Tensor(1), Tensor(2)]) }
    expectError("stack") { () throws(TensorError) in try Tensor.stack([]) }
    expectError("stack") { () throws(TensorError) in try Tensor.stack([x, x.t()]) }
    expectError("stack") { () throws(TensorError) in try Tensor.stack([x], dim: 3) }
    expectError("split") { () throws(TensorError) in try x.split(0) }
    expectError("split") { () throws(TensorError) in try x.split([1, 2]) }
    expectError("split") { () throws(TensorError) in try x.split([-1, 3]) }
    expectError("split") { () throws(TensorError) in try Tensor(1).split(1) }
    expectError("chunk") { () throws(TensorError) in try x.chunk(0) }
    expectError("unbind") { () throws(TensorError) in try x.unbind(2) }
    expectError("repeat") { () throws(TensorError) in try x.repeat([2]) }
    expectError("repeat") { () throws(TensorError) in try x.repeat([2, -1]) }
    expectError("repeat") { () throws(TensorError) in try x.repeat([.max, 2]) }
    expectError("repeat") { () throws(TensorError) in try x.repeat([1 << 40, 1 << 20]) }
    expectError("flip") { () throws(TensorError) in try x.flip([0, -2]) }
    expectError("flip") { () throws(TensorError) in try x.flip([2]) }
  }

  /// A leaf's gradient that is a part of a larger one does not keep all of that alive.
  @Test func gradientsOfPartsHoldNoMoreThanTheyShow() throws {
    let w = try Tensor.ones([4], requiresGrad: true)
    let rest = try Tensor.zeros([10_000])
    for _ in 0..<2 {
      try (Tensor.cat([w, rest]) * 2.0).sum().backward()
      #expect(try #require(w.grad).buffer.byteCount == 16)
      try w.setGrad(nil)
      try (Tensor.stack([w, Tensor.zeros([4]), Tensor.zeros([4])]) * 3.0).sum().backward()
      let gradient = try #require(w.grad)
      #expect(gradient.buffer.byteCount == 16)
      #expect(try gradient.equal(.full([4], 3)))
      try w.setGrad(nil)
    }
  }

  /// What a pass gives out of a seed that is itself to be differentiated is a view of it, made without recording.
  @Test func partsOfASeedThatRequiresGradAreViews() throws {
    let x = try Tensor.ones([3], requiresGrad: true)
    for joined in [try Tensor.stack([x]), try Tensor.cat([x])] {
      let seed = try Tensor.full(joined.shape, 2.0, requiresGrad: true)
      let parts = try Tensor.grad(of: [joined], withRespectTo: [x], gradients: [seed])
      let part = try #require(parts[0])
      #expect(throws: TensorError.self) { try part.mul_(2) }
    }
  }

  /// A gradient along another dim can be changed in place, recorded.
  @Test func partsAlongInnerDimsTakeRecordedChanges() throws {
    let x = try Tensor.ones([3], requiresGrad: true)
    let factor = try Tensor.full([3], 5.0, requiresGrad: true)
    let joined = try Tensor.stack([x, x * 2.0], dim: 1)
    let part = try #require(try Tensor.grad(of: [joined.sum()], withRespectTo: [x])[0])
    _ = try part.mul_(factor)
    #expect(part.requiresGrad)
  }
}
