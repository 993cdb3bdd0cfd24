import CTributaryKernels

/// The three products of a convolution, of which each one's gradients are the two others: a map y of an image x, the
/// image's gradient, and the kernel's. Operands of one floating dtype whose shapes have been checked.
extension ConvolutionGeometry {
  /// y [n, f, …] from x and w.
  func map(
    _ x: Tensor, _ w: Tensor, _ bias: Tensor?, size: Shape, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    let out = try mapUnrecorded(x, w, bias, size: size, operation)
    if AutogradMode.records(x, w) || bias.map({ AutogradMode.records($0) }) == true {
      out.record(
        ConvolutionBackward(self, x, w, bias, isTransposed: false),
        nanoseconds: Float(2 * ConvolutionKernel.nanoseconds(w: w.shape, y: out.shape)))
    }
    return out
  }

  private func mapUnrecorded(
    _ x: Tensor, _ w: Tensor, _ bias: Tensor?, size: Shape, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    if x.dtype.isHalf {
      return try mapUnrecorded(
        x.castToComputing(operation), w.castToComputing(operation),
        bias?.castToComputing(operation), size: size, operation
      ).cast(to: x.dtype, operation)
    }
    let out = try Tensor.empty([x.shape[0], w.shape[0]] + size, dtype: x.dtype, operation)
    if out.count == 0 { return out }
    let dense = (
      x: try x.denseCopyIfStrided(operation), w: try w.denseCopyIfStrided(operation), y: out
    )
    let denseBias = try bias?.denseCopyIfStrided(operation)
    guard
      var problem = problem(
        TRI_CONV_MAP, x.dtype, x: x.shape, w: w.shape, y: out.shape, dense)
    else {
      // No channel: sums of nothing.
      out.fillElements(.integer(0))
      return try bias.map { (bias) throws(TensorError) in try out.plusChannels(bias) } ?? out
    }
    if let denseBias { problem.bias = UnsafeRawPointer(denseBias.pointer) }
    try ConvolutionKernel.run(
      problem, nanoseconds: ConvolutionKernel.nanoseconds(w: w.shape, y: out.shape), operation)
    withExtendedLifetime((dense, denseBias)) {}
    return out
  }

  /// x [n, c, size…] from y and w: the gradient of ``map(_:_:_:size:_:)`` by x, and the transposed convolution of y.
  func image(
    _ y: Tensor, _ w: Tensor, _ bias: Tensor?, size: Shape, isTransposed: Bool,
    _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    let out = try imageUnrecorded(y, w, bias, size: size, operation)
    if AutogradMode.records(y, w) || bias.map({ AutogradMode.records($0) }) == true {
      let nanoseconds = Float(2 * ConvolutionKernel.nanoseconds(w: w.shape, y: y.shape))
      let node =
        isTransposed
        ? ConvolutionBackward(self, y, w, bias, isTransposed: true)
        : ConvolutionImageBackward(self, y, w)
      out.record(node, nanoseconds: nanoseconds)
    }
    return out
  }

  private func imageUnrecorded(
    _ y: Tensor, _ w: Tensor, _ bias: Tensor?, size: Shape, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    if y.dtype.isHalf {
      return try imageUnrecorded(
        y.castToComputing(operation), w.castToComputing(operation),
        bias?.castToComputing(operation), size: size, operation
      ).cast(to: y.dtype, operation)
    }
    let shape = [y.shape[0], w.shape[1] * groups] + size
    let out = try Tensor.empty(shape, dtype: y.dtype, operation)
    let dense = (
      x: out, w: try w.denseCopyIfStrided(operation), y: try y.denseCopyIfStrided(operation)
    )
    let denseBias = try bias?.denseCopyIfStrided(operation)
    guard
      var problem = problem(TRI_CONV_IMAGE, y.dtype, x: out.shape, w: w.shape, y: y.shape, dense)
    else {
      out.fillElements(.integer(0))
      return try bias.map { (bias) throws(TensorError) in try out.plusChannels(bias) } ?? out
    }
    let covers = withUnsafePointer(to: problem, tri_conv_covers)
    if covers {
      problem.bias = denseBias.map { UnsafeRawPointer($0.pointer) }
    } else {
      out.fillElements(.integer(0))
    }
    try ConvolutionKernel.run(
      problem, nanoseconds: ConvolutionKernel.nanoseconds(w: w.shape, y: y.shape), operation)
    withExtendedLifetime((dense, denseBias)) {}
    if !covers, let bias { return try out.plusChannels(bias) }
    return out
  }

  /// w [f, c / groups, size…] from x and y: the gradient of ``map(_:_:_:size:_:)`` by w.
  func weight(
    _ x: Tensor, _ y: Tensor, size: Shape, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    let out = try weightUnrecorded(x, y, size: size, operation)
    if AutogradMode.records(x, y) {
      out.record(
        ConvolutionWeightBackward(self, x, y),
        nanoseconds: Float(2 * ConvolutionKernel.nanoseconds(w: out.shape, y: y.shape)))
    }
    return out
  }

