import Testing
import Tributary

@Suite struct LossReductionTests {
  /// Few losses are gathered without a tensor of their own: the same bits, on both sides of the border.
  @Test(arguments: [DType.float32, .float64], [1, 6, 128, 129, 256, 257, 1_000])
  func gatheredAtOnceOrAfterwards(_ dtype: DType, _ n: Int) throws {
    let (x, y) = (
      try Tensor.randn([n], dtype: dtype), try Tensor.rand([n], dtype: dtype)
    )
    for loss in [mseLoss, binaryCrossEntropyWithLogits] {
      let each = try loss(x, y, .none)
      #expect(each.shape == [n])
      #expect(try loss(x, y, .mean).item() == each.mean().item())
      #expect(try loss(x, y, .sum).item() == each.sum().item())
      // Apart in memory, which takes the long way.
      let (apart, other) = (
        try Tensor.stack([x, x], dim: 1).select(1, 1),
        try Tensor.stack([y, y], dim: 1).select(1, 0)
      )
      #expect(try loss(apart, other, .mean).item() == each.mean().item())
    }
  }

  /// The mean's count is in the gradient kernel; in the gradients of the gradient and of the target it is a quotient.
  @Test(arguments: [LossReduction.mean, .sum])
  func gradientsOfMany(_ reduction: LossReduction) throws {
    let n = 300
    let x = try Tensor.randn([n], dtype: .float64, requiresGrad: true)
    let y = try Tensor.rand([n], dtype: .float64, requiresGrad: true)
    let count = reduction == .mean ? Double(n) : 1
    let loss = try binaryCrossEntropyWithLogits(x, y, reduction: reduction)
    let first = try Tensor.grad(of: [loss], withRespectTo: [x, y], createGraph: true)
    let (byX, byY) = (try #require(first[0]), try #require(first[1]))
    let (s, labels, logits) = (try x.detach().sigmoid(), y.detach(), x.detach())
    expectClose(byX, try (s - labels) / count)
    expectClose(byY, try logits.neg() / count)
    let second = try Tensor.grad(of: [byX.pow(2).sum()], withRespectTo: [x, y])
    let slope = try s * (1 - s)
    expectClose(try #require(second[0]), try 2 * (s - labels) * slope / (count * count))
    expectClose(try #require(second[1]), try -2 * (s - labels) / (count * count))
  }

  @Test func ofNothing() throws {
    let none = try Tensor.zeros([0], requiresGrad: true)
    for loss in [mseLoss, binaryCrossEntropyWithLogits] {
      #expect(try loss(none, .zeros([0]), .sum).item() == 0)
      let mean = try loss(none, .zeros([0]), .mean)
      #expect(try mean.item().isNaN)
      try mean.backward()
      #expect(none.grad?.shape == [0])
      try none.setGrad(nil)
    }
  }

  private func expectClose(_ found: Tensor, _ wanted: Tensor) {
    #expect(throws: Never.self) {
      let off = try (found.detach() - wanted).abs().max().item()
      #expect(off <= 1e-15)
    }
  }
}
