import Testing
import Tributary

@Suite struct IndexingTests {
  private func cube() throws -> Tensor { try Tensor.arange(24).reshape([2, 3, 4]) }

  @Test func integersAndRangesAreViews() throws {
    let x = try cube()
    #expect(try x[1, 2, 3].item() == 23)
    #expect(try x[-1, -1, -1].item() == 23)
    #expect(try x[0..., 1..<3].shape == [2, 2, 4])
    #expect(try x[.all, 1...1, ..<2].scalars(as: Int.self) == [4, 5, 16, 17])
    #expect(try x[.ellipsis, 0].shape == [2, 3])
    #expect(try x[0, .ellipsis, 1...].shape == [3, 3])
    #expect(try x[.newAxis, 1].shape == [1, 3, 4])
    #expect(try x[.all, .newAxis].shape == [2, 1, 3, 4])
    #expect(try x[0, 0, .slice(-1, nil)].scalars(as: Int.self) == [3])
    #expect(try x[0, 0, .slice(nil, nil, step: 3)].scalars(as: Int.self) == [0, 3])
    #expect(try x[0, 0, ...(-1)].count == 4)
    #expect(try x[0, 0, 2..<99].count == 2)
    #expect(try x[1].buffer === x.buffer)
    #expect(try x[.ellipsis] !== x)
    #expect(try x.index([Int(1).tensorIndex, .all]).shape == [3, 4])
  }

  @Test func nodeNames() throws {
    let x = try Tensor.zeros([2, 3], requiresGrad: true)
    #expect(try x[0].gradFn?.name == "SelectBackward0")
    #expect(try x[0...].gradFn?.name == "SliceBackward0")
    #expect(try x[.newAxis].gradFn?.name == "UnsqueezeBackward0")
    #expect(try x[.ellipsis].gradFn?.name == "AliasBackward0")
    #expect(try x[.all].gradFn?.name == "SliceBackward0")
    #expect(try x[.all, .all].gradFn?.name == "AliasBackward0")
    #expect(try x[Tensor([0])].gradFn?.name == "IndexBackward0")
  }