  private func weightUnrecorded(
    _ x: Tensor, _ y: Tensor, size: Shape, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    if x.dtype.isHalf {
      return try weightUnrecorded(
        x.castToComputing(operation), y.castToComputing(operation), size: size, operation
      ).cast(to: x.dtype, operation)
    }
    let shape = [y.shape[1], x.shape[1] / groups] + size
    let out = try Tensor.empty(shape, dtype: x.dtype, operation)
    let dense = (
      x: try x.denseCopyIfStrided(operation), w: out, y: try y.denseCopyIfStrided(operation)
    )
    let nanoseconds = ConvolutionKernel.nanoseconds(w: out.shape, y: y.shape)
    if let problem = problem(
      TRI_CONV_WEIGHT, x.dtype, x: x.shape, w: out.shape, y: y.shape, dense)
    {
      try ConvolutionKernel.run(problem, nanoseconds: nanoseconds, operation)
    } else {
      out.fillElements(.integer(0))
    }
    withExtendedLifetime(dense) {}
    return out
  }
}

extension Shape {
  /// The sizes behind batch and channels.
  var spatial: Shape { Shape(dropFirst(2)) }

  static func + (a: Shape, b: Shape) -> Shape {
    var sum = a
    for size in b { sum.append(size) }
    return sum
  }
}

extension Tensor {
  /// Summed over all dims but that of the channels.
  fileprivate func sumOfChannels() throws(TensorError) -> Tensor {
    var dims = DimSet.all(rank)
    dims.bits &= ~2
    return try sum(dims, keepDim: false)
  }

  /// One number of `bias` added to each channel; not recorded.
  fileprivate func plusChannels(_ bias: Tensor) throws(TensorError) -> Tensor {
    var strides = Shape(repeating: 0, rank: rank)
    strides[1] = bias.strides[0]
    let spread = bias.alias(Layout(shape: shape, strides: strides, offset: bias.layout.offset))
    return try detach().add(spread)
  }
}

/// The gradients of a convolution and of a transposed one: by the input, by the kernel, by the bias.
final class ConvolutionBackward: Node, @unchecked Sendable {
  private let geometry: ConvolutionGeometry
  private let isTransposed: Bool
  /// Saved for the other's gradient, so only where the other requires one.
  private let savedWeight = 0
  private let savedInput: Int
  private let kernel: Shape

  init(
    _ geometry: ConvolutionGeometry, _ input: Tensor, _ weight: Tensor, _ bias: Tensor?,
    isTransposed: Bool
  ) {
    self.geometry = geometry
    self.isTransposed = isTransposed
    kernel = weight.shape.spatial
    let (wantsInput, wantsWeight) = (input.requiresGrad, weight.requiresGrad)
    savedInput = wantsInput ? 1 : 0
    super.init(inputs: bias.map { [input, weight, $0] } ?? [input, weight])
    if wantsInput { save(weight) }
    if wantsWeight { save(input) }
  }

  override func apply(_ g: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    let operation: StaticString = "convolution_backward"
    if sink.wants(0) {
      let (w, size) = (try saved(savedWeight), inputShape(0).spatial)
      sink[0] =
        try isTransposed
        ? geometry.map(g, w, nil, size: size, operation)
        : geometry.image(g, w, nil, size: size, isTransposed: false, operation)
    }
    if sink.wants(1) {
      let x = try saved(savedInput)
      sink[1] =
        try isTransposed
        ? geometry.weight(g, x, size: kernel, operation)
        : geometry.weight(x, g, size: kernel, operation)
    }
    if edgeCount > 2, sink.wants(2) { sink[2] = try g.sumOfChannels() }
  }
}

/// Of an image's gradient, by the map's gradient and by the kernel.
final class ConvolutionImageBackward: Node, @unchecked Sendable {
  private let geometry: ConvolutionGeometry

  init(_ geometry: ConvolutionGeometry, _ y: Tensor, _ w: Tensor) {
    self.geometry = geometry
    super.init(y, w)
    save(y)
    save(w)
  }

  override var name: String { "ConvolutionBackwardBackward0" }

  override func apply(_ g: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    let (y, w) = (try saved(0), try saved(1))
    let operation: StaticString = "convolution_backward_backward"
    if sink.wants(0) { sink[0] = try geometry.map(g, w, nil, size: y.shape.spatial, operation) }
    if sink.wants(1) { sink[1] = try geometry.weight(g, y, size: w.shape.spatial, operation) }
  }
}

/// Of a kernel's gradient, by the image and by the map's gradient.
final class ConvolutionWeightBackward: Node, @unchecked Sendable {
  private let geometry: ConvolutionGeometry

  init(_ geometry: ConvolutionGeometry, _ x: Tensor, _ y: Tensor) {
    self.geometry = geometry
    super.init(x, y)
    save(x)
    save(y)
  }

  override var name: String { "ConvolutionBackwardBackward0" }

  override func apply(_ g: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    let (x, y) = (try saved(0), try saved(1))
    let operation: StaticString = "convolution_backward_backward"
    if sink.wants(0) {
      sink[0] = try geometry.image(
        y, g, nil, size: x.shape.spatial, isTransposed: false, operation)
    }
    if sink.wants(1) { sink[1] = try geometry.map(x, g, nil, size: y.shape.spatial, operation) }
  }
}
