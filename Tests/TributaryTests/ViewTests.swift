import Testing
import Tributary

@Suite struct ViewTests {
  private func line(_ shape: Shape, requiresGrad: Bool = false) throws -> Tensor {
    let count = shape.reduce(1, *)
    let x = try Tensor(scalars: (0..<count).map(Double.init), shape: shape)
    return requiresGrad ? try x.requiresGrad_() : x
  }

  /// Every view of a [2, 3, 4] line, its shape, strides and first element, and its node.
  @Test func viewsShareMemory() throws {
    let x = try line([2, 3, 4], requiresGrad: true)
    let cases: [(Tensor, Shape, Shape, Double, String)] = [
      (try x.reshape([6, 4]), [6, 4], [4, 1], 0, "ViewBackward0"),
      (try x.reshape([-1]), [24], [1], 0, "ViewBackward0"),
      (try x.view([3, 8]), [3, 8], [8, 1], 0, "ViewBackward0"),
      (try x.flatten(startDim: 1), [2, 12], [12, 1], 0, "ViewBackward0"),
      (try x.unflatten(2, [2, -1]), [2, 3, 2, 2], [12, 4, 2, 1], 0, "ViewBackward0"),
      (try x.transpose(0, -1), [4, 3, 2], [1, 4, 12], 0, "TransposeBackward0"),
      (try x.mT(), [2, 4, 3], [12, 1, 4], 0, "TransposeBackward0"),
      (try x.permute([2, 0, 1]), [4, 2, 3], [1, 12, 4], 0, "PermuteBackward0"),
      (try x.movedim(0, 2), [3, 4, 2], [4, 1, 12], 0, "PermuteBackward0"),
      (try x.unsqueeze(-1), [2, 3, 4, 1], [12, 4, 1, 1], 0, "UnsqueezeBackward0"),
      (try x.unsqueeze(1), [2, 1, 3, 4], [12, 12, 4, 1], 0, "UnsqueezeBackward0"),
      (try x.squeeze(), [2, 3, 4], [12, 4, 1], 0, "SqueezeBackward0"),
      (try x.squeeze(1), [2, 3, 4], [12, 4, 1], 0, "SqueezeBackward1"),
      (try x.expand([5, -1, 3, 4]), [5, 2, 3, 4], [0, 12, 4, 1], 0, "ExpandBackward0"),
      (try x.broadcastTo([1, 2, 3, 4]), [1, 2, 3, 4], [0, 12, 4, 1], 0, "ExpandBackward0"),
      (try x.select(1, -1), [2, 4], [12, 1], 8, "SelectBackward0"),
      (try x.slice(2, start: 1, end: -1, step: 2), [2, 3, 1], [12, 4, 1], 1, "SliceBackward0"),
      (try x.slice(2, start: 1, step: 2), [2, 3, 2], [12, 4, 2], 1, "SliceBackward0"),
      (try x.narrow(1, 1, 2), [2, 2, 4], [12, 4, 1], 4, "SliceBackward0"),
      (try x.diagonal(), [4, 2], [1, 16], 0, "DiagonalBackward0"),
      (try x.diagonal(offset: 1, dim1: 1, dim2: 2), [2, 3], [12, 5], 1, "DiagonalBackward0"),
      (try x.diagonal(offset: -1, dim1: 1, dim2: 2), [2, 2], [12, 5], 4, "DiagonalBackward0"),
      (
        try x.asStrided([2, 2], strides: [1, 3], offset: 5), [2, 2], [1, 3], 5, "AsStridedBackward0"
      ),
    ]
    for (view, shape, strides, first, node) in cases {
      #expect(view.buffer === x.buffer, "\(node)")
      #expect(
        view.shape == shape && view.strides == strides, "\(node): \(view.shape) \(view.strides)")
      #expect(try view.reshape([-1]).select(0, 0).item() == first, "\(node)")
      #expect(view.gradFn?.name == node)
    }
  }

  @Test func reshapeCopiesOnlyWhereItMust() throws {
    let x = try line([4, 6], requiresGrad: true)
    #expect(try x.transpose(0, 1).reshape([24]).gradFn?.name == "UnsafeViewBackward0")
    #expect(
      try x.transpose(0, 1).reshape([24]).scalars(as: Int.self)
        == (0..<6).flatMap { c in (0..<4).map { $0 * 6 + c } })
    // Dims may be cut and merged where they lie in one run.
    let part = try x.slice(1, end: 4)
    #expect(try part.reshape([2, 2, 2, 2]).buffer === x.buffer)
    #expect(try part.reshape([2, 2, 2, 2]).strides == [12, 6, 2, 1])
    #expect(try part.transpose(0, 1).reshape([2, 2, 4]).strides == [2, 1, 6])
    #expect(try part.reshape([1, 4, 1, 4, 1]).buffer === x.buffer)
    #expect(try part.reshape([16]).buffer !== x.buffer)
    #expect(try x.expand([3, 4, 6]).reshape([3, 24]).buffer === x.buffer)
    #expect(try x.expand([3, 4, 6]).reshape([72]).buffer !== x.buffer)
    #expect(try Tensor.zeros([0, 3]).reshape([3, 0, 2]).shape == [3, 0, 2])
  }

  @Test func matricesAndVectors() throws {
    let x = try line([2, 3])
    #expect(try x.t().strides == [1, 3])
    #expect(try x.select(0, 0).t().shape == [3])
    #expect(try Tensor(1.0).t().shape == [])
    #expect(try Tensor(1.0).flatten().shape == [1])
    #expect(try Tensor(1.0).squeeze(0).shape == [])
    #expect(try Tensor(1.0).unsqueeze(0).shape == [1])
    #expect(try Tensor(1.0).expand([2, 2]).scalars(as: Int.self) == [1, 1, 1, 1])
    #expect(try Tensor.zeros([1, 3, 1]).squeeze().shape == [3])
    #expect(try Tensor.zeros([1, 3, 1]).squeeze(0).shape == [3, 1])
  }

  @Test func emptySlices() throws {
    let x = try line([2, 3])
    #expect(try x.slice(1, start: 3).shape == [2, 0])
    #expect(try x.slice(1, start: 2, end: 1).shape == [2, 0])
    #expect(try x.slice(1, start: -100, end: 100).shape == [2, 3])
    #expect(try x.slice(1, start: 1, step: .max).scalars(as: Int.self) == [1, 4])
    #expect(try x.narrow(0, 2, 0).shape == [0, 3])
    #expect(try x.diagonal(offset: 9).shape == [0])
    #expect(try x.diagonal(offset: .min).shape == [0])
  }

  @Test func badInput() throws {
    let x = try line([2, 3])
    expectError("reshape") { () throws(TensorError) in try x.reshape([4]) }
    expectError("reshape") { () throws(TensorError) in try x.reshape([-1, -1]) }
    expectError("reshape") { () throws(TensorError) in try x.reshape([-1, 4]) }
    expectError("reshape") { () throws(TensorError) in try x.reshape([-2, 3]) }
    expectError("reshape") { () throws(TensorError) in try Tensor.zeros([0]).reshape([-1, 0]) }
    expectError("reshape") { () throws(TensorError) in try x.reshape([1, 1, 1, 1, 1, 1, 1, 2, 3]) }
    expectError("view") { () throws(TensorError) in try x.t().view([6]) }
    expectError("flatten") { () throws(TensorError) in try x.flatten(startDim: 1, endDim: 0) }
    expectError("flatten") { () throws(TensorError) in try x.flatten(startDim: 2) }
    expectError("unflatten") { () throws(TensorError) in try x.unflatten(1, [2, 2]) }
    expectError("unflatten") { () throws(TensorError) in try x.unflatten(1, []) }
    expectError("transpose") { () throws(TensorError) in try x.transpose(0, 2) }
    expectError("permute") { () throws(TensorError) in try x.permute([0]) }
    expectError("permute") { () throws(TensorError) in try x.permute([0, 0]) }
    expectError("permute") { () throws(TensorError) in try x.permute([0, 5]) }
    expectError("movedim") { () throws(TensorError) in try x.movedim(3, 0) }
    expectError("t") { () throws(TensorError) in try Tensor.zeros([1, 1, 1]).t() }
    expectError("mT") { () throws(TensorError) in try Tensor.zeros([1]).mT() }
    expectError("expand") { () throws(TensorError) in try x.expand([2, 4]) }
    expectError("expand") { () throws(TensorError) in try x.expand([3]) }
    expectError("expand") { () throws(TensorError) in try x.expand([-1, 2, 3]) }
    expectError("expand") { () throws(TensorError) in try x.expand([.max, 2, 3]) }
    expectError("squeeze") { () throws(TensorError) in try x.squeeze(2) }
    expectError("unsqueeze") { () throws(TensorError) in try x.unsqueeze(4) }
    expectError("unsqueeze") { () throws(TensorError) in
      try Tensor.zeros([1, 1, 1, 1, 1, 1, 1, 1]).unsqueeze(0)
    }
    expectError("select") { () throws(TensorError) in try x.select(1, 3) }
    expectError("select") { () throws(TensorError) in try x.select(1, -4) }
    expectError("select") { () throws(TensorError) in try Tensor(1.0).select(0, 0) }
    expectError("slice") { () throws(TensorError) in try x.slice(1, step: 0) }
    expectError("slice") { () throws(TensorError) in try x.slice(1, step: -1) }
    expectError("narrow") { () throws(TensorError) in try x.narrow(1, 2, 2) }
    expectError("narrow") { () throws(TensorError) in try x.narrow(1, 0, -1) }
    expectError("narrow") { () throws(TensorError) in try x.narrow(1, 4, 0) }
    expectError("diagonal") { () throws(TensorError) in try x.diagonal(dim1: 1, dim2: -1) }
    expectError("asStrided") { () throws(TensorError) in try x.asStrided([7], strides: [1]) }
    expectError("asStrided") { () throws(TensorError) in try x.asStrided([2], strides: [-1]) }
    expectError("asStrided") { () throws(TensorError) in try x.asStrided([2], strides: [1, 1]) }
    expectError("asStrided") { () throws(TensorError) in try x.asStrided([2], strides: [.max]) }
    expectError("asStrided") { () throws(TensorError) in
      try x.asStrided([2], strides: [1], offset: .max)
    }
  }
}
