import Synchronization

/// Ready nodes in no order but their keys': a heap of those that free memory and one of the rest. Only a pass
/// with ``Thrift`` tells them apart; without it all are of the rest.
struct ReadyNodes {
  /// First nodes of the heaps; -1: none.
  var rest: Int32 = -1
  var freeing: Int32 = -1
  /// How many nodes both heaps have.
  var count: Int32 = 0

  var isEmpty: Bool { count == 0 }
}

/// The ready nodes of one worker in one pass: pairing heaps whose links lie in the pass's flat arrays.
///
/// A node is in one queue at most, so two words a node serve all queues, and pushing allocates nothing.
/// Rejected: a deque for each worker, which cannot hand out the node with the longest path first.
struct ReadyQueue: ~Copyable {
  private let lock = SpinLock()
  /// The key of the first node, 0 when empty: lets thieves choose without the lock. Written under the
  /// lock; sequentially consistent, since whoever goes to sleep looks here after saying so.
  private let top = Atomic<UInt64>(0)
  /// The same of the nodes that free memory. Relaxed: it decides the order only.
  private let topOfFreeing = Atomic<UInt64>(0)
  /// The heaps, guarded by `lock`, hence relaxed. Atomic only because several threads reach the queue through
  /// one pointer, which Swift's exclusivity rules allow for atomics alone.
  private let rest = Atomic<Int32>(-1)
  private let freeing = Atomic<Int32>(-1)
  private let count = Atomic<Int32>(0)

  /// The most nodes that a thief takes at once: what it holds the lock for, some microseconds.
  static let largestHaul: Int32 = 32

  /// The key of the first node, or 0.
  @inline(__always)
  var firstKey: UInt64 { top.load(ordering: .sequentiallyConsistent) }

  /// The key of the first node that frees memory, or 0.
  var firstFreeingKey: UInt64 { topOfFreeing.load(ordering: .relaxed) }

  /// Adds nodes that are in no queue.
  @inline(__always)
  func push(_ nodes: ReadyNodes, _ heap: borrowing NodeHeap) {
    lock.lock()
    var (all, added) = (content, nodes)
    heap.move(&added, to: &all)
    set(all, heap)
    lock.unlock()
  }

  /// Takes the first node, or the first that frees memory; -1 if there is none.
  @inline(__always)
  func pop(_ heap: borrowing NodeHeap, freeingOnly: Bool = false) -> Int32 {
    // Relaxed: the owner sees its own pushes, and a thief that misses one looks again.
    let seen =
      freeingOnly ? topOfFreeing.load(ordering: .relaxed) : top.load(ordering: .relaxed)
    if seen == 0 { return -1 }
    lock.lock()
    var all = content
    let first = heap.takeFirst(of: &all, freeingOnly: freeingOnly)
    if first >= 0 { set(all, heap) }
    lock.unlock()
    return first
  }

  /// Takes the first node, and with it, for the thief's own queue, those that follow it in order and are as urgent: half
  /// of the queue at most. Neighbours in serial order often read and write the same memory (contributions to one
  /// sum, say), and then each thread keeps its own in its cache; taking one at a time deals them out in turn. What is less
  /// urgent than the first stays, so that nobody runs it while more urgent nodes lie with a thief.
  func popHaul(_ heap: borrowing NodeHeap) -> (first: Int32, others: ReadyNodes) {
    var others = ReadyNodes()
    lock.lock()
    defer { lock.unlock() }
    var all = content
    let most = min(all.count / 2, Self.largestHaul)
    let first = heap.takeFirst(of: &all)
    guard first >= 0 else { return (first, others) }
    while others.count + 1 < most, heap.isAsUrgent(heap.first(of: all), as: first) {
      heap.add(heap.takeFirst(of: &all), to: &others)
    }
    set(all, heap)
    return (first, others)
  }

  /// Drops all nodes.
  func clear(_ heap: borrowing NodeHeap) {
    lock.lock()
    set(ReadyNodes(), heap)
    lock.unlock()
  }

