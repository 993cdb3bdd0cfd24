/// What is to happen in a replay, in the order of its time; of one time, in the order in which it was foreseen.
struct VirtualTime {
  enum Kind {
    /// The worker's stretch of work ends.
    case ends
    /// A worker that has nothing to do looks whether there is something.
    case looks
    /// A worker's patience ends.
    case tires
    /// A worker that was summoned is there.
    case arrives
  }

  struct Event {
    let time: Double
    let order: Int
    let kind: Kind
    let worker: Int
    /// Of the worker's, as the event was foreseen: of another state it is void.
    let version: Int

    func isBefore(_ other: Event) -> Bool {
      time != other.time ? time < other.time : order < other.order
    }
  }

  private(set) var now = 0.0
  private var heap: [Event] = []
  private var foreseen = 0

  mutating func foresee(_ kind: Kind, of worker: Int, version: Int, after delay: Double) {
    foreseen += 1
    heap.append(
      Event(time: now + delay, order: foreseen, kind: kind, worker: worker, version: version))
    var child = heap.count - 1
    while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  /// The next event, to whose time the clock goes.
  mutating func next() -> Event? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      sink()
    }
    now = first.time
    return first
  }

  private mutating func sink() {
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && heap[child].isBefore(heap[least]) {
        least = child
      }
      if least == parent { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
