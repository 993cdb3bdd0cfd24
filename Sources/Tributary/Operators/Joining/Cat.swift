extension Tensor {
  /// The tensors one after another along dim `dim`; their other sizes must agree.
  ///
  /// Dtypes are promoted. Tensors of shape [0] are passed over, as in PyTorch. The gradients share the
  /// result's memory.
  public static func cat(_ tensors: [Tensor], dim: Int = 0) throws(TensorError) -> Tensor {
    guard let model = tensors.first(where: { $0.shape != [0] }) ?? tensors.first else {
      throw TensorError(.invalidArgument, "cat", "needs at least one tensor")
    }
    let axis = try model.shape.index(ofDim: dim, "cat")
    var size = 0
    var dtype = model.dtype
    for tensor in tensors {
      let (sum, overflow) = try size.addingReportingOverflow(
        tensor.catSize(axis, like: model.shape))
      if overflow {
        throw TensorError(
          .invalidShape, "cat", shapes: [model.shape, tensor.shape],
          "the sizes along dim \(axis) add up to more than can be counted")
      }
      size = sum
      dtype = dtype.promoted(with: tensor.dtype)
    }
    var shape = model.shape
    shape[axis] = size
    let out = try Tensor.empty(shape, dtype: dtype, "cat")
    var inputs: [Tensor] = []
    inputs.reserveCapacity(tensors.count)
    var starts: [Int] = []
    starts.reserveCapacity(tensors.count)
    var next = 0
    for tensor in tensors where tensor.count > 0 {
      inputs.append(try tensor.cast(to: dtype, "cat"))
      starts.append(next)
      next += tensor.shape[axis]
    }

    var inner = 1
    for i in (axis + 1)..<Swift.max(shape.rank, axis + 1) { inner *= shape[i] }
    let join = JoinCopy(inputs, into: out, rowElements: size * inner) { $0.shape[axis] * inner }
    join.run { index in
      let start = starts[index]
      let range = SliceRange(
        size: size, start: start, end: start + inputs[index].shape[axis], step: 1)
      return out.layout.slicing(axis, range)
    }
    if AutogradMode.records(tensors) {
      let sizes = tensors.map { $0.shape == [0] && model.shape.rank != 1 ? -1 : $0.shape[axis] }
      out.record(
        CatBackward(tensors, axis, sizes), nanoseconds: Node.viewCost * Float(tensors.count))
    }
    return out
  }

  /// This input's size along `axis`, 0 where it is passed over.
  private func catSize(_ axis: Int, like model: Shape) throws(TensorError) -> Int {
    if shape == [0] { return 0 }
    guard rank > 0 else {
      throw TensorError(
        .shapeMismatch, "cat", shapes: [shape],
        "a tensor without dims cannot be joined along one; use stack")
    }
    var fits = rank == model.rank
    for i in 0..<rank where fits && i != axis && shape[i] != model[i] { fits = false }
    guard fits else {
      throw TensorError(
        .shapeMismatch, "cat", shapes: [model, shape],
        "the sizes must agree but for dim \(axis), along which the tensors are joined")
    }
    return shape[axis]
  }

  /// The tensors, all of one shape, along a new dim `dim`, counted in the result.
  ///
  /// Dtypes are promoted. The gradients share the memory of the result's.
  public static func stack(_ tensors: [Tensor], dim: Int = 0) throws(TensorError) -> Tensor {
    guard let model = tensors.first else {
      throw TensorError(.invalidArgument, "stack", "needs at least one tensor")
    }
    var shape = model.shape
    var dtype = model.dtype
    for tensor in tensors {
      guard tensor.shape == shape else {
        throw TensorError(
          .shapeMismatch, "stack", shapes: [shape, tensor.shape], "all tensors must have one shape")
      }
      dtype = dtype.promoted(with: tensor.dtype)
    }
    let axis = try Shape(repeating: 1, rank: shape.rank + 1).index(ofDim: dim, "stack")
    var inner = 1
    for i in axis..<Swift.max(shape.rank, axis) { inner *= shape[i] }
    shape.insert(tensors.count, at: axis)
    let out = try Tensor.empty(shape, dtype: dtype, "stack")
    var inputs = tensors
    for i in tensors.indices where tensors[i].dtype != dtype {
      inputs[i] = try tensors[i].cast(to: dtype, "stack")
    }
    let join = JoinCopy(inputs, into: out, rowElements: tensors.count * inner) { _ in inner }
    join.run { out.layout.selecting(axis, $0) }
    if AutogradMode.records(tensors) {
      out.record(
        StackBackward(tensors, axis), nanoseconds: Node.viewCost * Float(tensors.count))
    }
    return out
  }
}

final class CatBackward: Node, @unchecked Sendable {
  private let axis: Int
  /// Along the axis; -1 for an input that was passed over.
  private let sizes: [Int]

  init(_ inputs: [Tensor], _ axis: Int, _ sizes: [Int]) {
    (self.axis, self.sizes) = (axis, sizes)
    super.init(inputs: inputs)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    var start = 0
    let size = gradient.shape[axis]
    let needsViews = gradient.needsViewsAsParts(along: axis)
    for (input, length) in sizes.enumerated() {
      if length < 0 {
        if sink.wants(input) { sink[input] = try .zeros([0], dtype: inputDType(input)) }
        continue
      }
      if sink.wants(input) {
        let range = SliceRange(size: size, start: start, end: start + length, step: 1)
        let part =
          if needsViews {
            gradient.slice(checked: axis, range)
          } else {
            gradient.alias(gradient.layout.slicing(axis, range))
          }
        sink[input] = try part.to(inputDType(input))
      }
      start += length
    }
  }
}

extension Tensor {
  /// Whether parts of this gradient along `axis` must know that they are: where they are recorded, or where what is
  /// done to one in place must find the whole. Others are aliases, which take a third of a view's time; a stack may have
  /// a thousand.
  fileprivate func needsViewsAsParts(along axis: Int) -> Bool {
    requiresGrad || isUnrecordedView || axis != 0
  }
}

final class StackBackward: Node, @unchecked Sendable {
  private let axis: Int

  init(_ inputs: [Tensor], _ axis: Int) {
    self.axis = axis
    super.init(inputs: inputs)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if gradient.needsViewsAsParts(along: axis) {
      for input in 0..<Int(edgeCount) where sink.wants(input) {
        sink[input] = try gradient.select(axis, input).to(inputDType(input))
      }
      return
    }
    var part = gradient.layout.selecting(axis, 0)
    for input in 0..<Int(edgeCount) {
      if sink.wants(input) { sink[input] = try gradient.alias(part).to(inputDType(input)) }
      part.offset &+= gradient.layout.strides[axis]
    }
  }
}
