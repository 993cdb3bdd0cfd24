/// The orders of summation, spelled out in scalars: what every path must give, bit for bit.
enum ReduceOrder {
  static func tree<T>(_ blocks: [T], _ join: (T, T) -> T) -> T? {
    var level = blocks
    while level.count > 1 {
      level = stride(from: 0, to: level.count, by: 2).map { i in
        i + 1 < level.count ? join(level[i], level[i + 1]) : level[i]
      }
    }
    return level.first
  }

  static func row<T>(_ x: ArraySlice<T>, identity: T, _ join: (T, T) -> T) -> T? {
    let blocks = stride(from: x.startIndex, to: x.endIndex, by: 4096).map { start in
      var lanes = [T](repeating: identity, count: 16)
      for i in start..<min(start + 4096, x.endIndex) {
        lanes[(i - start) % 16] = join(lanes[(i - start) % 16], x[i])
      }
      for width in [8, 4, 2, 1] {
        for lane in 0..<width { lanes[lane] = join(lanes[lane], lanes[lane + width]) }
      }
      return lanes[0]
    }
    return tree(blocks, join)
  }

  /// `x[o, ·, c]` of [outer, m, n].
  static func column<T>(
    _ x: [T], o: Int, m: Int, n: Int, c: Int, _ join: (T, T) -> T
  ) -> T? {
    let blocks = stride(from: 0, to: m, by: 64).map { start in
      (start + 1..<max(start + 1, min(start + 64, m))).reduce(x[(o * m + start) * n + c]) {
        join($0, x[(o * m + $1) * n + c])
      }
    }
    return tree(blocks, join)
  }

  static func maximum<T: FloatingPoint>(_ a: T, _ b: T) -> T { b > a || b.isNaN ? b : a }
  static func minimum<T: FloatingPoint>(_ a: T, _ b: T) -> T { b < a || b.isNaN ? b : a }
}
