import Glibc
import TributaryMemory

/// A growing array for the time of a pass. Whoever fills it with more than plain values empties it.
///
/// Large ones lie in the pool's memory: over a graph of 100,000 nodes the faults of fresh pages took a twelfth of the
/// pass. Small ones come from malloc, which is faster there. Rejected: Swift's own array, whose memory is fresh each
/// time and whose lack of memory is a crash.
struct PassArray<Element>: ~Copyable {
  // SAFETY: dangling while the capacity is 0.
  private(set) var base = UnsafeMutablePointer<Element>(
    bitPattern: MemoryLayout<Element>.alignment
  ).unsafelyUnwrapped
  private(set) var count = 0
  private var capacity = 0
  /// Nil: `base` is malloc's.
  private var buffer: WorkingMemory?

  private static var largestSmall: Int { 16 << 10 }

  /// An empty array.
  init() {}

  /// An array of `count` elements that are still to be written.
  init(count: Int) throws(TensorError) {
    if count == 0 { return }
    (base, buffer) = try Self.memory(count)
    (self.count, capacity) = (count, count)
  }

  deinit { if buffer == nil, capacity > 0 { free(base) } }

  private static func memory(
    _ capacity: Int
  ) throws(TensorError) -> (UnsafeMutablePointer<Element>, WorkingMemory?) {
    let byteCount = capacity * MemoryLayout<Element>.stride
    if byteCount <= largestSmall {
      // SAFETY: fresh bytes, no fewer than the elements have, aligned to 16.
      guard let memory = malloc(byteCount) else { throw outOfMemory("malloc has no memory") }
      return (memory.bindMemory(to: Element.self, capacity: capacity), nil)
    }
    do {
      let buffer = try WorkingMemory(byteCount: byteCount, always: true)
      // SAFETY: `byteCount` bytes that nothing else uses, aligned to 64; the buffer lives as long as the array.
      return (buffer.base.bindMemory(to: Element.self, capacity: capacity), buffer)
    } catch {
      throw outOfMemory("\(error); \(error.advice)")
    }
  }

  private static func outOfMemory(_ message: String) -> TensorError {
    TensorError(.outOfMemory, "backward", message)
  }

  @inline(__always)
  mutating func append(_ element: Element) throws(TensorError) {
    if count == capacity { try grow() }
    (base + count).initialize(to: element)
    count += 1
  }

  mutating func append(repeating element: Element, count more: Int) throws(TensorError) {
    while capacity - count < more { try grow() }
    // SAFETY: there is room for so many beyond the elements.
    (base + count).initialize(repeating: element, count: more)
    count += more
  }

  /// The last element leaves; the array must not be empty.
  @inline(__always)
  mutating func removeLast() { count -= 1 }

  /// Gives up all; the array is empty then.
  mutating func take() -> PassArray {
    var taken = PassArray()
    swap(&taken, &self)
    return taken
  }

  @inline(never)
  private mutating func grow() throws(TensorError) {
    // At first no more than what malloc keeps for its thread; beyond, giving it back merges and splits free memory.
    let room = capacity > 0 ? 2 * capacity : max((1 << 10) / MemoryLayout<Element>.stride, 1)
    let (larger, owner) = try Self.memory(room)
    larger.moveInitialize(from: base, count: count)
    if buffer == nil, capacity > 0 { free(base) }
    (base, buffer, capacity) = (larger, owner, room)
  }
}
