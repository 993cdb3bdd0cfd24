import Synchronization

/// The ready nodes of one worker in one pass: a pairing heap whose links lie in the pass's flat arrays.
///
/// A node is in one queue at most, so two words a node serve all queues, and pushing allocates nothing.
/// Rejected: a deque for each worker, which cannot hand out the node with the longest path first.
struct ReadyQueue: ~Copyable {
  private let lock = SpinLock()
  /// The key of the first node, 0 when empty: lets thieves choose without the lock. Written under the
  /// lock; sequentially consistent, since whoever goes to sleep looks here after saying so.
  private let top = Atomic<UInt64>(0)
  /// Guarded by `lock`, hence relaxed. Atomic only because several threads reach the queue through one
  /// pointer, which Swift's exclusivity rules allow for atomics alone.
  private let root = Atomic<Int32>(-1)

  /// The key of the first node, or 0.
  @inline(__always)
  var firstKey: UInt64 { top.load(ordering: .sequentiallyConsistent) }

  /// Adds a heap of nodes that are in no queue.
  @inline(__always)
  func push(_ node: Int32, _ heap: borrowing NodeHeap) {
    lock.lock()
    let old = root.load(ordering: .relaxed)
    set(old < 0 ? node : heap.merge(old, node), heap)
    lock.unlock()
  }

  /// Replaces the (empty) content before the pass is opened.
  func fill(root newRoot: Int32, _ heap: borrowing NodeHeap) {
    lock.lock()
    set(newRoot, heap)
    lock.unlock()
  }

  /// Needs `lock`.
  @inline(__always)
  private func set(_ newRoot: Int32, _ heap: borrowing NodeHeap) {
    root.store(newRoot, ordering: .relaxed)
    top.store(newRoot < 0 ? 0 : heap.key(newRoot), ordering: .sequentiallyConsistent)
  }

  /// Takes the first node; -1 if there is none.
  @inline(__always)
  func pop(_ heap: borrowing NodeHeap) -> Int32 {
    // Relaxed: the owner sees its own pushes, and a thief that misses one looks again.
    if top.load(ordering: .relaxed) == 0 { return -1 }
    lock.lock()
    let first = root.load(ordering: .relaxed)
    if first >= 0 { set(heap.withoutFirst(first), heap) }
    lock.unlock()
    return first
  }

  /// Drops all nodes.
  func clear() {
    lock.lock()
    root.store(-1, ordering: .relaxed)
    top.store(0, ordering: .sequentiallyConsistent)
    lock.unlock()
  }
}

/// The links and keys of a pass's nodes. Links of the nodes in a queue are guarded by its lock.
struct NodeHeap: ~Copyable {
  let child: UnsafeMutablePointer<Int32>
  let sibling: UnsafeMutablePointer<Int32>
  let priorities: UnsafePointer<Float>?

  /// Orders by (priority, lower number); never 0. The bits of a float that is not negative order as it does.
  @inline(__always)
  func key(_ node: Int32) -> UInt64 {
    var high: UInt64 = 1
    if let priorities {
      let priority = priorities[Int(node)]
      if priority > 0 { high = UInt64(priority.bitPattern) + 1 }
    }
    return high << 32 | UInt64(UInt32.max - UInt32(bitPattern: node))
  }

  @inline(__always)
  func isolate(_ node: Int32) {
    child[Int(node)] = -1
    sibling[Int(node)] = -1
  }

  @inline(__always)
  func merge(_ a: Int32, _ b: Int32) -> Int32 {
    let (first, second) = key(a) > key(b) ? (a, b) : (b, a)
    sibling[Int(second)] = child[Int(first)]
    child[Int(first)] = second
    return first
  }

  /// The heap under `root` without it: children are merged in pairs, then the pairs from the right.
  func withoutFirst(_ root: Int32) -> Int32 {
    var pairs: Int32 = -1
    var next = child[Int(root)]
    while next >= 0 {
      let a = next
      let b = sibling[Int(a)]
      if b < 0 {
        sibling[Int(a)] = pairs
        pairs = a
        break
      }
      next = sibling[Int(b)]
      let merged = merge(a, b)
      sibling[Int(merged)] = pairs
      pairs = merged
    }
    var result: Int32 = -1
    while pairs >= 0 {
      let rest = sibling[Int(pairs)]
      sibling[Int(pairs)] = -1
      result = result < 0 ? pairs : merge(result, pairs)
      pairs = rest
    }
    return result
  }
}
