import CTributaryShims
import Glibc
import TributarySplitMix

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
      let end = tri_nanoseconds() + UInt64(random.below(mostNanoseconds))
      while tri_nanoseconds() < end { if random.oneIn(64) { sched_yield() } }
    }
  }
}
