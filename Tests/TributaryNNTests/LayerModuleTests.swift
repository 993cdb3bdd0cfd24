import Testing
import Tributary
import TributaryNN

@Suite struct LayerModuleTests {
  @Test func embeddingLooksUpItsRows() throws {
    let table = try Embedding(5, 3, paddingIdx: -1)
    #expect(table.weight.shape == [5, 3])
    #expect(table.parameters.count == 1 && table.weight.isLeaf && table.weight.requiresGrad)
    let out = try table(Tensor([[4, 1]]))
    #expect(out.shape == [1, 2, 3])
    #expect(try out.detach().select(1, 0).equal(.zeros([1, 3])))
    try out.sum().backward()
    #expect(try table.weight.grad?.sum(dim: 1).scalars(as: Float.self) == [0, 3, 0, 0, 0])
    #expect(throws: TensorError.self) { _ = try Embedding(5, 3, paddingIdx: 5) }
    #expect(throws: TensorError.self) { _ = try table(Tensor([5])) }
  }

  @Test func normsBeginAsTheFunctionsWithoutFactors() throws {
    let x = try Tensor.randn([2, 6, 4])
    let layer = try LayerNorm([6, 4])
    #expect(layer.parameters.map(\.shape) == [[6, 4], [6, 4]])
    #expect(try layer(x).detach().equal(layerNorm(x, [6, 4])))
    #expect(try LayerNorm([4], bias: false).parameters.count == 1)
    #expect(try LayerNorm([4], elementwiseAffine: false).parameters.isEmpty)
    let rms = try RMSNorm([4])
    #expect(rms.parameters.count == 1)
    #expect(try rms(x).detach().equal(rmsNorm(x, [4])))
    let group = try GroupNorm(3, 6)
    #expect(group.parameters.map(\.shape) == [[6], [6]])
    #expect(try group(x).detach().equal(groupNorm(x, 3)))
    #expect(throws: TensorError.self) { _ = try GroupNorm(4, 6) }
    #expect(throws: TensorError.self) { _ = try layer(Tensor.zeros([2, 4])) }
  }

  @Test func dropoutHasTwoModes() throws {
    let layer = try Dropout(0.5)
    let x = try Tensor.ones([1000])
    #expect(layer.isTraining && layer.parameters.isEmpty)
    #expect(try !layer(x).equal(x))
    layer.eval()
    #expect(try layer(x).equal(x))
    layer.train()
    #expect(try !layer(x).equal(x))
    #expect(throws: TensorError.self) { _ = try Dropout(1.1) }
  }
}
