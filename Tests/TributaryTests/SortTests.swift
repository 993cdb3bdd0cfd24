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

  /// Few long rows are shared by their parts; a choice has the places of the order.
  @Test func longLinesAreInOrder() throws {
    let n = 140_001
    let whole = try Tensor.randint(-40_000, 40_000, [1, n], generator: Generator(seed: 9))
    let teams = [1, 2, 3, 8].map { WorkerTeam(width: $0) }
    for dtype in [DType.float32, .int64, .uint8] {
      let x = try whole.to(dtype)
      let own = try x.to(.float64).scalars(as: Double.self)
      for descending in [false, true] {
        let expected = own.indices.sorted {
          own[$0] == own[$1] ? $0 < $1 : (own[$0] < own[$1]) != descending
        }
        for team in teams {
          let (found, top) = try WorkerTeam.withTeam(team) {
            (
              try x.sort(dim: 1, descending: descending),
              try x.topk(70, dim: 1, largest: descending)
            )
          }
          #expect(try found.indices.scalars(as: Int.self) == expected, "\(dtype)")
          #expect(
            try found.values.to(.float64).scalars(as: Double.self) == expected.map { own[$0] },
            "\(dtype)")
          #expect(try top.indices.scalars(as: Int.self) == Array(expected[..<70]), "\(dtype)")
        }
      }
    }
  }

  @Test func zerosAndNumbersThatAreNoneKeepTheirBits() throws {
    let other = Float(bitPattern: 0xffc0_1234)
    let x = try Tensor([0, -0.0, .nan, -1, other, -0.0, 0] as [Float])
    let (values, indices) = try x.sort()
    #expect(try indices.scalars(as: Int.self) == [3, 0, 1, 5, 6, 2, 4])
    let bits = try values.scalars(as: Float.self).map(\.bitPattern)
    #expect(bits[1...4].map { $0 >> 31 } == [0, 1, 1, 0])
    #expect(bits[6] == other.bitPattern)
    #expect(try x.topk(1, largest: false).indices.item() == 3)
  }

  @Test func aChoiceIsThatOfTheOrder() throws {
    for n in [1, 7, 200, 5000] {
      let x = try Tensor.randint(0, 300, [3, n], generator: Generator(seed: 2))
      let order = try x.argsort(dim: 1, descending: true)
      for k in [1, 5, 40, 70, 1200, n] where k <= n {
        #expect(try x.topk(k, dim: 1).indices.equal(order.narrow(1, 0, k)), "\(k) of \(n)")
        #expect(
          try x.t().topk(k, dim: 0, largest: false).indices
            .equal(x.argsort(dim: 1).narrow(1, 0, k).t()))
      }
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
