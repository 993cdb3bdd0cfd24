import Testing
import Tributary

@Suite struct CrossEntropyTests {
  /// An error names the operation as it is called.
  @Test func errorsNameTheOperation() throws {
    let x = try Tensor.ones([2, 3])
    expectError("crossEntropy") { () throws(TensorError) in try crossEntropy(x, Tensor([0, 3])) }
    expectError("crossEntropy") { () throws(TensorError) in try crossEntropy(x, Tensor(0)) }
    expectError("mseLoss") { () throws(TensorError) in try mseLoss(x, .ones([4])) }
    expectError("logSoftmax") { () throws(TensorError) in try x.logSoftmax(dim: 2) }
    expectError("binaryCrossEntropyWithLogits") { () throws(TensorError) in
      try binaryCrossEntropyWithLogits(x, .ones([4]))
    }
  }

  /// One row without a dim of rows: recorded as PyTorch does, its gradient and the second one as of a batch.
  @Test func crossEntropyOfOneRow() throws {
    let values = [0.5, -1, 2]
    let (x, batch) = (
      try Tensor(values, requiresGrad: true), try Tensor([values], requiresGrad: true)
    )
    for reduction in [LossReduction.none, .sum, .mean] {
      let loss = try crossEntropy(x, Tensor(1), reduction: reduction)
      let same = try crossEntropy(batch, Tensor([1]), reduction: reduction).sum()
      #expect(loss.shape == [])
      #expect(try loss.item() == same.item())
      if reduction == .none { #expect(loss.gradFn?.name == "NllLossBackward0") }
      let first = try #require(Tensor.grad(of: [loss], withRespectTo: [x], createGraph: true)[0])
      let second = try #require(Tensor.grad(of: [first.pow(2).sum()], withRespectTo: [x])[0])
      let firstOfBatch = try #require(
        Tensor.grad(of: [same], withRespectTo: [batch], createGraph: true)[0])
      let secondOfBatch = try #require(
        Tensor.grad(
          of: [firstOfBatch.pow(2).sum()], withRespectTo: [batch])[0])
      #expect(try first.equal(firstOfBatch.squeeze(0)))
      #expect(try second.allclose(secondOfBatch.squeeze(0), rtol: 1e-6))
    }
  }

  /// An ignored row gives nothing to any gradient, whatever it holds.
  @Test(arguments: [LossReduction.mean, .none])
  func ignoredRowsOfACrossEntropy(_ reduction: LossReduction) throws {
    let x = try Tensor([[Double.nan, 1, 2], [1, 2, 3]], requiresGrad: true)
    let loss = try crossEntropy(x, Tensor([-100, 1]), reduction: reduction).sum()
    let first = try #require(Tensor.grad(of: [loss], withRespectTo: [x], createGraph: true)[0])
    #expect(try first[0].scalars(as: Double.self) == [0, 0, 0])
    let second = try #require(
      Tensor.grad(
        of: [first[1...].pow(2).sum()], withRespectTo: [x], createGraph: true)[0])
    #expect(try second[0].scalars(as: Double.self) == [0, 0, 0])
    #expect(try second[1].scalars(as: Double.self).allSatisfy { $0.isFinite && $0 != 0 })
    let third = try #require(Tensor.grad(of: [second[1...].pow(2).sum()], withRespectTo: [x])[0])
    #expect(try third[0].scalars(as: Double.self) == [0, 0, 0])
    #expect(try third[1].scalars(as: Double.self).allSatisfy(\.isFinite))
  }
}
