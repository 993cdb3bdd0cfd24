import Testing
import Tributary

/// `gradFn` has the name that PyTorch 2 gives the last node of the same operation. Functions of one and two tensors
/// have theirs in UnaryTests and BinaryTests, views in ViewTests, indices in IndexingTests.
@Suite struct GradFnNameTests {
  private let number, vector, matrix, stack, deep: Tensor

  init() throws {
    number = try Tensor.ones([], requiresGrad: true)
    vector = try Tensor.ones([3], requiresGrad: true)
    matrix = try Tensor.ones([3, 3], requiresGrad: true)
    stack = try Tensor.ones([2, 3, 3], requiresGrad: true)
    deep = try Tensor.ones([2, 2, 3, 3], requiresGrad: true)
  }

  private func expect(
    _ name: String, _ x: Tensor?, _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(x?.gradFn?.name == name, sourceLocation: location)
  }

  @Test func products() throws {
    expect("DotBackward0", try vector.matmul(vector))
    expect("DotBackward0", try vector.dot(vector))
    expect("MvBackward0", try matrix.matmul(vector))
    expect("MvBackward0", try matrix.mv(vector))
    expect("SqueezeBackward4", try vector.matmul(matrix))
    expect("MmBackward0", try matrix.matmul(matrix))
    expect("MmBackward0", try matrix.mm(matrix))
    expect("BmmBackward0", try stack.bmm(stack))
    for batch in [stack, deep] {
      expect("UnsafeViewBackward0", try batch.matmul(vector))
      expect("UnsafeViewBackward0", try vector.matmul(batch))
      expect("UnsafeViewBackward0", try batch.matmul(matrix))
      expect("UnsafeViewBackward0", try matrix.detach().matmul(batch))
      expect("UnsafeViewBackward0", try batch.matmul(stack))
      expect("UnsafeViewBackward0", try batch.matmul(deep))
    }
    let empty = try Tensor.ones([2, 0, 3], requiresGrad: true)
    expect("UnsafeViewBackward0", try empty.matmul(matrix))
    expect("UnsafeViewBackward0", try empty.matmul(stack))
  }

  @Test func linearLayers() throws {
    expect("SqueezeBackward4", try linear(vector, matrix))
    expect("MmBackward0", try linear(matrix, matrix))
    expect("AddmmBackward0", try linear(matrix, matrix, vector))
    for input in [stack, deep] {
      expect("UnsafeViewBackward0", try linear(input, matrix))
      expect("UnsafeViewBackward0", try linear(input, matrix, vector))
    }
    expect("UnsafeViewBackward0", try linear(vector, matrix, vector))
  }

  @Test func reductions() throws {
    for x in [number, matrix] {
      expect("SumBackward0", try x.sum())
      expect("SumBackward1", try x.sum(dim: 0))
      expect("SumBackward1", try x.sum(dim: []))
      expect("MeanBackward0", try x.mean())
      expect("MeanBackward1", try x.mean(dim: -1, keepDim: true))
      expect("MeanBackward1", try x.mean(dim: [0]))
      expect("AmaxBackward0", try x.amax())
      expect("AmaxBackward0", try x.amax(dim: [0]))
      expect("AminBackward0", try x.amin(dim: [-1]))
      expect("MaxBackward1", try x.max())
      expect("MinBackward1", try x.min())
      expect("MaxBackward0", try x.max(dim: 0).values)
      expect("MinBackward0", try x.min(dim: 0).values)
      expect("LogsumexpBackward0", try x.logsumexp(dim: 0))
      expect("SoftmaxBackward0", try x.softmax(dim: 0))
      expect("LogSoftmaxBackward0", try x.logSoftmax(dim: 0))
    }
  }

  @Test func losses() throws {
    let labels = try Tensor([0, 1, 2])
    for reduction in [LossReduction.none, .mean, .sum] {
      expect("MseLossBackward0", try mseLoss(vector, vector, reduction: reduction))
      expect(
        "BinaryCrossEntropyWithLogitsBackward0",
        try binaryCrossEntropyWithLogits(vector, vector, reduction: reduction))
      expect("NllLossBackward0", try crossEntropy(matrix, labels, reduction: reduction))
      expect("NllLossBackward0", try crossEntropy(vector, Tensor(1), reduction: reduction))
    }
  }