  /// Needs `lock`.
  @inline(__always)
  private var content: ReadyNodes {
    ReadyNodes(
      rest: rest.load(ordering: .relaxed), freeing: freeing.load(ordering: .relaxed),
      count: count.load(ordering: .relaxed))
  }

  /// Needs `lock`.
  @inline(__always)
  private func set(_ nodes: ReadyNodes, _ heap: borrowing NodeHeap) {
    rest.store(nodes.rest, ordering: .relaxed)
    count.store(nodes.count, ordering: .relaxed)
    var first = nodes.rest < 0 ? 0 : heap.key(nodes.rest)
    if heap.frees != nil {
      freeing.store(nodes.freeing, ordering: .relaxed)
      let firstFreeing = nodes.freeing < 0 ? 0 : heap.key(nodes.freeing)
      topOfFreeing.store(firstFreeing, ordering: .relaxed)
      first = max(first, firstFreeing)
    }
    top.store(first, ordering: .sequentiallyConsistent)
  }
}

/// The links and keys of a pass's nodes. Links of the nodes in a queue are guarded by its lock.
struct NodeHeap: ~Copyable {
  let child: UnsafeMutablePointer<Int32>
  let sibling: UnsafeMutablePointer<Int32>
  let priorities: UnsafePointer<Float>?
  /// Whether a node frees memory; nil where nobody asks.
  let frees: UnsafePointer<Bool>?

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

  /// Whether two nodes have the same priority.
  func isAsUrgent(_ node: Int32, as other: Int32) -> Bool { key(node) >> 32 == key(other) >> 32 }

  @inline(__always)
  private func isolate(_ node: Int32) {
    child[Int(node)] = -1
    sibling[Int(node)] = -1
  }

  /// Adds a node that is in no heap.
  @inline(__always)
  func add(_ node: Int32, to nodes: inout ReadyNodes) {
    isolate(node)
    nodes.count += 1
    if let frees, frees[Int(node)] {
      nodes.freeing = joined(nodes.freeing, node)
    } else {
      nodes.rest = joined(nodes.rest, node)
    }
  }

  /// Adds all nodes of `some` to `nodes`.
  func move(_ some: inout ReadyNodes, to nodes: inout ReadyNodes) {
    nodes.rest = joined(nodes.rest, some.rest)
    nodes.freeing = joined(nodes.freeing, some.freeing)
    nodes.count += some.count
    some = ReadyNodes()
  }

  /// The node with the largest key; -1 if there is none.
  @inline(__always)
  func first(of nodes: ReadyNodes) -> Int32 {
    if nodes.freeing < 0 || nodes.rest < 0 { return max(nodes.freeing, nodes.rest) }
    return key(nodes.freeing) > key(nodes.rest) ? nodes.freeing : nodes.rest
  }

  /// Takes the node with the largest key, or the one among those that free memory; -1 if there is none.
  @inline(__always)
  func takeFirst(of nodes: inout ReadyNodes, freeingOnly: Bool = false) -> Int32 {
    if nodes.freeing >= 0, freeingOnly || first(of: nodes) == nodes.freeing {
      let first = nodes.freeing
      nodes.freeing = withoutFirst(first)
      nodes.count -= 1
      return first
    }
    if freeingOnly || nodes.rest < 0 { return -1 }
    let first = nodes.rest
    nodes.rest = withoutFirst(first)
    nodes.count -= 1
    return first
  }

  /// One heap of two, either of which may be empty.
  @inline(__always)
  func joined(_ a: Int32, _ b: Int32) -> Int32 { a < 0 ? b : b < 0 ? a : merge(a, b) }

  @inline(__always)
  private func merge(_ a: Int32, _ b: Int32) -> Int32 {
    let (first, second) = key(a) > key(b) ? (a, b) : (b, a)
    sibling[Int(second)] = child[Int(first)]
    child[Int(first)] = second
    return first
  }

  /// The heap under `root` without it: children are merged in pairs, then the pairs from the right.
  private func withoutFirst(_ root: Int32) -> Int32 {
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
      result = joined(result, pairs)
      pairs = rest
    }
    return result
  }
}
