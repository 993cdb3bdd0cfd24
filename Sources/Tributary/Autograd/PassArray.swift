import TributaryMemory

/// A growing array for the time of a pass. Whoever fills it with more than plain values empties it.
///
/// Large ones lie in the pool's memory: over a graph of 100,000 nodes the faults of fresh pages took a twelfth of the
/// pass. Small ones come from malloc, which is faster there. Rejected: Swift's own array, whose memory is fresh each
/// time and whose lack of memory is a crash.
struct PassArray<Element>: ~Copyable {
  private(set) var base: UnsafeMutablePointer<Element>
  private(set) var count = 0
  private var capacity: Int
  /// Nil: `base` is malloc's.
  private var buffer: TiledBuffer?

  private static var largestSmall: Int { 16 << 10 }

  /// An empty array, with room for a few elements.
  init() {
    capacity = 32
    base = .allocate(capacity: capacity)
  }

  /// An array of `count` elements that are still to be written.
  init(count: Int) throws(TensorError) {
    (self.count, capacity) = (count, count)
    (base, buffer) = try Self.memory(count)
  }

  deinit { if buffer == nil { base.deallocate() } }

  private static func memory(
    _ capacity: Int
  ) throws(TensorError) -> (UnsafeMutablePointer<Element>, TiledBuffer?) {
    let byteCount = capacity * MemoryLayout<Element>.stride
    if byteCount <= largestSmall { return (.allocate(capacity: capacity), nil) }
    do {
      let buffer = try TiledBuffer.allocate(byteCount: byteCount)
      // SAFETY: `byteCount` bytes that nothing else uses, aligned to 64; the buffer lives as long as the array.
      return (buffer.base.bindMemory(to: Element.self, capacity: capacity), buffer)
    } catch {
      throw TensorError(
        .outOfMemory, "backward", "\(error); \(error.advice)")
    }
  }

  @inline(__always)
  mutating func append(_ element: Element) throws(TensorError) {
    try makeRoom()
    (base + count).initialize(to: element)
    count += 1
  }

  /// After this the next ``append(_:)`` cannot fail.
  @inline(__always)
  mutating func makeRoom() throws(TensorError) { if count == capacity { try grow() } }

  /// The last element leaves; the array must not be empty.
  @inline(__always)
  mutating func removeLast() { count -= 1 }

  @inline(never)
  private mutating func grow() throws(TensorError) {
    let (larger, owner) = try Self.memory(2 * capacity)
    larger.moveInitialize(from: base, count: count)
    if buffer == nil { base.deallocate() }
    (base, buffer, capacity) = (larger, owner, 2 * capacity)
  }
}
