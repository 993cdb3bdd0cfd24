import CTributaryKernels

/// The kernels' description of a result and inputs that broadcast to its shape.
package struct StridedOperands {
  private var nd = tri_nd()
  private let shape: Shape

  package init(_ out: Tensor) {
    shape = out.shape
    withUnsafePointer(to: shape.dims) { dims in
      // SAFETY: an inline array of eight Ints is eight Int64 words; rank of them are read.
      tri_nd_init(
        &nd, Int32(shape.rank), UnsafeRawPointer(dims).assumingMemoryBound(to: Int64.self))
    }
    add(out.pointer, out.dtype, out.strides)
  }

  package mutating func add(_ input: Tensor) {
    add(input.pointer, input.dtype, input.layout.broadcastStrides(to: shape))
  }

  /// A number beside elements of `dtype`: one of them, or where `isWide`, which is for halves, a float32.
  package mutating func addNumber(
    _ number: UnsafeMutableRawPointer, beside dtype: DType, isWide: Bool
  ) {
    // The first operand is the result.
    if isWide { nd.wide |= TRI_WIDE_A << UInt32(nd.operands - 1) }
    addNumber(number, itemSize: isWide ? DType.float32.itemSize : dtype.itemSize)
  }

  package mutating func addNumber(_ number: UnsafeMutableRawPointer, itemSize: Int) {
    withUnsafePointer(to: Shape(repeating: 0, rank: shape.rank).dims) { words in
      // SAFETY: as above.
      tri_nd_operand(
        &nd, number, Int32(itemSize), UnsafeRawPointer(words).assumingMemoryBound(to: Int64.self))
    }
  }

  private mutating func add(_ base: UnsafeMutableRawPointer, _ dtype: DType, _ strides: Shape) {
    withUnsafePointer(to: strides.dims) { words in
      // SAFETY: as above.
      tri_nd_operand(
        &nd, base, Int32(dtype.itemSize),
        UnsafeRawPointer(words).assumingMemoryBound(to: Int64.self))
    }
  }

  package mutating func run(
    _ map: tri_map_fn, parameters: UnsafePointer<Double>?, cost: ElementwiseMap.Cost
  ) {
    tri_nd_coalesce(&nd, nil)
    let n = Int(tri_nd_count(&nd))
    let tile = tile(n)
    withUnsafePointer(to: nd) { nd in
      ElementwiseMap.forEachTile(of: n, tile: tile, cost: cost) { begin, end in
        tri_map_nd(map, nd, Int64(begin), Int64(end), parameters)
      }
    }
  }

  private mutating func tile(_ count: Int) -> Int {
    let row = count <= ElementwiseMap.tileElements ? 0 : Int(tri_nd_turned_row(&nd))
    if row == 0 { return ElementwiseMap.tileElements }
    return ElementwiseMap.turnedTile(row: row, count: count)
  }

  /// Copies the one input, of the result's dtype, to the result.
  package mutating func copy() {
    tri_nd_coalesce(&nd, nil)
    let n = Int(tri_nd_count(&nd))
    let tile = tile(n)
    withUnsafePointer(to: nd) { nd in
      ElementwiseMap.forEachTile(of: n, tile: tile, cost: .plain) { begin, end in
        tri_copy_nd(nd, Int64(begin), Int64(end))
      }
    }
  }

  /// The same for elements `begin ..< end`, counted as ``tri_nd`` does; any split copies each once.
  package mutating func copy(_ begin: Int, _ end: Int) {
    tri_nd_coalesce(&nd, nil)
    tri_copy_nd(&nd, Int64(begin), Int64(end))
  }
}
