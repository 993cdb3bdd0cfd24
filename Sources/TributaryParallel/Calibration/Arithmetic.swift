/// A fixed piece of work in registers, some tens of microseconds: how fast a core is just now.
enum Arithmetic {
  @inline(never)
  static func run() {
    var sums = [SIMD8<Float>](repeating: SIMD8(repeating: 1), count: 8)
    let (factor, term) = (SIMD8<Float>(repeating: 0.999), SIMD8<Float>(repeating: 0.001))
    sums.withUnsafeMutableBufferPointer { sums in
      for _ in 0..<5_000 {
        for index in 0..<8 { sums[index] = sums[index] * factor + term }
      }
    }
    keep(UInt64(abs(sums[3][0]).bitPattern))
  }

  /// So that the compiler may not leave the work out.
  @inline(never) @_optimize(none)
  static func keep(_ value: UInt64) {}
}
