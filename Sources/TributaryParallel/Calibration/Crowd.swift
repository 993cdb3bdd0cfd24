import CTributaryShims
import Synchronization

/// Threads that do the same thing at the same moment, each on a core of its own, for measuring what cores do to each
/// other. They spin while they wait, and belong to no team.
final class Crowd: Sendable {
  typealias Work = @Sendable (_ member: Int) -> Void

  /// Members, the calling thread among them as number 0.
  let count: Int
  // Sequentially consistent: a few words that are read and written some hundred times.
  private let round = Atomic<Int>(0)
  private let finished = Atomic<Int>(0)
  private let isOver = Atomic<Bool>(false)
  private let work = Locked<Work?>(nil)

  /// The mask of the thread that made the crowd.
  private let outside = AffinityMask.ofThread()

  /// Fewer members where the system has no threads to give, or `cores` are fewer.
  init(_ count: Int, cores: [Int]) {
    let count = min(count, cores.count)
    var started = 1
    let box = Door()
    for member in 1..<max(count, 1) where startThread({ box.crowd.serve(member) }) { started += 1 }
    self.count = started
    box.open(self)
    together { _ = AffinityMask(cores: [cores[$0]]).apply() }
  }

  /// Threads start before `self` can be named, and wait for it here.
  private final class Door: Sendable {
    private let held = Locked<Crowd?>(nil)

    func open(_ crowd: Crowd) { held.withLock { $0 = crowd } }

    var crowd: Crowd {
      while true {
        if let crowd = held.withLock({ $0 }) { return crowd }
        tri_yield()
      }
    }
  }

  /// Ends the threads.
  func disperse() {
    isOver.store(true, ordering: .sequentiallyConsistent)
    _ = outside?.apply()
  }

  /// Runs `body` on all members at once, and returns when all have run it.
  func together(_ body: @escaping Work) {
    work.withLock { $0 = body }
    finished.store(0, ordering: .sequentiallyConsistent)
    round.wrappingAdd(1, ordering: .sequentiallyConsistent)
    body(0)
    while finished.load(ordering: .sequentiallyConsistent) < count - 1 { tri_cpu_pause() }
  }

  private func serve(_ member: Int) {
    var seen = 0
    while !isOver.load(ordering: .sequentiallyConsistent) {
      let now = round.load(ordering: .sequentiallyConsistent)
      if now == seen {
        tri_cpu_pause()
        continue
      }
      seen = now
      work.withLock { $0 }?(member)
      finished.wrappingAdd(1, ordering: .sequentiallyConsistent)
    }
  }
}

/// Figures from repeated measurements.
enum Sample {
  /// The lower quartile of `count` values: what else a machine does only adds to a time.
  static func typical(_ count: Int, _ measure: () -> Double) -> Double {
    typical((0..<count).map { _ in measure() })
  }

  static func typical(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.sorted()[values.count / 4]
  }

  /// Nanoseconds that `body` takes.
  static func time(_ body: () -> Void) -> Double {
    let start = tri_nanoseconds()
    body()
    return Double(tri_nanoseconds() - start)
  }
}
