import Testing
import Tributary
import TributaryParallel

@Suite struct EmbeddingTests {
  @Test func looksUpRows() throws {
    let table = try Tensor([[1, 2], [3, 4], [5, 6]], dtype: .float32)
    let found = try embedding(Tensor([[2, 0], [1, 1]], dtype: .int32), table)
    #expect(found.shape == [2, 2, 2])
    #expect(try found.scalars(as: Float.self) == [5, 6, 1, 2, 3, 4, 3, 4])
  }

  @Test func gradientsAreSummedInOrder() throws {
    let table = try Tensor.zeros([3, 1], requiresGrad: true)
    let out = try embedding(Tensor([1, 1, 2, 1]), table, paddingIdx: 2)
    try out.backward(gradient: Tensor([[1e8], [1], [7], [-1e8]], dtype: .float32))
    // In float32 1e8 + 1 is 1e8: in another order the sum would be 1. The padding gets none.
    #expect(try table.grad?.scalars(as: Float.self) == [0, 0, 0])
  }

  /// A mean gives an expanded gradient back, which is read where it lies; so many rows are sorted by several workers.
  @Test(arguments: [1, 2, 3, 8]) func widthsAndStridesGiveTheSameBits(width: Int) throws {
    let generator = Generator(seed: 1)
    let indices = try Tensor.randint(0, 999, [7000, 8], generator: generator)
    let g = try Tensor.randn([7000, 9], generator: generator)
    let expanded = try g.unsqueeze(1).expand([7000, 8, 9])
    let turned = try expanded.transpose(0, 2).contiguous().transpose(0, 2)
    func gradient(_ g: Tensor, _ width: Int) throws -> Tensor? {
      let table = try Tensor.zeros([999, 9], requiresGrad: true)
      return try WorkerTeam.withTeam(WorkerTeam(width: width)) {
        try Tensor.grad(
          of: [embedding(indices, table, paddingIdx: 7)], withRespectTo: [table], gradients: [g])[0]
      }
    }
    let expected = try #require(try gradient(expanded.clone(), 1))
    #expect(try gradient(expanded, width)?.equal(expected) == true)
    #expect(try gradient(turned, width)?.equal(expected) == true)
    #expect(try gradient(expanded.clone(), width)?.equal(expected) == true)
  }
}
