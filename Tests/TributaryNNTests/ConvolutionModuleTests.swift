import Testing
import Tributary
import TributaryNN

@Suite struct ConvolutionModuleTests {
  @Test func convolutionsHavePyTorchsForm() throws {
    let layer = try Conv2d(4, 6, [3, 2], groups: 2, generator: Generator(seed: 1))
    #expect(layer.weight.shape == [6, 2, 3, 2])
    #expect(layer.bias?.shape == [6])
    #expect(layer.parameters.count == 2)
    let values = try layer.weight.detach().scalars(as: Double.self)
    // 1/√12, and filled to the bounds.
    #expect(values.allSatisfy { abs($0) <= 0.288676 } && values.contains { abs($0) > 0.25 })
    let x = try Tensor.randn([2, 4, 5, 5])
    #expect(try layer(x).equal(conv2d(x, layer.weight, layer.bias, groups: 2)))
    #expect(try Conv1d(3, 2, 3, bias: false).parameters.map(\.shape) == [[2, 3, 3]])
    #expect(try Conv1d(3, 2, 3, padding: .same)(Tensor.ones([3, 7])).shape == [2, 7])
    #expect(try Conv3d(1, 2, 2, stride: 2)(Tensor.ones([1, 1, 4, 4, 6])).shape == [1, 2, 2, 2, 3])
    #expect(throws: TensorError.self) { _ = try Conv2d(3, 4, 3, groups: 2) }
    #expect(throws: TensorError.self) { _ = try Conv2d(3, 4, [3, 3, 3]) }
    #expect(throws: TensorError.self) { _ = try Conv2d(-3, 4, 3) }
  }

  @Test func batchNormMovesItsStatisticsWhileTraining() throws {
    let layer = try BatchNorm2d(2, momentum: 0.5)
    #expect(layer.parameters.map(\.shape) == [[2], [2]])
    let x = try Tensor([[[[1.0, 3]], [[5, 5]]]])
    _ = try layer(x)
    #expect(try layer.runningMean.equal(Tensor([1.0, 2.5])))
    #expect(try layer.runningVar.equal(Tensor([1.5, 0.5])))
    // The model's copy is of one mode with this one.
    let model = Sequential([Activation { $0 }, Sequential([layer, try Dropout(0.5)])])
    #expect(layer.isTraining)
    model.eval()
    #expect(!layer.isTraining)
    #expect(try model(x).equal(layer(x)))
    let y = try layer(x)
    #expect(try layer.runningMean.equal(Tensor([1.0, 2.5])))
    let expected = try batchNorm(
      x, runningMean: layer.runningMean, runningVar: layer.runningVar, weight: layer.weight,
      bias: layer.bias)
    #expect(try y.equal(expected))
    #expect(try BatchNorm1d(3)(Tensor.randn([4, 3])).shape == [4, 3])
    #expect(try BatchNorm3d(3)(Tensor.randn([4, 3, 2, 2, 2])).shape == [4, 3, 2, 2, 2])
    #expect(throws: TensorError.self) { _ = try layer(Tensor.ones([2, 2])) }
  }

  @Test func poolingAndFlatten() throws {
    let x = try Tensor.arange(0, 32).to(.float32).reshape([1, 2, 4, 4])
    #expect(try MaxPool2d(2)(x).equal(x.maxPool2d(2)))
    #expect(try MaxPool2d(2, stride: 1, padding: 1)(x).shape == [1, 2, 5, 5])
    #expect(try AdaptiveAvgPool2d([2, 1])(x).equal(x.adaptiveAvgPool2d([2, 1])))
    #expect(try Flatten()(x).shape == [1, 32])
  }
}
