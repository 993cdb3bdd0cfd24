import CTributaryShims
import Synchronization

/// What the team's own steps cost, on a team of the width of the machine.
struct TeamCalibration {
  private let cores: [Int]
  /// Of another NUMA node; nil where there is none.
  private let farCore: Int?
  private let team: WorkerTeam
  private let repeats = 300

  init(topology: Topology) {
    let largest = topology.largestNode
    cores = largest?.cores ?? [0]
    farCore = topology.coreBesideLargestNode
    // Of one NUMA node.
    team = WorkerTeam(width: 2, topology: Topology(nodes: largest.map { [$0] } ?? []))
  }

  func run() -> ReplayCosts.Team {
    var costs = ReplayCosts.Team()
    costs.spin = Double(team.spinNanoseconds)
    costs.wait = Double(team.waitNanoseconds)
    costs.clock = Self.clock()
    costs.node = nodeOnTeam()
    costs.take = Self.take()
    costs.word = Self.word(cores)
    costs.remoteWord = max(costs.word, farCore.map { Self.word([cores[0], $0]) } ?? 0)
    costs.loop = loop()
    if cores.count < 2 { return costs }
    team.placeThreads()
    defer { team.releaseThreads() }
    let near = handOver(pause: false)
    costs.handOver = max(0, near.other - costs.clock)
    let far = handOver(pause: true)
    costs.summons = far.other
    costs.summonsOfPoster = max(0, far.poster - near.poster)
    costs.nextSummons = costs.summonsOfPoster
    costs.join = join(tail: 10_000)
    costs.wake = join(tail: Int(team.waitNanoseconds) * 4)
    return costs
  }

  private static func clock() -> Double {
    Sample.typical(50) { Sample.time { for _ in 0..<1_000 { _ = tri_nanoseconds() } } / 1_000 }
  }

  /// A chain of empty nodes on the team against the same on the caller.
  private func nodeOnTeam() -> Double {
    let count = 20_000
    let dependencies = (0..<count).map { Int32($0 == 0 ? 0 : 1) }
    func chain(serial: Bool) -> Double {
      var options = PassOptions()
      options.serial = serial
      return Sample.time {
        _ = DependencyScheduler.run(
          count: count, dependencies: dependencies, priorities: nil, on: team, options: options
        ) { node, context in if node + 1 < count { context.satisfied(node + 1) } }
      } / Double(count)
    }
    var (serial, parallel): ([Double], [Double]) = ([], [])
    for _ in 0..<40 {
      serial.append(chain(serial: true))
      parallel.append(chain(serial: false))
    }
    return max(0, Sample.typical(parallel) - Sample.typical(serial))
  }

  /// Pushing a thousand ready nodes and taking them by priority, one thread alone; a node.
  private static func take() -> Double {
    let count = 1_024
    let links = UnsafeMutablePointer<Int32>.allocate(capacity: 2 * count)
    let priorities = UnsafeMutablePointer<Float>.allocate(capacity: count)
    defer {
      links.deallocate()
      priorities.deallocate()
    }
    for node in 0..<count { (priorities + node).initialize(to: Float(node * 7_919 % count)) }
    let heap = NodeHeap(
      child: links, sibling: links + count, priorities: UnsafePointer(priorities), frees: nil)
    let queue = ReadyQueue()
    return Sample.typical(50) {
      Sample.time {
        for node in 0..<Int32(count) {
          var ready = ReadyNodes()
          heap.add(node, to: &ready)
          queue.push(ready, heap)
        }
        while queue.pop(heap) >= 0 {}
      } / Double(count)
    }
  }

  /// Two threads that change one word in turn; half a round.
  private static func word(_ cores: [Int]) -> Double {
    let crowd = Crowd(2, cores: cores)
    defer { crowd.disperse() }
    guard crowd.count == 2 else { return 0 }
    let word = Turn()
    let rounds = 2_000
    return Sample.typical(25) {
      word.value.store(0, ordering: .sequentiallyConsistent)
      return Sample.time {
        crowd.together { member in
          for round in 0..<rounds {
            while word.value.load(ordering: .sequentiallyConsistent) != 2 * round + member {}
            word.value.wrappingAdd(1, ordering: .sequentiallyConsistent)
          }
        }
      } / Double(2 * rounds)
    }
  }

  private final class Turn: Sendable {
    private let before = CacheLine()
    let value = Atomic<Int>(0)
    private let after = CacheLine()
  }

