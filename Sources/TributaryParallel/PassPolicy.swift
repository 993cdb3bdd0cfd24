/// What a thread that takes part in a pass runs next: the one place where that is decided, for the team's threads
/// (`DependencyScheduler.work`) and for passes replayed in virtual time (`PassReplay`).
///
/// Each worker has a queue of ready nodes. With several NUMA nodes each of those has one too, for nodes whose
/// largest input lies there and which a worker of elsewhere made ready.
package struct PassPolicy {
  let slot: SlotPointer
  /// How many workers have queues; those of the NUMA nodes, if any, follow.
  let width: Int
  /// For each worker the index of its NUMA node.
  let nodeOfWorker: [Int]
  /// How many NUMA nodes have queues: 0 with one.
  let homes: Int
  /// See `PassOptions.smallPriority`.
  let smallPriority: Float

  init(slot: SlotPointer, width: Int, nodeOfWorker: [Int], smallPriority: Float) {
    (self.slot, self.width, self.nodeOfWorker) = (slot, width, nodeOfWorker)
    self.smallPriority = smallPriority
    homes = Self.homeQueues(slot.pointee.nodes)
  }

  /// How many queues a pass has besides those of the workers.
  static func homeQueues(_ nodes: Int) -> Int { nodes > 1 ? nodes : 0 }

  /// Of many small nodes the rest goes into the queue, as others do.
  static let mostSmall = 32

  /// Whether a ready node is run by who made it ready, right away: handing it over would cost more than it does.
  @inline(__always)
  func isSmall(_ node: Int32, _ heap: borrowing NodeHeap) -> Bool {
    guard let priorities = heap.priorities else { return false }
    return priorities[Int(node)] <= smallPriority
  }

  /// Where a node was found.
  struct Choice {
    /// -1: somebody else was faster; ask again.
    let node: Int32
    /// In which queue.
    let queue: Int
    let isStolen: Bool
    /// There are more ready nodes. Two posters may both have counted on the one thread that now has a node.
    let leavesMore: Bool
  }

  /// Takes a node for `worker`, who is on NUMA node `home`; nil: nothing is ready.
  ///
  /// First what is its own, or lies near it and has no owner, whichever has the larger key; then the largest key among
  /// the others' queues, those on its NUMA node before the rest; last what lies near others. So no worker is idle
  /// for the sake of where memory lies. With `thrift` the nodes that free memory go before all of these.
  ///
  /// - Parameter hasJoined: the worker has just joined the pass, and announces for others as a thief does.
  @inline(__always)
  func next(
    for worker: Int, home: Int, _ heap: borrowing NodeHeap, thrift: Bool, hasJoined: Bool
  ) -> Choice? {
    guard let own = slot.queue(worker) else { return nil }
    if thrift {
      let node = own.pointee.pop(heap, freeingOnly: true)
      if node >= 0 { return choice(node, worker, leavesMore: hasJoined) }
      if let victim = slot.queueWithFreeingNode(count: width + homes) {
        return steal(from: victim, heap, freeingOnly: true)
      }
    }
    if homes > 0, let near = nextNear(worker, home, own, heap) { return near }
    let node = own.pointee.pop(heap)
    if node >= 0 { return choice(node, worker, leavesMore: hasJoined) }
    var victim: Int?
    if homes > 0 { victim = slot.richestQueue(0..<width) { nodeOfWorker[$0] == home } }
    if let victim = victim ?? slot.richestQueue(0..<width) {
      // Others may have dealt into the own queue since.
      if victim == worker { return choice(own.pointee.pop(heap), worker, leavesMore: true) }
      // Where memory is short each node is chosen by what it is at that moment.
      return thrift ? steal(from: victim, heap) : haul(from: victim, for: worker, heap)
    }
    // One at a time: what lies near others is better run by them.
    return homes > 0
      ? slot.richestQueue(width..<width + homes).map { steal(from: $0, heap) } : nil
  }

  /// What lies on NUMA node `home` and has no owner, if it goes before all in the own queue.
  @inline(never)
  private func nextNear(
    _ worker: Int, _ home: Int, _ own: UnsafeMutablePointer<ReadyQueue>, _ heap: borrowing NodeHeap
  ) -> Choice? {
    let near = width + home
    guard let queue = slot.queue(near), queue.pointee.firstKey > own.pointee.firstKey else {
      return nil
    }
    return choice(queue.pointee.pop(heap), near, leavesMore: true)
  }

  @inline(__always)
  private func choice(
    _ node: Int32, _ queue: Int, isStolen: Bool = false, leavesMore: Bool
  ) -> Choice {
    Choice(
      node: node, queue: queue, isStolen: isStolen,
      leavesMore: leavesMore && node >= 0 && hasReadyNodes)
  }

  private func steal(
    from victim: Int, _ heap: borrowing NodeHeap, freeingOnly: Bool = false
  ) -> Choice {
    let node = slot.queue(victim)?.pointee.pop(heap, freeingOnly: freeingOnly) ?? -1
    return choice(node, victim, isStolen: true, leavesMore: true)
  }

  /// Steals a node and takes its neighbours along, see `ReadyQueue.popHaul`. Until they lie in the own queue nobody
  /// else sees them; only then is it asked whether there are more.
  private func haul(from victim: Int, for worker: Int, _ heap: borrowing NodeHeap) -> Choice {
    let (node, others) = slot.queue(victim)?.pointee.popHaul(heap) ?? (-1, ReadyNodes())
    push(others, of: worker, heap)
    return choice(node, victim, isStolen: true, leavesMore: true)
  }

  /// Whether some queue has a node; a hint.
  var hasReadyNodes: Bool { slot.hasNodes(in: width + homes) }

  /// Puts nodes that are ready into the queue of `worker`.
  func push(_ ready: ReadyNodes, of worker: Int, _ heap: borrowing NodeHeap) {
    if !ready.isEmpty, let own = slot.queue(worker) { own.pointee.push(ready, heap) }
  }

  /// Drops what `worker` has made ready.
  func clear(_ worker: Int, _ heap: borrowing NodeHeap) { slot.queue(worker)?.pointee.clear(heap) }

  /// Whether a node that was made ready on NUMA node `home` goes to the queue of `place`, where its largest input lies
  /// (-1: not known): if that is another one on which a worker lives. A client is where its core is, and may move.
  func sends(to place: Int, from home: Int) -> Bool {
    place >= 0 && place != home && nodeOfWorker.dropFirst().contains(place)
  }

  /// Whether it matters to a node of so much estimated work on which NUMA node the `bytes` lie that it reads: what a
  /// cache misses is fetched from another one in some hundred nanoseconds a line, and asking takes a microsecond.
  package static func minds(nanoseconds: Float, bytes: Int) -> Bool {
    nanoseconds >= 20_000 && bytes >= 64 << 10
  }

  /// Puts a ready node where the workers of NUMA node `home` look first.
  func send(_ node: Int32, to home: Int, _ heap: borrowing NodeHeap) {
    var nodes = ReadyNodes()
    heap.add(node, to: &nodes)
    slot.queue(width + home)?.pointee.push(nodes, heap)
  }
}
