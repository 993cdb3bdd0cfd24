import TributaryParallel

extension Tensor {
  /// A view of this tensor's memory under any sizes and strides; `offset` counts from the first element.
  ///
  /// Throws where the view would leave the buffer. It is differentiable where this tensor is dense and the view
  /// stays within its elements; elsewhere a tensor that requires a gradient is an error. Strides of which no step
  /// is taken, of dims of size one and of views without elements, are not kept: dense ones stand for them.
  package func asStrided(
    _ shape: Shape, strides: Shape, offset: Int = 0
  ) throws(TensorError) -> Tensor {
    guard let extent = Layout.extent(shape, strides) else {
      throw TensorError(
        .invalidShape, "asStrided", shapes: [shape, strides],
        "needs sizes of 0 or more, as many strides, and positions that do not overflow")
    }
    let isEmpty = shape.contains(0)
    let held = buffer.byteCount / dtype.itemSize
    // A tensor without elements may lie at any offset.
    let start = layout.offset.addingReportingOverflow(offset)
    let first = start.partialValue.addingReportingOverflow(extent.lowerBound)
    let last = start.partialValue.addingReportingOverflow(extent.upperBound)
    let isCounted = !start.overflow && !first.overflow && !last.overflow
    guard isEmpty || isCounted && first.partialValue >= 0 && last.partialValue < held else {
      throw TensorError(
        .indexOutOfRange, "asStrided", shapes: [self.shape, shape, strides],
        "the view reaches past the \(held) elements of the memory")
    }
    let strides = Layout.takenStrides(shape, strides)
    let out = makeView(
      Layout(shape: shape, strides: strides, offset: isEmpty ? layout.offset : start.partialValue))
    if AutogradMode.records(self) {
      guard layout.isContiguous,
        isEmpty
          || count > 0 && extent.lowerBound + offset >= 0 && extent.upperBound + offset < count
      else {
        throw TensorError(
          .autograd, "asStrided", shapes: [self.shape],
          "has a gradient only for a dense tensor and a view within it; call contiguous() first")
      }
      let geometry = Layout(shape: shape, strides: strides, offset: isEmpty ? 0 : offset)
      out.record(AsStridedBackward(self, geometry), nanoseconds: embeddingCost)
    }
    return out
  }

  /// Zeros of `shape`, dense, with this gradient added at the places that `geometry` reads: in row-major order
  /// of the gradient, so that a place read twice has one order of its sum.
  fileprivate func asStridedBackward(
    _ shape: Shape, _ geometry: Layout
  ) throws(TensorError) -> Tensor {
    let operation: StaticString = "as_strided_backward"
    let sum = try Tensor.filled(
      shape, .integer(0), dtype: geometry.mayOverlap ? dtype.computing : dtype, operation)
    let target = sum.alias(geometry)
    if !geometry.mayOverlap {
      target.copyElements(from: self)
    } else if dtype == .float64 {
      target.addOverlapping(try denseCopyIfStrided(operation), as: Double.self)
    } else {
      target.addOverlapping(
        try castToComputing(operation).denseCopyIfStrided(operation), as: Float.self)
    }
    let out = try sum.cast(to: dtype, operation)
    if AutogradMode.records(self) {
      out.record(AsStridedBackwardBackward(self, geometry), nanoseconds: Node.viewCost)
    }
    return out
  }

  private func addOverlapping<T: BinaryFloatingPoint>(_ source: Tensor, as type: T.Type) {
    let to = pointer.assumingMemoryBound(to: T.self)
    let from = source.pointer.assumingMemoryBound(to: T.self)
    var walk = LayoutWalk(layout)
    withStandardFloatingPoint {
      for i in 0..<count {
        // SAFETY: the walk stays within this view, and `source` holds `count` dense elements of its dtype.
        to[walk.position] += from[i]
        walk.advance()
      }
    }
  }
}

/// The positions of a layout's elements, from its first, in row-major order.
package struct LayoutWalk {
  package private(set) var position = 0
  private var index: Shape
  private let layout: Layout

  package init(_ layout: Layout) {
    self.layout = layout
    index = Shape(repeating: 0, rank: layout.shape.rank)
  }

  package mutating func advance() {
    var dim = layout.shape.rank - 1
    while dim >= 0 {
      position += layout.strides[dim]
      index[dim] += 1
      if index[dim] < layout.shape[dim] { return }
      position -= layout.strides[dim] * layout.shape[dim]
      index[dim] = 0
      dim -= 1
    }
  }
}

extension Layout {
  /// The least and the greatest position of an element, from the first; nil where sizes and strides make no
  /// layout.
  fileprivate static func extent(_ shape: Shape, _ strides: Shape) -> ClosedRange<Int>? {
    guard let count = shape.checkedElementCount, strides.rank == shape.rank else { return nil }
    if count == 0 { return 0...0 }
    var (low, high) = (0, 0)
    for i in shape.indices {
      let (reach, overflow) = strides[i].multipliedReportingOverflow(by: shape[i] - 1)
      // Far past any buffer; and so small that eight of them, and an offset, can be added.
      if overflow || reach.magnitude > 1 << 56 { return nil }
      if reach < 0 { low += reach } else { high += reach }
    }
    return low...high
  }

  /// `strides`, but dense ones where no step is taken: those may be any numbers, and sums and products overflow.
  fileprivate static func takenStrides(_ shape: Shape, _ strides: Shape) -> Shape {
    var taken = denseStrides(shape)
    if shape.contains(0) { return taken }
    for dim in shape.indices where shape[dim] != 1 { taken[dim] = strides[dim] }
    return taken
  }

  /// Whether two elements may lie at one place. Sure when false; also true of some layouts of which no two do.
  package var mayOverlap: Bool {
    if isContiguous || count <= 1 { return false }
    let dims = shape.indices.filter { shape[$0] > 1 }
      .sorted { strides[$0].magnitude < strides[$1].magnitude }
    var reach: UInt = 0
    for dim in dims {
      if strides[dim].magnitude <= reach { return true }
      reach += strides[dim].magnitude * UInt(shape[dim] - 1)
    }
    return false
  }
}

final class AsStridedBackward: Node, @unchecked Sendable {
  private let geometry: Layout

  init(_ x: Tensor, _ geometry: Layout) {
    self.geometry = geometry
    super.init(x)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    if sink.wants(0) { sink[0] = try gradient.asStridedBackward(inputShape(0), geometry) }
  }
}

final class AsStridedBackwardBackward: Node, @unchecked Sendable {
  private let geometry: Layout

  init(_ g: Tensor, _ geometry: Layout) {
    self.geometry = geometry
    super.init(g)
  }

  override func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    guard sink.wants(0) else { return }
    sink[0] = try gradient.contiguous().asStrided(
      geometry.shape, strides: geometry.strides, offset: geometry.offset)
  }
}
