/// A shape in half the room: a node of a long graph is waited for by the cache line.
///
/// Sizes of 2³² and more do not fit; whoever keeps one keeps the whole shape elsewhere.
struct StoredShape {
  private var sizes: InlineArray<8, UInt32>
  private var rank: UInt8

  /// No shape: what was to be stored did not fit.
  private static var none: UInt8 { .max }

  @inline(__always)
  init() {
    sizes = .init(repeating: 0)
    rank = 0
  }

  /// Nil where a size does not fit.
  @inline(__always)
  init?(_ shape: Shape) {
    self.init()
    rank = UInt8(truncatingIfNeeded: shape.endIndex)
    var all = 0
    for dim in 0..<8 {
      sizes[dim] = UInt32(truncatingIfNeeded: shape.dims[dim])
      all |= shape.dims[dim]
    }
    if all >> 32 != 0 { return nil }
  }

  static var tooLarge: StoredShape {
    var shape = StoredShape()
    shape.rank = none
    return shape
  }

  /// Nil for ``tooLarge``.
  @inline(__always)
  var shape: Shape? {
    if rank == Self.none { return nil }
    var shape = Shape(repeating: 0, rank: Int(rank))
    for dim in 0..<8 { shape.dims[dim] = Int(sizes[dim]) }
    return shape
  }
}
