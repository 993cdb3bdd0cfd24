import CTributaryShims
import Synchronization

/// How a team's threads spend their time, while somebody measures; off, each stretch of work costs one load.
package final class TeamMeter: Sendable {
  // Relaxed throughout: sums, read when the measured work is over. Written once for each stretch of work.
  private let isOn = Atomic<Bool>(false)
  private let helping = Atomic<Int>(0)
  private let waiting = Atomic<Int>(0)

  init() {}

  /// Runs `body`, and says how much of its threads' time was idle: of `width` threads, the share of the time that
  /// each had nothing to do, waiting openers included. What a client does outside of loops and passes is no
  /// waiting of its own, but of all others.
  package func idleShare(width: Int, _ body: () throws -> Void) rethrows -> Double {
    helping.store(0, ordering: .relaxed)
    waiting.store(0, ordering: .relaxed)
    isOn.store(true, ordering: .relaxed)
    defer { isOn.store(false, ordering: .relaxed) }
    let start = tri_nanoseconds()
    try body()
    let wall = Double(tri_nanoseconds() - start)
    let idle =
      Double(width - 1) * wall - Double(helping.load(ordering: .relaxed))
      + Double(waiting.load(ordering: .relaxed))
    return min(1, max(0, idle / (Double(width) * wall)))
  }

  /// A worker's stretch in a job of somebody else's, or a waiting opener's, which is none of its waiting. What turns out
  /// to be no work (`body` returns false) was a look for some.
  @inline(__always)
  func whileHelping(isWaiting: Bool, _ body: () -> Bool) -> Bool {
    guard isOn.load(ordering: .relaxed) else { return body() }
    let start = tri_nanoseconds()
    guard body() else { return false }
    let took = Int(tri_nanoseconds() - start)
    if isWaiting {
      waiting.wrappingSubtract(took, ordering: .relaxed)
    } else {
      helping.wrappingAdd(took, ordering: .relaxed)
    }
    return true
  }

  @inline(__always)
  func whileWaiting(_ body: () -> Void) {
    guard isOn.load(ordering: .relaxed) else { return body() }
    let start = tri_nanoseconds()
    body()
    waiting.wrappingAdd(Int(tri_nanoseconds() - start), ordering: .relaxed)
  }
}
