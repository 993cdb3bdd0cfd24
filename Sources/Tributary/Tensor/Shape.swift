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

  public init(_ sizes: some Collection<Int>) {
    self.init()
    for size in sizes { append(size) }
  }

  public init(arrayLiteral sizes: Int...) { self.init(sizes) }

  public var startIndex: Int { 0 }
  @inline(__always) public var endIndex: Int { Swift.min(rank, Self.maximumRank) }

  @inline(__always)
  public subscript(index: Int) -> Int {
    get { dims[index] }
    set { dims[index] = newValue }
  }

  @inline(__always)
  public static func == (a: Shape, b: Shape) -> Bool {
    guard a.rank == b.rank else { return false }
    for i in 0..<a.endIndex where a.dims[i] != b.dims[i] { return false }
    return true
  }

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
