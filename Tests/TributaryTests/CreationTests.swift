import Testing
import Tributary

@Suite struct CreationTests {
  @Test func aShapeOfTooManyDimsSaysSo() {
    do throws(TensorError) {
      _ = try Tensor.zeros([1, 2, 3, 4, 5, 6, 7, 8, 9])
      Issue.record("threw nothing")
    } catch {
      #expect(error.description.contains("9 dims are more than the 8"))
      #expect(error.description.contains("[1, 2, 3, 4, 5, 6, 7, 8, …]"))
    }
  }

  @Test(arguments: DType.allCases) func fillsEveryDType(dtype: DType) throws {
    #expect(try Tensor.zeros([2, 3], dtype: dtype).scalars(as: Int.self) == [0, 0, 0, 0, 0, 0])
    #expect(try Tensor.ones([3], dtype: dtype).scalars(as: Int.self) == [1, 1, 1])
    let three = try Tensor.full([2], 3, dtype: dtype)
    #expect(try three.scalars(as: Int.self) == (dtype == .bool ? [1, 1] : [3, 3]))
    #expect(three.dtype == dtype)
    #expect(try Tensor.empty([4, 0], dtype: dtype).scalars(as: Int.self) == [])
  }

  @Test func fillsLargeTensorsWhole() throws {
    let x = try Tensor.full([300, 333], 0.5)
    #expect(try x.scalars(as: Float.self).allSatisfy { $0 == 0.5 })
    let line = try Tensor.arange(100_000)
    #expect(try line.scalars(as: Int.self) == Array(0..<100_000))
  }

  /// Memory holds anything, and a bool is 0 or 1: who reads one otherwise is undefined.
  @Test func unwrittenBoolsAreBools() throws {
    for _ in 0..<20 {
      for make in [
        { try Tensor.empty([1000], dtype: .bool) },
        { try Tensor.emptyLike(.full([1000], true)) },
        { try Tensor.emptyLike(.zeros([1000]), dtype: .bool) },
      ] as [() throws -> Tensor] {
        // Freed at once, and its memory handed out again.
        _ = try Tensor.full([1000], 255, dtype: .uint8)
        let x = try make()
        let bytes = UnsafeRawBufferPointer(start: x.pointer, count: x.count)
        #expect(bytes.allSatisfy { $0 <= 1 })
        withExtendedLifetime(x) {}
      }
    }
  }

  @Test func likeTakesShapeAndDType() throws {
    let x = try Tensor([[1, 2], [3, 4]], dtype: .int32).transpose(0, 1)
    for like in [try Tensor.zerosLike(x), try Tensor.onesLike(x), try Tensor.fullLike(x, 7)] {
      #expect(like.shape == [2, 2])
      #expect(like.dtype == .int32)
      #expect(like.isContiguous)
    }
    #expect(try Tensor.emptyLike(x, dtype: .float64).dtype == .float64)
    #expect(try Tensor.onesLike(x, dtype: .float32, requiresGrad: true).requiresGrad)
  }

  @Test func dtypesOfLiterals() throws {
    #expect(try Tensor([1, 2]).dtype == .int64)
    #expect(try Tensor([1, 2.5]).dtype == .float32)
    #expect(try Tensor([true]).dtype == .bool)
    #expect(try Tensor([Float(1)]).dtype == .float32)
    #expect(try Tensor([UInt8(1)]).dtype == .uint8)
    #expect(try Tensor([1.5], dtype: .float64).dtype == .float64)
    #expect(try Tensor(3).dtype == .int64)
    #expect(try Tensor(3.5).item() == 3.5)
    #expect(try Tensor(scalars: [1.0, 2.0], shape: [2]).dtype == .float64)
    #expect(try Tensor.full([1], 2).dtype == .int64)
    #expect(try Tensor.full([1], 2.5).dtype == .float32)
    #expect(try Tensor.full([1], true).dtype == .bool)
  }

  @Test func nestedArrays() throws {
    #expect(try Tensor([[1, 2, 3], [4, 5, 6]]).shape == [2, 3])
    #expect(try Tensor([[[1], [2]], [[3], [4]], [[5], [6]]]).shape == [3, 2, 1])
    let four = try Tensor([[[[1, 2]], [[3, 4]]]])
    #expect(four.shape == [1, 2, 1, 2])
    #expect(try four.scalars(as: Int.self) == [1, 2, 3, 4])
    #expect(try Tensor([[Double]]()).shape == [0, 0])
    #expect(try Tensor([[], []] as [[Int]]).shape == [2, 0])
    #expect(try Tensor([1.5, -2.5], dtype: .int32).scalars(as: Int32.self) == [1, -2])
  }

