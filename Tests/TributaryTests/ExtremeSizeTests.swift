import Testing
import Tributary

/// Sizes whose sums and products cannot be counted are errors, or views without elements; never a trap.
@Suite struct ExtremeSizeTests {
  private static let huge = 1 << 40

  @Test func zeroForgivesNoOverflow() throws {
    expectError("zeros") { () throws(TensorError) in
      try Tensor.zeros([Self.huge, Self.huge, 0])
    }
    expectError("expand") { () throws(TensorError) in
      try Tensor.zeros([1, 1, 0]).expand([Self.huge, Self.huge, 0])
    }
    expectError("view") { () throws(TensorError) in
      try Tensor.zeros([Self.huge, 0]).unflatten(1, [Self.huge, 0])
    }
    #expect(try Tensor.zeros([Self.huge, 0]).flatten().shape == [0])
  }

  @Test func catOfHugeViews() throws {
    let one = try Tensor.zeros([1]).expand([.max])
    expectError("cat") { () throws(TensorError) in try Tensor.cat([one, one]) }
  }

  @Test func creation() throws {
    #expect(try Tensor.eye(0, .max).shape == [0, .max])
    expectError("eye") { () throws(TensorError) in try Tensor.eye(2, .max) }
    expectError("eye") { () throws(TensorError) in try Tensor.eye(.max) }
    expectError("arange") { () throws(TensorError) in try Tensor.arange(.min, .max) }
    expectError("arange") { () throws(TensorError) in
      try Tensor.arange(.min, .max, dtype: .uint8)
    }
    expectError("arange") { () throws(TensorError) in try Tensor.arange(0, 5, step: .min) }
    // Told apart, though no Double does.
    expectError("arange") { () throws(TensorError) in
      try Tensor.arange((1 << 53) + 1, 1 << 53)
    }
    #expect(try Tensor.arange(.min, .max, step: .max).count == 3)
    #expect(try Tensor.arange(.max, .min, step: .min).count == 2)
    expectError("arange") { () throws(TensorError) in
      try Tensor.arange(-Double.greatestFiniteMagnitude, Double.greatestFiniteMagnitude)
    }
    expectError("linspace") { () throws(TensorError) in try Tensor.linspace(0, 1, steps: .max) }
    expectError("linspace") { () throws(TensorError) in try Tensor.linspace(0, 1, steps: -1) }
  }

  @Test func lossesOfHugeViews() throws {
    let one = try Tensor.zeros([1]).expand([.max])
    expectError("mseLoss") { () throws(TensorError) in try mseLoss(one, one) }
    expectError("binaryCrossEntropyWithLogits") { () throws(TensorError) in
      try binaryCrossEntropyWithLogits(one, one)
    }
  }

  @Test func indices() throws {
    let x = try Tensor.arange(6).reshape([2, 3])
    let rows = try Tensor.zeros([1, 1], dtype: .int64).expand([Self.huge, 1])
    let columns = try Tensor.zeros([1, 1], dtype: .int64).expand([1, Self.huge])
    expectError("index") { () throws(TensorError) in try x[rows, columns] }
  }

  @Test func parts() throws {
    let wide = try Tensor.zeros([1]).expand([Self.huge])
    expectError("split") { () throws(TensorError) in try wide.split(1) }
    expectError("unbind") { () throws(TensorError) in try wide.unbind() }
    expectError("split") { () throws(TensorError) in try wide.chunk(.max) }
    expectError("chunk") { () throws(TensorError) in try Tensor.zeros([0]).chunk(.max) }
    #expect(try Tensor.zeros([3]).chunk(.max).count == 3)
    #expect(try Tensor.zeros([3]).split(.max).count == 1)
  }

  @Test func copies() throws {
    let x = try Tensor.zeros([2, 3])
    expectError("repeat") { () throws(TensorError) in try x.repeat([Self.huge, Self.huge]) }
    expectError("repeat") { () throws(TensorError) in try x.repeat([.max, 1]) }
    expectError("tile") { () throws(TensorError) in try x.tile([.max, .max]) }
    #expect(try x.repeat([0, 1]).shape == [0, 3])
  }

