import Testing
import Tributary

@Suite struct InPlaceTests {
  @Test func valuesAndIdentity() throws {
    let x = try Tensor([1.0, 2.0, 3.0])
    #expect(try x.add_(1).mul_(2.0).sub_(Tensor([1.0])).div_(2) === x)
    #expect(try x.doubles() == [1.5, 2.5, 3.5])
    #expect(x.version == 4)
    try x.copy_(Tensor([1, -2, 3]))
    #expect(try x.doubles() == [1, -2, 3])
    try x.relu_()
    #expect(try x.doubles() == [1, 0, 3])
    try x.neg_().clamp_(min: -2)
    #expect(try x.doubles() == [-1, 0, -2])
    #expect(try x.fill_(4).doubles() == [4, 4, 4])
    #expect(try x.zero_().doubles() == [0, 0, 0])
  }

  @Test func viewsWriteThroughAndShareTheVersion() throws {
    let x = try Tensor([[1.0, 2.0], [3.0, 4.0]])
    try x.t().add_(Tensor([10.0, 20.0]))
    #expect(try x.doubles() == [11, 12, 23, 24])
    let row = try x.select(0, 1)
    try row.mul_(2)
    #expect(try x.doubles() == [11, 12, 46, 48])
    #expect(row.version == 2 && x.version == 2)
  }

  @Test func operandsThatOverlapTheTargetAreReadFirst() throws {
    let x = try Tensor([1.0, 2.0, 3.0, 4.0])
    try x.narrow(0, 1, 3).add_(x.narrow(0, 0, 3))
    #expect(try x.doubles() == [1, 3, 5, 7])
    try x.mul_(x.select(0, 1))
    #expect(try x.doubles() == [3, 9, 15, 21])
    let square = try Tensor([[1.0, 2.0], [3.0, 4.0]])
    try square.copy_(square.t())
    #expect(try square.doubles() == [1, 3, 2, 4])
    try square.add_(square)
    #expect(try square.doubles() == [2, 6, 4, 8])
  }

  @Test func widerOperandsAreComputedWideAndStoredNarrow() throws {
    let x = try Tensor([1.0])
    try x.add_(Tensor([0.25], dtype: .float64))
    #expect(x.dtype == .float32)
    #expect(try x.doubles() == [1.25])
  }

  @Test func historyIsRebased() throws {
    let a = try Tensor([1.0, 2.0], requiresGrad: true)
    let b = try Tensor([3.0, 4.0], requiresGrad: true)
    let x = try a * 2
    try x.mul_(b)
    #expect(x.gradFn?.name == "MulBackward0")
    try x.add_(b).div_(b).sub_(a)
    #expect(x.gradFn?.name == "SubBackward0")
    try x.backward(gradient: Tensor([1.0, 1.0]))
    #expect(try a.grad?.doubles() == [1, 1])
    #expect(try b.grad?.allclose(Tensor([0.0, 0.0]), atol: 1e-6) == true)
  }

  @Test func aPlainTensorEntersTheGraph() throws {
    let w = try Tensor([1.0, 2.0], requiresGrad: true)
    let x = try Tensor.zeros([2])
    try x.add_(w).mul_(3)
    #expect(x.requiresGrad && !x.isLeaf)
    try x.backward(gradient: Tensor([1.0, 1.0]))
    #expect(try w.grad?.doubles() == [3, 3])
  }

  @Test func gradientsAgreeWithDifferences() throws {
    var numbers = Numbers(31)
    let inputs = [
      try numbers.tensor([2, 3], in: 0.5...2), try numbers.tensor([3], in: 0.5...2),
    ]
    try expectGradients(of: inputs, "chain in place") {
      let x = try $0[0] * 1.5
      try x.mul_($0[1]).add_($0[1]).div_($0[1])
      try x.sub_($0[0]).neg_().mul_(0.5).div_(3).add_(1)
      return x
    }
    try expectGradients(of: inputs, "relu_ and clamp_") {
      try (($0[0] - $0[1]).relu_() * 2).clamp_(max: 1)
    }
    try expectGradients(of: inputs, "copy_") {
      let x = try $0[0] * 2
      try x.copy_($0[1])
      return try x * $0[0]
    }
    try expectGradients(of: inputs, "zero_") {
      let x = try $0[0] * 2
      try x.zero_().add_($0[1])
      return try x * $0[0]
    }
  }

  @Test func savedTensorsThatWereChangedAreRefused() throws {
    let a = try Tensor([1.0, 2.0], requiresGrad: true)
    let y = try a.exp()
    try y.add_(1)
    #expect(throws: TensorError.self) { try y.backward(gradient: Tensor([1.0, 1.0])) }
    #expect(a.grad == nil)
    let square = try a * 1
    let z = try square * square
    try square.select(0, 0).zero_()
    #expect(throws: TensorError.self) { try z.backward(gradient: Tensor([1.0, 1.0])) }
    // A result that its node does not need may be changed.
    let sum = try a + 1
    try sum.mul_(2)
    try sum.backward(gradient: Tensor([1.0, 1.0]))
    #expect(try a.grad?.doubles() == [2, 2])
  }

  @Test func leavesMayNotBeChangedWhileRecording() throws {
    let w = try Tensor([1.0, 2.0], requiresGrad: true)
    #expect(throws: TensorError.self) { try w.add_(1) }
    #expect(throws: TensorError.self) { try w.zero_() }
    #expect(throws: TensorError.self) { try w.select(0, 0).mul_(2) }
    #expect(try w.doubles() == [1, 2])
    _ = try noGrad { try w.sub_(Tensor([0.5, 0.5])) }
    #expect(try w.doubles() == [0.5, 1.5])
    #expect(w.isLeaf && w.requiresGrad)
    try w.detach().mul_(2)
    #expect(try w.doubles() == [1, 3])
  }

  @Test func overlappingViewsMayNotBeChanged() throws {
    let x = try Tensor([[1.0], [2.0]]).expand([2, 3])
    #expect(throws: TensorError.self) { try x.add_(1) }
    #expect(throws: TensorError.self) { try x.zero_() }
  }

  @Test func theRetainedGradientIsThatOfTheNewValue() throws {
    let a = try Tensor([1.0, 2.0], requiresGrad: true)
    let x = try a * 2
    try x.retainGrad()
    try x.mul_(3)
    try (x * 5).backward(gradient: Tensor([1.0, 1.0]))
    #expect(try x.grad?.doubles() == [5, 5])
    #expect(try a.grad?.doubles() == [30, 30])
  }
}
