/// Where a tensor's elements lie in its buffer: sizes, strides and offset, in elements.
package struct Layout: Sendable {
  package var shape: Shape
  package var strides: Shape
  package var offset: Int
  /// The number of elements.
  package var count: Int
  /// Whether the elements lie densely in row-major order. Dims of size one do not matter.
  package var isContiguous: Bool

  /// A dense row-major layout of `count` elements; the caller has checked the shape.
  @inline(__always)
  package init(dense shape: Shape, count: Int) {
    self.shape = shape
    self.strides = Layout.denseStrides(shape)
    self.offset = 0
    self.count = count
    self.isContiguous = true
  }

  package init(shape: Shape, strides: Shape, offset: Int) {
    self.shape = shape
    self.strides = strides
    self.offset = offset
    var count = 1
    for size in shape { count *= size }
    self.count = count
    self.isContiguous = Layout.isDense(shape, strides, count: count)
  }

  @inline(__always)
  package static func denseStrides(_ shape: Shape) -> Shape {
    var strides = Shape(repeating: 0, rank: shape.rank)
    var step = 1
    var i = shape.rank - 1
    while i >= 0 {
      strides.dims[i] = step
      step &*= max(shape.dims[i], 1)
      i -= 1
    }
    return strides
  }

  private static func isDense(_ shape: Shape, _ strides: Shape, count: Int) -> Bool {
    if count <= 1 { return true }
    var step = 1
    for i in stride(from: shape.rank - 1, through: 0, by: -1) where shape[i] != 1 {
      if strides[i] != step { return false }
      step *= shape[i]
    }
    return true
  }

  /// Strides with which this layout reads as `target`, a shape that it broadcasts to: 0 where a dim is
  /// repeated.
  package func broadcastStrides(to target: Shape) -> Shape {
    var result = Shape(repeating: 0, rank: target.rank)
    let lead = target.rank - shape.rank
    for i in 0..<shape.rank where shape.dims[i] != 1 {
      result.dims[lead + i] = strides.dims[i]
    }
    return result
  }
}
