import Testing
import Tributary
import TributaryParallel

@Suite struct SortTests {
  @Test func equalElementsKeepTheirOrder() throws {
    let x = try Tensor([3, 1, 3, 2, 1], dtype: .float32)
    let up = try x.sort()
    #expect(try up.values.scalars(as: Float.self) == [1, 1, 2, 3, 3])
    #expect(try up.indices.scalars(as: Int.self) == [1, 4, 3, 0, 2])
    let down = try x.sort(descending: true)
    #expect(try down.values.scalars(as: Float.self) == [3, 3, 2, 1, 1])
    #expect(try down.indices.scalars(as: Int.self) == [0, 2, 3, 1, 4])
    #expect(try x.argsort().scalars(as: Int.self) == [1, 4, 3, 0, 2])
    let top = try x.topk(2)
    #expect(try top.indices.scalars(as: Int.self) == [0, 2])
    #expect(try x.topk(2, largest: false).indices.scalars(as: Int.self) == [1, 4])
  }

  @Test func aNumberThatIsNoneIsTheGreatest() throws {
    let x = try Tensor([.nan, 1, Double.infinity, .nan, -Double.infinity], dtype: .float64)
    #expect(try x.argsort().scalars(as: Int.self) == [4, 1, 2, 0, 3])
    #expect(try x.argsort(descending: true).scalars(as: Int.self) == [0, 3, 2, 1, 4])
  }

  @Test(arguments: [1, 2, 3, 8]) func longRowsAreInOrder(width: Int) throws {
    let x = try Tensor.randint(0, 500, [40, 1001], generator: Generator(seed: 6))
    let found = try WorkerTeam.withTeam(WorkerTeam(width: width)) { try x.sort(dim: 1) }
    for row in 0..<40 {
      let numbers = try x.select(0, row).scalars(as: Int.self)
      let expected = numbers.enumerated().sorted {
        ($0.element, $0.offset) < ($1.element, $1.offset)
      }
      #expect(try found.values.select(0, row).scalars(as: Int.self) == expected.map(\.element))
      #expect(try found.indices.select(0, row).scalars(as: Int.self) == expected.map(\.offset))
    }
  }

  @Test func namesArePyTorchs() throws {
    let x = try Tensor([[1, 2], [4, 3]], dtype: .float32).requiresGrad_()
    #expect(try x.sort().values.gradFn?.name == "SortBackward0")
    #expect(try x.topk(1).values.gradFn?.name == "TopkBackward0")
    #expect(try x.cumsum(0).gradFn?.name == "CumsumBackward0")
    #expect(try x.maskedFill(x.gt(0), 1).gradFn?.name == "MaskedFillBackward0")
    #expect(try x.scatterAdd(0, Tensor([[0]]), x).gradFn?.name == "ScatterAddBackward0")
    #expect(try x.indexAdd(0, Tensor([0, 1]), x).gradFn?.name == "IndexAddBackward0")
  }

  @Test func scatteredSumsAreTakenInOrder() throws {
    let x = try Tensor([[1e8], [1], [-1e8]], dtype: .float32)
    let zeros = try Tensor.zeros([2, 1])
    let index = try Tensor([[1], [1], [1]])
    // 1e8 + 1 is 1e8 in float32: in another order the sum would be 1.
    #expect(try zeros.scatterAdd(0, index, x).scalars(as: Float.self) == [0, 0])
    #expect(try zeros.indexAdd(0, Tensor([1, 1, 1]), x).scalars(as: Float.self) == [0, 0])
  }
}
