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
}
