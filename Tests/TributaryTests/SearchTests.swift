import Testing
import Tributary

@Suite struct SearchTests {
  @Test func placesInASortedRow() throws {
    let row = try Tensor([1, 3, 3, 5])
    let values = try Tensor([[0, 1, 3], [4, 5, 6]])
    #expect(try row.searchsorted(values).equal(Tensor([[0, 0, 1], [3, 3, 4]])))
    #expect(try row.searchsorted(values, right: true).equal(Tensor([[0, 1, 3], [3, 4, 4]])))
    // Of two dtypes: 3.5 is not 3.
    #expect(try row.searchsorted(Tensor([3.5])).equal(Tensor([3])))
    let rows = try Tensor([[1.0, 2], [5, Double.nan]])
    #expect(try rows.searchsorted(Tensor([[2.0], [Double.nan]])).equal(Tensor([[1], [1]])))
    #expect(
      try rows.searchsorted(Tensor([[2.0], [Double.nan]]), right: true).equal(Tensor([[2], [2]])))
    let turned = try Tensor([5, 1, 3])
    #expect(try turned.searchsorted(Tensor([4]), sorter: turned.argsort()).equal(Tensor([2])))
    #expect(try Tensor.zeros([0]).searchsorted(Tensor([4.0])).equal(Tensor([0])))
  }

  @Test func differentElementsAndHowManyOfEach() throws {
    let x = try Tensor([[3, 1], [3, 2]])
    let (values, inverse, counts) = try x.unique()
    #expect(try values.equal(Tensor([1, 2, 3])))
    #expect(try inverse.equal(Tensor([[2, 0], [2, 1]])))
    #expect(try counts.equal(Tensor([1, 1, 2])))
    let runs = try Tensor([1, 1, 2, 1]).uniqueConsecutive()
    #expect(try runs.values.equal(Tensor([1, 2, 1])))
    #expect(try runs.inverse.equal(Tensor([0, 0, 1, 2])))
    #expect(try runs.counts.equal(Tensor([2, 1, 1])))
    #expect(try Tensor([Double.nan, .nan]).unique().values.count == 2)
    #expect(try Tensor.zeros([2, 0]).unique().inverse.shape == [2, 0])
  }

  @Test func differentSlices() throws {
    let x = try Tensor([[2, 1], [1, 5], [2, 1], [2, 0]])
    let (values, inverse, counts) = try x.unique(dim: 0)
    #expect(try values.equal(Tensor([[1, 5], [2, 0], [2, 1]])))
    #expect(try inverse.equal(Tensor([2, 0, 2, 1])))
    #expect(try counts.equal(Tensor([1, 1, 2])))
    #expect(try x.t().unique(dim: -1).values.equal(values.t()))
    let runs = try Tensor([[1, 1, 2], [3, 3, 3]]).uniqueConsecutive(dim: 1)
    #expect(try runs.values.equal(Tensor([[1, 2], [3, 3]])))
    #expect(try runs.inverse.equal(Tensor([0, 0, 1])))
    #expect(try runs.counts.equal(Tensor([2, 1])))
    expectError("unique") { () throws(TensorError) in try Tensor.zeros([2, 0]).unique(dim: 0) }
    expectError("unique") { () throws(TensorError) in try x.unique(dim: 2) }
  }

  @Test func counting() throws {
    let x = try Tensor([2, 0, 2])
    #expect(try x.bincount().equal(Tensor([1, 0, 2])))
    #expect(try x.bincount(minlength: 5).equal(Tensor([1, 0, 2, 0, 0])))
    let weighted = try x.bincount(weights: Tensor([0.5, 1, 2]))
    #expect(try weighted.equal(Tensor([1, 0, 2.5])))
    #expect(try Tensor.zeros([0], dtype: .int64).bincount().shape == [0])
    expectError("bincount") { () throws(TensorError) in try Tensor([-1]).bincount() }
    expectError("bincount") { () throws(TensorError) in try Tensor([Int.max]).bincount() }
    let y = try Tensor([0, 0.5, 1, 2, Double.nan])
    #expect(try y.histc(bins: 2, min: 0, max: 2).equal(Tensor([2.0, 2])))
    #expect(try y.histc(bins: 2, min: 0.5, max: 1).equal(Tensor([1.0, 1])))
    #expect(try Tensor([3.0, 3]).histc(bins: 2).equal(Tensor([0.0, 2])))
    // What times the bins, or the width itself, is past the largest float32.
    let large = try Tensor([0, 1e38, 3e38]).to(.float32)
    #expect(try large.histc(bins: 100).select(0, 33).item() == 1)
    let wide = try Tensor([-3e38, 0, 3e38]).to(.float32)
    #expect(try wide.histc(bins: 3).equal(Tensor([1.0, 1, 1]).to(.float32)))
    expectError("histc") { () throws(TensorError) in
      try Tensor([-1e308, 1e308]).to(.float64).histc()
    }
    expectError("histc") { () throws(TensorError) in try y.histc(bins: 2, min: 1, max: 0) }
    expectError("histc") { () throws(TensorError) in try y.histc() }
  }
}
