import TestTools
import Glibc

/// Delays nodes of a pass at random: by the seed, the node's number and nothing else.
package struct Perturber: Sendable {
  private let seed: UInt64
  private let mostNanoseconds: Int

  package init(seed: UInt64, mostNanoseconds: Int = 20_000) {
    self.seed = seed
    self.mostNanoseconds = mostNanoseconds
  }

  package func callAsFunction(_ node: Int) {
    var random = SplitMix(seed: seed &+ UInt64(node) &* 0x2545_f491_4f6c_dd1d)
    switch random.below(4) {
    case 0: return
    case 1: sched_yield()
    default:
      let end = Self.now() + random.below(mostNanoseconds)
      while Self.now() < end { if random.oneIn(64) { sched_yield() } }
    }
  }

  private static func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
}