  /// Operands that are one number, but whose packed copies no integer counts.
  @Test(arguments: [(60, 53, 512, DType.float32), (128, 55, 128, .float64), (64, 56, 64, .float32)])
  func products(_ m: Int, _ log2OfK: Int, _ n: Int, _ dtype: DType) throws {
    let one = try Tensor.ones([1, 1], dtype: dtype)
    let (a, b) = (try one.expand([m, 1 << log2OfK]), try one.expand([1 << log2OfK, n]))
    do throws(TensorError) {
      _ = try a.matmul(b)
      Issue.record("the product was formed")
    } catch {
      guard case .outOfMemory = error.kind else { throw error }
      #expect(error.shapes == [a.shape, b.shape])
      #expect(error.description.contains("more than any address space has"))
    }
  }

  /// A tensor without elements may have strides that are hardly to be counted.
  @Test func viewsWithoutElements() throws {
    let empty = try Tensor.zeros([1, 1, 1 << 62, 0])
    #expect(try empty.diagonal().shape == [1 << 62, 0, 1])
    #expect(try empty.diagonal().diagonal(dim1: 0, dim2: 2).shape == [0, 1])
    #expect(try empty.unsqueeze(0).unsqueeze(0).select(1, 0).shape == [1, 1, 1, 1 << 62, 0])
    #expect(try empty.slice(2, start: 5, step: .max).shape == [1, 1, 1, 0])
    #expect(try empty.slice(2, start: .min, end: .max, step: 1 << 61).shape == [1, 1, 2, 0])
    #expect(try empty.flip([0, 1, 2]).count == 0)
    #expect(try empty.narrow(2, -1, 1).shape == [1, 1, 1, 0])
    expectError("narrow") { () throws(TensorError) in try empty.narrow(2, .min, .max) }
    #expect(try Tensor.zeros([3, 4]).diagonal(offset: .min).count == 0)
    #expect(try Tensor.zeros([3, 4]).diagonal(offset: .max).count == 0)
    expectError("select") { () throws(TensorError) in try empty.select(2, .min) }
  }

  /// Strides of which no step is taken may be any numbers: those of a view without elements, and of a dim of size one.
  @Test func stridesThatNoStepTakes() throws {
    let empty = try Tensor.zeros([1]).asStrided([4, 3, 0], strides: [.max, 1, 1])
    #expect(empty.shape == [4, 3, 0] && empty.strides == [3, 1, 1])
    let product = try empty.matmul(.zeros([4, 0, 2]))
    #expect(try product.equal(.zeros([4, 3, 2])))
    #expect(try empty.sum().item() == 0)

    let x = try Tensor.ones([4], requiresGrad: true)
    let view = try x.asStrided([2, 2, 1], strides: [1, 1, .max])
    #expect(view.buffer === x.buffer && view.strides == [1, 1, 1])
    #expect(view.description.hasPrefix("tensor([[[1.],"))
    try view.sum().backward()
    #expect(try x.grad?.scalars(as: Double.self) == [1, 2, 1, 0])
    let row = try x.detach().asStrided([1, 3], strides: [.min, 1])
    _ = try row.mul_(2)
    #expect(try x.scalars(as: Double.self) == [2, 2, 2, 1])
  }

  @Test func viewsOfViewsWithoutElements() throws {
    let part = try Tensor.zeros([1]).asStrided([3, 0], strides: [.max, 1]).select(0, 1)
    expectError("asStrided") { () throws(TensorError) in try part.asStrided([2], strides: [1]) }
    // Dense, and so far from its memory that the next element has no number.
    let far = try Tensor.zeros([.max, 0]).select(0, -1)
    expectError("asStrided") { () throws(TensorError) in try far.asStrided([3], strides: [1]) }
    expectError("asStrided") { () throws(TensorError) in
      try far.asStrided([3], strides: [1], offset: .max)
    }
    #expect(try far.asStrided([2, 0], strides: [.min, .max]).strides == [1, 1])
  }
}
