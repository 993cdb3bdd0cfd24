/// A fixed piece of work in registers, some tens of microseconds: how fast a core is just now.
///
/// Twelve sums at once, so that it is bound by what the core does in a cycle and not by how long an addition takes: only
/// then it shows that somebody else uses the other half of the core.
enum Arithmetic {
  @inline(never)
  static func run() {
    typealias Lanes = SIMD4<Float>
    let (factor, term) = (Lanes(repeating: 0.999), Lanes(repeating: 0.001))
    var (a, b, c, d) = (term, factor, term, factor)
    var (e, f, g, h) = (term, factor, term, factor)
    var (i, j, k, l) = (term, factor, term, factor)
    for _ in 0..<20_000 {
      a = a * factor + term
      b = b * factor + term
      c = c * factor + term
      d = d * factor + term
      e = e * factor + term
      f = f * factor + term
      g = g * factor + term
      h = h * factor + term
      i = i * factor + term
      j = j * factor + term
      k = k * factor + term
      l = l * factor + term
    }
    let sum = a + b + c + d + e + f + g + h + i + j + k + l
    keep(UInt64(sum[0].bitPattern))
  }

  /// So that the compiler may not leave the work out.
  @inline(never) @_optimize(none)
  static func keep(_ value: UInt64) {}
}