  @Test func tensorsPickPositions() throws {
    let x = try cube()
    #expect(try x[Tensor([1, 0, 1])].shape == [3, 3, 4])
    #expect(try x[Tensor([1, -2]), 0].scalars(as: Int.self) == [12, 13, 14, 15, 0, 1, 2, 3])
    #expect(try x[.all, Tensor([2, 0])].scalars(as: Int.self).prefix(5) == [8, 9, 10, 11, 0])
    #expect(
      try x[Tensor([0, 1]), Tensor([2, 1]), Tensor([3, 0])].scalars(as: Int.self) == [11, 16])
    // Adjacent index tensors put their dims where the first stands; parted ones, in front.
    #expect(try x[.all, Tensor([0, 1]), Tensor([2, 3])].shape == [2, 2])
    #expect(try x[Tensor([0, 1, 0]), .all, Tensor([1])].shape == [3, 3])
    #expect(try x[.all, Tensor([[0], [1]]), Tensor([[2, 3]])].shape == [2, 2, 2])
    #expect(try x[Tensor([] as [Int])].shape == [0, 3, 4])
    #expect(try x[Tensor([Int32(1)])].shape == [1, 3, 4])
    #expect(try x.transpose(0, 2)[Tensor([3])].scalars(as: Int.self) == [3, 15, 7, 19, 11, 23])
  }

  @Test func tensorsWithoutDimsAreIntegers() throws {
    let x = try cube()
    #expect(try x[Tensor(1)].buffer === x.buffer)
    #expect(try x[Tensor(-1), 0, Tensor(Int32(2))].item() == 14)
    // Not an index tensor that others are parted from: the dims of the second come where it stands.
    let mixed = try x[Tensor(0), .all, Tensor([1, 2, 0, 0, 0])]
    #expect(try mixed.equal(x[0, .all, Tensor([1, 2, 0, 0, 0])]))
    #expect(mixed.shape == [3, 5])
    let y = try Tensor.zeros([2, 3], requiresGrad: true)
    #expect(try y[Tensor(0)].gradFn?.name == "SelectBackward0")
    expectError("index") { () throws(TensorError) in try x[Tensor(2)] }
  }

  @Test func boolsPickWhereTrue() throws {
    let x = try Tensor([[1, -2], [-3, 4]])
    let mask = try Tensor([[true, false], [false, true]])
    #expect(try x[mask].scalars(as: Int.self) == [1, 4])
    #expect(try x[Tensor([false, true])].scalars(as: Int.self) == [-3, 4])
    #expect(try x[Tensor([[false, false], [false, false]])].shape == [0])
    #expect(try x[.all, Tensor([true, false])].scalars(as: Int.self) == [1, -3])
    #expect(try mask.nonzero().scalars(as: Int.self) == [0, 0, 1, 1])
    #expect(try x.t().nonzero().shape == [4, 2])
    let y = try Tensor([[[0.0, 1, 0], [.nan, 0, -2]], [[0, 0, 0], [0, 0, 3]]]).transpose(0, 2)
    #expect(try y.nonzero().equal(Tensor([[0, 1, 0], [1, 0, 0], [2, 1, 0], [2, 1, 1]])))
    #expect(try Tensor(3).nonzero().shape == [1, 0])
    #expect(try Tensor(0).nonzero().shape == [0, 0])
    #expect(try Tensor.ones([2, 0, 3]).nonzero().shape == [0, 3])
  }

  @Test func selectsAndGathers() throws {
    let x = try Tensor([[1, 2, 3], [4, 5, 6]])
    #expect(try x.indexSelect(1, Tensor([2, 0])).scalars(as: Int.self) == [3, 1, 6, 4])
    #expect(try x.indexSelect(0, Tensor(1)).shape == [1, 3])
    #expect(try x.gather(1, Tensor([[0], [2]])).scalars(as: Int.self) == [1, 6])
    #expect(try x.gather(0, Tensor([[1, 0]])).scalars(as: Int.self) == [4, 2])
    #expect(try Tensor(7).gather(0, Tensor(0)).item() == 7)
    let y = try Tensor.zeros([2, 3], requiresGrad: true)
    #expect(try y.gather(1, Tensor([[0]])).gradFn?.name == "GatherBackward0")
    #expect(try y.indexSelect(0, Tensor([0])).gradFn?.name == "IndexSelectBackward0")
    expectError("indexSelect") { () throws(TensorError) in try x.indexSelect(0, Tensor([2])) }
    expectError("indexSelect") { () throws(TensorError) in try x.indexSelect(0, Tensor([[0]])) }
    expectError("indexSelect") { () throws(TensorError) in try x.indexSelect(0, Tensor([0.0])) }
    expectError("gather") { () throws(TensorError) in try x.gather(1, Tensor([[3]])) }
    expectError("gather") { () throws(TensorError) in try x.gather(1, Tensor([0])) }
    expectError("gather") { () throws(TensorError) in try x.gather(1, Tensor([[0], [0], [0]])) }
  }

  @Test func gradientsAddUpAtRepeatedPositions() throws {
    let x = try Tensor.zeros([3], requiresGrad: true)
    try x[Tensor([2, 0, 2, 2])].backward(gradient: Tensor([1.0, 10, 100, 1000]))
    #expect(try #require(x.grad).scalars(as: Int.self) == [10, 0, 1101])
    // Large enough to be split.
    let table = try Tensor.zeros([500, 64], requiresGrad: true)
    let rows = try Tensor.arange(3000).mul(7)
    let picked = try table[
      Tensor(scalars: rows.scalars(as: Int.self).map { $0 % 500 }, shape: [3000])]
    try picked.backward(gradient: Tensor.ones([3000, 64]))
    #expect(try #require(table.grad).scalars(as: Int.self).allSatisfy { $0 == 6 })
  }

  /// A gradient without elements takes no memory for the rows that it does not have.
  @Test func gradientOfManyEmptyRows() throws {
    let x = try Tensor.zeros([1 << 50, 0], requiresGrad: true)
    try x[Tensor([5])].sum().backward()
    #expect(x.grad?.shape == [1 << 50, 0])
  }

  @Test func whatAnIndexKeepsGoesWithTheGraph() throws {
    let x = try Tensor.ones([3, 2], requiresGrad: true)
    let index = try Tensor([[0, 1]])
    for picked in [try x[Tensor([0])], try x.gather(0, index), try x.indexSelect(1, Tensor(0))] {
      let sum = try picked.sum()
      try sum.backward()
      #expect(throws: TensorError.self) { try sum.backward() }
    }
  }

  @Test func badInput() throws {
    let x = try cube()
    expectError("index") { () throws(TensorError) in try x[2] }
    expectError("index") { () throws(TensorError) in try x[0, -4] }
    expectError("index") { () throws(TensorError) in try x[0, 0, 0, 0] }
    expectError("index") { () throws(TensorError) in try x[.ellipsis, 0, .ellipsis] }
    expectError("index") { () throws(TensorError) in try x[Tensor([0, 2])] }
    expectError("index") { () throws(TensorError) in try x[Tensor([0, -3])] }
    expectError("index") { () throws(TensorError) in try x[Tensor([0.5])] }
    expectError("index") { () throws(TensorError) in try x[Tensor([UInt8(1), 0])] }
    expectError("index") { () throws(TensorError) in try x[Tensor([true, false, true])] }
    expectError("index") { () throws(TensorError) in try x[Tensor(true)] }
    expectError("index") { () throws(TensorError) in try x[Tensor([0, 1]), Tensor([0, 1, 2])] }
    expectError("slice") { () throws(TensorError) in try x[.slice(0, 2, step: 0)] }
    do throws(TensorError) {
      _ = try x[0, 5]
      Issue.record("threw nothing")
    } catch {
      #expect(error.description.contains("index 5"))
      #expect(error.shapes == [[3, 4]])
    }
  }

  @Test func indexAddOfIntegersIsExact() throws {
    let base = try Tensor.zeros([2], dtype: .int64)
    let source = try Tensor([16_777_217]).to(.int64)
    let index = try Tensor([1]).to(.int64)
    let sum = try base.indexAdd(0, index, source, alpha: 2)
    #expect(try sum.scalars(as: Int.self) == [0, 33_554_434])
    #expect(throws: TensorError.self) { try base.indexAdd(0, index, source, alpha: 0.5) }
  }

  @Test func oneHotOfExtremesIsAnError() throws {
    let greatest = try Tensor.full([1], Int.max, dtype: .int64)
    #expect(throws: TensorError.self) { try greatest.oneHot() }
    #expect(throws: TensorError.self) { try greatest.oneHot(numClasses: .min) }
  }
}