  @Test func numbersBesideTensors() throws {
    let condition = try vector.gt(0)
    expect("WhereBackward0", try Tensor.where(condition, vector, 0.0))
    expect("WhereBackward0", try Tensor.where(condition, 0, vector))
    expect("RemainderBackward0", try vector % 2)
    expect("FmodBackward0", try vector.fmod(2))
    expect("RsubBackward1", try 1 - vector)
    expect("MulBackward0", try 2 / vector)
    expect("DivBackward0", try vector / 2)
    expect("DivBackward2", try vector.div(2, roundingMode: .floor))
    expect("PowBackward2", try Tensor.pow(2, vector))
    expect("ClampBackward1", try vector.clamp(min: 0, max: 1))
    expect("ClampBackward1", try vector.clamp(min: 0.0))
  }

  @Test func joinsAndCopies() throws {
    expect("CatBackward0", try Tensor.cat([matrix]))
    expect("StackBackward0", try Tensor.stack([matrix]))
    expect("SplitBackward0", try matrix.split(3)[0])
    expect("SplitWithSizesBackward0", try matrix.split([1, 2])[1])
    expect("SplitBackward0", try matrix.chunk(2)[1])
    expect("UnbindBackward0", try matrix.unbind()[2])
    expect("RepeatBackward0", try vector.repeat([1]))
    expect("RepeatBackward0", try vector.tile([2]))
    expect("FlipBackward0", try vector.flip([0]))
    expect("CloneBackward0", try matrix.clone())
    expect("CloneBackward0", try matrix.t().contiguous())
    expect("ToCopyBackward0", try matrix.to(.float64))
    expect("UnsafeViewBackward0", try matrix.t().reshape([9]))
    expect("UnsafeViewBackward0", try matrix.t().flatten())
    expect("ViewBackward0", try number.flatten())
    expect("TBackward0", try vector.t())
    expect("GatherBackward0", try matrix.gather(0, Tensor([[0]])))
    expect("IndexSelectBackward0", try vector.indexSelect(0, Tensor([0])))
  }

  @Test func changesInPlace() throws {
    let changes: [(String, (Tensor) throws -> Tensor)] = [
      ("AddBackward0", { try $0.add_(vector) }), ("AddBackward0", { try $0.add_(1) }),
      ("SubBackward0", { try $0.sub_(vector) }), ("SubBackward0", { try $0.sub_(1) }),
      ("MulBackward0", { try $0.mul_(vector) }), ("MulBackward0", { try $0.mul_(2) }),
      ("DivBackward0", { try $0.div_(vector) }), ("DivBackward0", { try $0.div_(2) }),
      ("NegBackward0", { try $0.neg_() }), ("ReluBackward0", { try $0.relu_() }),
      ("ClampBackward1", { try $0.clamp_(min: 0) }), ("CopyBackwards", { try $0.copy_(vector) }),
      ("ZeroBackward0", { try $0.zero_() }), ("FillBackward2", { try $0.fill_(1) }),
    ]
    for (name, change) in changes { expect(name, try change(vector.clone())) }
    let whole = try matrix.clone()
    let row = try whole.select(0, 0)
    expect("AsStridedBackward0", try row.mul_(2))
    expect("CopySlices", whole)
  }

  /// Of the gradients of a recorded pass, whose own `gradFn` is the node of the gradient's kernel.
  @Test func gradientsOfGradients() throws {
    func expectGradient(
      _ name: String, of x: Tensor, _ location: SourceLocation = #_sourceLocation,
      _ body: (Tensor) throws -> Tensor
    ) throws {
      let y = try body(x)
      let seed = try Tensor.ones(y.shape, requiresGrad: true)
      let found = try Tensor.grad(
        of: [y], withRespectTo: [x], gradients: [seed], createGraph: true)
      expect(name, found[0], location)
    }
    try expectGradient("ThresholdBackwardBackward0", of: vector) { try $0.relu() }
    try expectGradient("LeakyReluBackwardBackward0", of: vector) { try $0.leakyRelu() }
    try expectGradient("SoftplusBackwardBackward0", of: vector) { try $0.softplus() }
    try expectGradient("GeluBackwardBackward0", of: vector) { try $0.gelu() }
    try expectGradient("SigmoidBackwardBackward0", of: vector) { try $0.sigmoid() }
    try expectGradient("TanhBackwardBackward0", of: vector) { try $0.tanh() }
    try expectGradient("SelectBackwardBackward0", of: matrix) { try $0.select(0, 0) }
    try expectGradient("SliceBackwardBackward0", of: matrix) { try $0.slice(0, start: 1) }
    try expectGradient("DiagonalBackwardBackward0", of: matrix) { try $0.diagonal() }
    try expectGradient("SoftmaxBackwardDataBackward0", of: vector) { try $0.softmax(dim: 0) }
    try expectGradient("LogSoftmaxBackwardDataBackward0", of: vector) { try $0.logSoftmax(dim: 0) }
    try expectGradient("MseLossBackwardBackward0", of: vector) { try mseLoss($0, vector.detach()) }
  }
}
