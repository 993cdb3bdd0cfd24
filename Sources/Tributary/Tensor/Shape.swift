/// The sizes of a tensor's dims, outermost first; also its strides, in elements.
///
/// Up to ``maximumRank`` dims lie inline, so that making a tensor puts no array on the heap. A literal
/// with more is kept as a rank that every operation refuses (`init(arrayLiteral:)` cannot throw).
public struct Shape: Sendable, Hashable, RandomAccessCollection, ExpressibleByArrayLiteral,
  CustomStringConvertible
{
  /// The most dims a tensor can have.
  public static var maximumRank: Int { 8 }

  package var dims: InlineArray<8, Int>
  /// How many dims there are. More than ``maximumRank`` only for a literal that is refused later.
  public private(set) var rank: Int

  /// The shape without dims, of a single number.
  @inline(__always)
  public init() {
    dims = .init(repeating: 0)
    rank = 0
  }

  @inline(__always)
  package init(repeating value: Int, rank: Int) {
    dims = .init(repeating: value)
    self.rank = rank
  }

  /// Of a matrix. A literal is an array first, on the heap.
  @inline(__always)
  package init(rows: Int, columns: Int) {
    self.init(repeating: 0, rank: 2)
    (dims[0], dims[1]) = (rows, columns)
  }

  /// A shape of these sizes. More than ``maximumRank`` of them make a shape that every operation refuses.
  public init(_ sizes: some Collection<Int>) {
    self.init()
    for size in sizes { append(size) }
  }

  /// As ``init(_:)``.
  public init(arrayLiteral sizes: Int...) { self.init(sizes) }

  /// The first dim, 0.
  public var startIndex: Int { 0 }
  /// One past the last dim: ``rank``, but for a literal with too many sizes.
  @inline(__always) public var endIndex: Int { Swift.min(rank, Self.maximumRank) }

  /// The size of dim `index`; a negative one counts from the last dim, as in PyTorch.
  ///
  /// As an array's, it ends the process where there is no such dim. ``Tensor/size(_:)`` throws instead: for an index
  /// that comes from outside.
  @inline(__always)
  public subscript(index: Int) -> Int {
    // SAFETY: `place` gives nothing but places below `endIndex`, of which there are at most eight.
    get { dims[unchecked: place(of: index)] }
    set { dims[unchecked: place(of: index)] = newValue }
  }

  /// Where the size of dim `index` lies. Every operator comes by here: the usual case is one comparison, which stands
  /// for the inline array's own.
  @inline(__always)
  private func place(of index: Int) -> Int {
    UInt(bitPattern: index) < UInt(bitPattern: endIndex)
      ? index : Self.placeFromEnd(of: index, rank: endIndex)
  }

  // Takes the rank alone: a shape that is handed over is first copied to memory, also where this is not called.
  @inline(never)
  private static func placeFromEnd(of index: Int, rank: Int) -> Int {
    guard index < 0, index >= -rank else {
      // SAFETY: ends the process before `dims` is read outside of its eight places. A collection's subscript cannot
      // throw; `size(_:)` does. Not a precondition, which says nothing in a release build.
      fatalError("dim \(index) is out of range for a shape of \(rank) dims; size(_:) throws")
    }
    return index + rank
  }

  /// Whether both have the same sizes, in order.
  @inline(__always)
  public static func == (a: Shape, b: Shape) -> Bool {
    guard a.rank == b.rank else { return false }
    for i in 0..<a.endIndex where a.dims[i] != b.dims[i] { return false }
    return true
  }

  /// By the sizes and how many there are.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(rank)
    for size in self { hasher.combine(size) }
  }

  /// As a literal; one with too many sizes shows that there were more.
  public var description: String {
    "[" + map(String.init).joined(separator: ", ") + (rank > Self.maximumRank ? ", …]" : "]")
  }

  package mutating func append(_ size: Int) {
    if rank < Self.maximumRank { dims[rank] = size }
    rank += 1
  }

  package mutating func insert(_ size: Int, at index: Int) {
    var i = Swift.min(rank, Self.maximumRank - 1)
    while i > index {
      dims[i] = dims[i - 1]
      i -= 1
    }
    if index < Self.maximumRank { dims[index] = size }
    rank += 1
  }

  package mutating func remove(at index: Int) {
    var i = index
    while i + 1 < endIndex {
      dims[i] = dims[i + 1]
      i += 1
    }
    rank -= 1
  }

  /// The number of elements, or nil where a size is negative, the rank too high or the product overflows: that of
  /// the sizes that are not 0, so that every stride, and the product of any of the sizes, can be counted too.
  @inline(__always)
  package var checkedElementCount: Int? {
    guard rank <= Self.maximumRank else { return nil }
    var product = 1
    var hasZero = false
    var overflow = false
    for i in 0..<rank {
      let size = dims[i]
      if size < 0 { return nil }
      if size == 0 {
        hasZero = true
      } else {
        let next = product.multipliedReportingOverflow(by: size)
        product = next.partialValue
        overflow = overflow || next.overflow
      }
    }
    return overflow ? nil : hasZero ? 0 : product
  }
}
