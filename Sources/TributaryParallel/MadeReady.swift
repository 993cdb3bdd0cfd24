/// What one node has made ready, until its body returns and all is handed on: to the worker itself, or to others'
/// queues. For the team's threads (`NodeContext`) and for passes replayed in virtual time (`PassReplay`).
struct MadeReady {
  /// How many there were, wherever they went; without the small ones.
  private(set) var count = 0
  /// For the worker that made them ready.
  private var own = ReadyNodes()
  /// For the queue of worker `owner`: neighbours mostly go to the same one, and one lock serves them.
  private var dealt = ReadyNodes()
  private var owner = -1
  var isEmpty: Bool { count == 0 && small.isEmpty }
  /// Whether some are for the worker itself, or for nobody in particular.
  var hasOwn: Bool { !own.isEmpty }
  /// Run by the worker right after the node that made them ready, before the rest is handed on.
  private var small = ReadyNodes()

  @inline(__always)
  mutating func addSmall(_ node: Int32, _ heap: borrowing NodeHeap) { heap.add(node, to: &small) }

  /// The first small node that is left; -1 for none.
  @inline(__always)
  mutating func takeSmall(_ heap: borrowing NodeHeap) -> Int32 {
    small.isEmpty ? -1 : heap.takeFirst(of: &small)
  }

  /// Sends the node to where its largest input lies, if there is somebody; false if not.
  @inline(__always)
  mutating func send(
    _ node: Int32, to home: Int, from here: Int, _ policy: PassPolicy, _ heap: borrowing NodeHeap
  ) -> Bool {
    guard policy.sends(to: home, from: here) else { return false }
    count += 1
    policy.send(node, to: home, heap)
    return true
  }

  /// Sets the node aside for the worker of its branch. What is of the running node's own branch stays with `worker`,
  /// who may have stolen it: its data are here by now.
  ///
  /// - Parameter onPush: told of each queue that was given something.
  @inline(__always)
  mutating func add(
    _ node: Int32, of place: BranchPlace, after running: BranchPlace, by worker: Int,
    _ policy: PassPolicy, _ heap: borrowing NodeHeap, onPush: (Int) -> Void = { _ in }
  ) {
    count += 1
    guard place != running, let to = place.worker(of: policy.width), to != worker else {
      return heap.add(node, to: &own)
    }
    if to != owner { deal(policy, heap, onPush) }
    owner = to
    heap.add(node, to: &dealt)
  }

  /// Hands all on. Returns the node that the worker runs next, its best; -1 for none.
  ///
  /// Where all is for others it is the best of the last that were set aside: most often it is the only one, and handing
  /// it over costs more than its data do.
  ///
  /// - Parameter thrift: memory is short: what frees some may lie in the queue, so that all go into queues.
  @inline(__always)
  mutating func handOn(
    by worker: Int, _ policy: PassPolicy, _ heap: borrowing NodeHeap, thrift: Bool,
    onPush: (Int) -> Void = { _ in }
  ) -> Int32 {
    var next: Int32 = -1
    if !small.isEmpty {
      count += Int(small.count)
      heap.move(&small, to: &own)
    }
    if !thrift {
      next = own.isEmpty ? heap.takeFirst(of: &dealt) : heap.takeFirst(of: &own)
    }
    if !own.isEmpty {
      policy.push(own, of: worker, heap)
      onPush(worker)
      own = ReadyNodes()
    }
    deal(policy, heap, onPush)
    return next
  }

  @inline(__always)
  private mutating func deal(
    _ policy: PassPolicy, _ heap: borrowing NodeHeap, _ onPush: (Int) -> Void
  ) {
    if dealt.isEmpty { return }
    policy.push(dealt, of: owner, heap)
    onPush(owner)
    dealt = ReadyNodes()
  }
}