  /// A loop that nobody joins: so little work that it summons nobody.
  private func loop() -> Double {
    let away = WorkerTeam(width: 2, topology: team.topology)
    return Sample.typical(50) {
      Sample.time {
        for _ in 0..<200 { away.runLoop(tiles: 2, nanosecondsPerTile: 0, order: .inParts) { _ in } }
      }
        / 200
    }
  }

  /// A node makes two ready; one stays with the thread, the other goes to a worker that searches or, after a pause, is
  /// away. When each begins, from the first one's end.
  private func handOver(pause: Bool) -> (other: Double, poster: Double) {
    let stamps = Stamps()
    var (other, poster): ([Double], [Double]) = ([], [])
    for _ in 0..<(pause ? 60 : repeats) {
      team.placeThreads()
      if pause {
        let end = tri_nanoseconds() + team.spinNanoseconds * 3
        while tri_nanoseconds() < end { tri_yield() }
      }
      stamps.clear()
      _ = DependencyScheduler.run(count: 3, dependencies: [0, 1, 1], priorities: nil, on: team) {
        node, context in
        let now = tri_nanoseconds()
        if node == 0 {
          if !pause { Self.spin(until: now + 5_000) }
          context.satisfied(1)
          context.satisfied(2)
          stamps.set(0)
        } else {
          stamps.set(node)
          stamps.note(thread: tri_thread_number())
          // Long enough that the other node is left to the other thread.
          Self.spin(until: now + (pause ? 500_000 : 20_000)) { stamps.areAllSet }
        }
      }
      if stamps.areAllSet, stamps.areOfTwo, stamps[0] > 0, stamps[1] >= stamps[0] {
        poster.append(Double(stamps[1] - stamps[0]))
        other.append(Double(stamps[2] - stamps[0]))
      }
    }
    return (Sample.typical(other), Sample.typical(poster))
  }

  /// A loop whose last tile ends on the worker so long after the caller's; until the caller goes on.
  private func join(tail: Int) -> Double {
    let stamps = Stamps()
    let caller = tri_thread_number()
    team.placeThreads()
    let found = (0..<repeats / 3).compactMap { _ -> Double? in
      stamps.clear()
      parallelFor(tiles: 2, nanosecondsPerTile: 1e6, on: team) { range in
        // The caller's tile is the shorter one, once the worker has come.
        if tri_thread_number() == caller {
          Self.spin(until: tri_nanoseconds() + 1_000_000) { stamps[1] > 0 }
        } else {
          stamps.set(1)
          Self.spin(until: tri_nanoseconds() + UInt64(tail))
          stamps.set(2)
        }
      }
      let end = tri_nanoseconds()
      return stamps[2] > 0 && end > stamps[2] ? Double(end - stamps[2]) : nil
    }
    return Sample.typical(found)
  }

  private static func spin(until end: UInt64, orUntil isEnough: () -> Bool = { false }) {
    while tri_nanoseconds() < end, !isEnough() { tri_cpu_pause() }
  }

  /// Times that different threads take.
  private final class Stamps: Sendable {
    // Relaxed: read when the pass or loop is over, or as a hint.
    private let first = Atomic<UInt64>(0)
    private let second = Atomic<UInt64>(0)
    private let third = Atomic<UInt64>(0)
    /// The numbers of the threads that took the second and third, one upon the other: 0 where it was the same.
    private let threads = Atomic<Int>(0)

    /// Called by two, or twice by one.
    func note(thread: Int64) { threads.bitwiseXor(Int(thread), ordering: .relaxed) }

    /// Whether `note` was called by two different threads.
    var areOfTwo: Bool { threads.load(ordering: .relaxed) != 0 }

    func clear() {
      threads.store(0, ordering: .relaxed)
      for place in 0..<3 { store(0, at: place) }
    }

    func set(_ place: Int) { store(tri_nanoseconds(), at: place) }

    private func store(_ time: UInt64, at place: Int) {
      switch place {
      case 0: first.store(time, ordering: .relaxed)
      case 1: second.store(time, ordering: .relaxed)
      default: third.store(time, ordering: .relaxed)
      }
    }

    subscript(place: Int) -> UInt64 {
      switch place {
      case 0: first.load(ordering: .relaxed)
      case 1: second.load(ordering: .relaxed)
      default: third.load(ordering: .relaxed)
      }
    }

    var areAllSet: Bool { self[1] > 0 && self[2] > 0 }
  }
}