  @Test func ranges() throws {
    #expect(try Tensor.arange(5).scalars(as: Int.self) == [0, 1, 2, 3, 4])
    #expect(try Tensor.arange(2, 9, step: 3).scalars(as: Int.self) == [2, 5, 8])
    #expect(try Tensor.arange(5, 0, step: -2).scalars(as: Int.self) == [5, 3, 1])
    #expect(try Tensor.arange(3, 3).count == 0)
    #expect(try Tensor.arange(0.5, 2.0, step: 0.5).scalars(as: Double.self) == [0.5, 1, 1.5])
    #expect(try Tensor.arange(3.0).dtype == .float32)
    #expect(
      try Tensor.linspace(0, 1, steps: 5).scalars(as: Double.self) == [0, 0.25, 0.5, 0.75, 1])
    #expect(try Tensor.linspace(3, 4, steps: 1).scalars(as: Double.self) == [3])
    #expect(try Tensor.linspace(3, 4, steps: 0).count == 0)
    // A difference that overflows.
    let far = 1.5e308
    let ends = try Tensor.linspace(-far, far, steps: 2, dtype: .float64)
    #expect(try ends.scalars(as: Double.self) == [-far, far])
    let wide = try Tensor.linspace(-far, far, steps: 4, dtype: .float64)
    #expect(try wide.scalars(as: Double.self) == [-far, -far + far / 1.5, far - far / 1.5, far])
    #expect(try Tensor.eye(2, 3).scalars(as: Int.self) == [1, 0, 0, 0, 1, 0])
    #expect(try Tensor.eye(3, 1).scalars(as: Int.self) == [1, 0, 0])
    #expect(try Tensor.eye(0).shape == [0, 0])
    // A span past the largest Int.
    #expect(
      try Tensor.arange(.min, .max, step: .max).scalars(as: Int.self) == [.min, -1, .max - 1])
  }

  @Test func leaves() throws {
    let x = try Tensor.ones([2], requiresGrad: true)
    #expect(x.requiresGrad && x.isLeaf && x.gradFn == nil)
    #expect(try Tensor([1.0], requiresGrad: true).requiresGrad)
    #expect(try Tensor.arange(3.0, requiresGrad: true).isLeaf)
    #expect(try Tensor.eye(2, requiresGrad: true).requiresGrad)
    #expect(try Tensor.rand([2], requiresGrad: true).requiresGrad)
  }

  @Test func badInput() {
    expectError("zeros") { () throws(TensorError) in try Tensor.zeros([2, -1]) }
    expectError("ones") { () throws(TensorError) in try Tensor.ones([.max, .max]) }
    expectError("zeros") { () throws(TensorError) in try Tensor.zeros([1 << 60]) }
    expectError("empty") { () throws(TensorError) in try Tensor.empty([1, 1, 1, 1, 1, 1, 1, 1, 1]) }
    expectError("eye") { () throws(TensorError) in try Tensor.eye(-1) }
    expectError("linspace") { () throws(TensorError) in try Tensor.linspace(0, 1, steps: -1) }
    expectError("arange") { () throws(TensorError) in try Tensor.arange(0, 5, step: 0) }
    expectError("arange") { () throws(TensorError) in try Tensor.arange(0, 5, step: -1) }
    expectError("arange") { () throws(TensorError) in try Tensor.arange(-1) }
    expectError("arange") { () throws(TensorError) in try Tensor.arange(0.0, .infinity) }
    expectError("arange") { () throws(TensorError) in try Tensor.arange(0.0, .nan) }
    expectError("arange") { () throws(TensorError) in try Tensor.arange(0.0, 1e30, step: 1e-3) }
    expectError("Tensor") { () throws(TensorError) in try Tensor([[1, 2], [3]]) }
    expectError("Tensor") { () throws(TensorError) in try Tensor([[[1], [2]], [[3]]]) }
    expectError("Tensor") { () throws(TensorError) in try Tensor([[[1], [2, 3]]]) }
    expectError("Tensor") { () throws(TensorError) in try Tensor(scalars: [1, 2], shape: [3]) }
    expectError("Tensor") { () throws(TensorError) in try Tensor(scalars: [1, 2], shape: [-2]) }
    expectError("requiresGrad_") { () throws(TensorError) in try Tensor([1, 2], requiresGrad: true)
    }
    expectError("requiresGrad_") { () throws(TensorError) in
      try Tensor.zeros([2], dtype: .bool, requiresGrad: true)
    }
  }
}

@Suite struct ScalarAccessTests {
  @Test func items() throws {
    #expect(try Tensor([[2.5]]).item() == 2.5)
    #expect(try Tensor(7).item(as: Int.self) == 7)
    #expect(try Tensor(Int.max).item(as: Int.self) == .max)
    #expect(try Tensor(-2.7).item(as: Int32.self) == -2)
    #expect(try Tensor(true).item(as: Bool.self))
    #expect(try Tensor(2.0).item(as: Bool.self))
    #expect(try Tensor([1.5, 2.5, 3.5]).select(0, 1).item(as: Float.self) == 2.5)
    expectError("item") { () throws(TensorError) in try Tensor([1, 2]).item() }
    expectError("item") { () throws(TensorError) in try Tensor.zeros([0]).item() }
  }

  @Test func scalarsFollowStrides() throws {
    let x = try Tensor.arange(6).reshape([2, 3])
    #expect(try x.transpose(0, 1).scalars(as: Int.self) == [0, 3, 1, 4, 2, 5])
    #expect(try x.transpose(0, 1).scalars(as: Float.self) == [0, 3, 1, 4, 2, 5])
    #expect(try x.slice(1, start: 1, step: 2).scalars(as: Int.self) == [1, 4])
    #expect(try Tensor([1, 2]).expand([2, 2]).scalars(as: Int.self) == [1, 2, 1, 2])
  }

  @Test func clonesAreDenseAndTheirOwn() throws {
    let x = try Tensor.arange(6.0, requiresGrad: true).reshape([2, 3]).transpose(0, 1)
    let copy = try x.clone()
    #expect(copy.isContiguous && copy.buffer !== x.buffer)
    #expect(copy.gradFn?.name == "CloneBackward0")
    #expect(try copy.contiguous() === copy)
    #expect(try x.contiguous().gradFn?.name == "CloneBackward0")
    #expect(try copy.scalars(as: Int.self) == [0, 3, 1, 4, 2, 5])
  }
}
