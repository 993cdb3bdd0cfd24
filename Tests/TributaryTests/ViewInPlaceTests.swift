import Testing
import Tributary

/// Changes of views and of their bases under differentiation, as PyTorch has them.
@Suite struct ViewInPlaceTests {
  @Test func aCopyIntoAViewReachesTheBase() throws {
    let w = try Tensor([1.0, 2.0], requiresGrad: true)
    let x = try Tensor.zeros([2, 2])
    let row = try x.select(0, 0)
    try row.copy_(w)
    #expect(x.requiresGrad && x.gradFn?.name == "CopySlices")
    #expect(row.requiresGrad && row.gradFn?.name == "AsStridedBackward0")
    try (x * 3).backward(gradient: Tensor([[1.0, 2.0], [3.0, 4.0]]))
    #expect(try w.grad?.doubles() == [3, 6])
  }

  @Test func viewsSeeTheNewHistoryOfTheirBase() throws {
    let a = try Tensor([1.0, 2.0], requiresGrad: true)
    let x = try a * 1
    let first = try x.select(0, 0)
    #expect(first.gradFn?.name == "SelectBackward0")
    try x.mul_(5)
    #expect(first.gradFn?.name == "AsStridedBackward0")
    try first.backward()
    #expect(try a.grad?.doubles() == [5, 0])
  }

  @Test func oneViewSeesTheChangeOfAnother() throws {
    let w = try Tensor([7.0], requiresGrad: true)
    let x = try Tensor.zeros([2, 2])
    let column = try x.select(1, 0)
    try x.select(0, 0).narrow(0, 0, 1).add_(w)
    #expect(column.requiresGrad)
    try (column * 2).backward(gradient: Tensor([1.0, 1.0]))
    #expect(try w.grad?.doubles() == [2])
  }

  @Test func gradientsAgreeWithDifferences() throws {
    var numbers = Numbers(37)
    let inputs = [
      try numbers.tensor([2, 3], in: 0.5...2), try numbers.tensor([3], in: 0.5...2),
    ]
    try expectGradients(of: inputs, "rows and columns") {
      let x = try $0[0] * 1
      try x.select(0, 0).mul_($0[1])
      try x.t().select(0, 2).add_(x.select(1, 0).clone())
      try x.select(0, 1).copy_($0[1].exp())
      return try x.square()
    }
    try expectGradients(of: inputs, "a view of a view, kept and changed") {
      let x = try $0[0] * 1.5
      let part = try x.t().narrow(0, 1, 2)
      try part.mul_(2)
      try x.mul_($0[1])
      try part.select(1, 1).div_(3).relu_()
      return try x.clone().mul_(part.select(0, 0).clone().unsqueeze(1))
    }
    try expectGradients(of: inputs, "a base that enters the graph") {
      let x = try Tensor.ones([4, 3], dtype: .float64)
      try x.narrow(0, 1, 2).copy_($0[0])
      try x.select(0, 0).mul_($0[1])
      try x.select(0, 1).zero_()
      return try x.pow(3)
    }
  }

  @Test func graphsOfManyChangesAreFreed() throws {
    let w = try Tensor([1.0], requiresGrad: true)
    let x = try Tensor.zeros([2])
    for _ in 0..<20_000 { try x.narrow(0, 0, 1).add_(w) }
    try x.backward(gradient: Tensor([1.0, 1.0]))
    #expect(try w.grad?.doubles() == [20_000])
  }

  @Test func aSecondPassNeedsTheGraph() throws {
    let w = try Tensor([1.0, 2.0], requiresGrad: true)
    let x = try Tensor.ones([2, 2])
    try x.select(0, 0).mul_(w)
    try x.backward(gradient: Tensor.onesLike(x), retainGraph: true)
    try x.backward(gradient: Tensor.onesLike(x))
    #expect(try w.grad?.doubles() == [2, 2])
    #expect(throws: TensorError.self) { try x.backward(gradient: Tensor.onesLike(x)) }
  }

  @Test func viewsMadeWithoutRecordingAreNotChangedBehindTheGraph() throws {
    let a = try Tensor([1.0, 2.0], requiresGrad: true)
    let x = try a * 1
    let hidden = try noGrad { try x.select(0, 0) }
    #expect(throws: TensorError.self) { try hidden.mul_(2) }
    try noGrad { _ = try hidden.mul_(2) }
    #expect(!hidden.requiresGrad)
    #expect(try x.doubles() == [2, 2])
  }

  @Test func stridedMemoryOfADetachedTensorIsRefused() throws {
    let w = try Tensor([1.0, 2.0], requiresGrad: true)
    let x = try Tensor.zeros([2, 2]).t().detach()
    #expect(throws: TensorError.self) { try x.select(0, 0).copy_(w) }
    #expect(throws: TensorError.self) { try x.add_(w) }
  }

  /// A stale view of a strided leaf keeps its node: no history can be read from strided memory.
  @Test func viewOfAStridedLeafThatChanged() throws {
    let w = try Tensor.zeros([100]).slice(0, step: 10).detach().requiresGrad_()
    let v = try w.slice(0, start: 5)
    try noGrad { _ = try w.add_(1) }
    #expect(v.node?.name == "SliceBackward0")
    try v.sum().backward()
    #expect(try w.grad?.doubles() == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
  }

  /// The result of an index has memory of its own, and keeps its history through a change in place.
  @Test func changedResultsOfIndicesKeepTheirGradient() throws {
    let index = try Tensor([2, 0])
    for pick: (Tensor) throws -> Tensor in [
      { try $0[index] }, { try $0.indexSelect(0, index) }, { try $0[.all, index] },
      { try $0.gather(0, Tensor([[2, 0, 1]])) },
      { try $0[$0.detach().gt(0)] },
    ] {
      let x = try Tensor([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]], requiresGrad: true)
      let plain = try pick(x)
      try plain.mul(3).sum().backward()
      let expected = try x.grad?.doubles()
      try x.setGrad(nil)
      let changed = try pick(x)
      let view = try changed.reshape([-1])
      try changed.mul_(3)
      try view.sum().backward()
      #expect(try x.grad?.doubles() == expected)
      try x.setGrad(nil)
      let shifted = try pick(x)
      try noGrad { _ = try shifted.add_(1) }
      try shifted.mul(3).sum().backward()
      #expect(try x.grad?.doubles() == expected)
    }
  }
}
