/// Random choices of a test or of a random graph, decided by the seed alone. (SplitMix64, Steele, Lea and Flood, 2014.)
package struct SplitMix: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// One of `0 ..< count`.
  package mutating func below(_ count: Int) -> Int {
    Int.random(in: 0..<max(count, 1), using: &self)
  }

  /// True once in `count` times.
  package mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }

  /// Uniform in `range`.
  package mutating func real(in range: ClosedRange<Double>) -> Double {
    Double.random(in: range, using: &self)
  }
}
