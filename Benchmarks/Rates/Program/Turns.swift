/// Several pieces of work, timed in turn, so that what else the machine does meets all of them.
struct Turns {
  private let names: [String]
  private var times: [[Double]]

  /// Times each of `cases` once a round; the first round, which fills caches and pools, does not count.
  init(rounds: Int, _ cases: [(name: String, body: () throws -> Void)]) throws {
    names = cases.map(\.name)
    times = cases.map { _ in [] }
    let clock = ContinuousClock()
    for round in 0...rounds {
      for (index, item) in cases.enumerated() {
        let taken = try clock.measure { try item.body() } / .milliseconds(1)
        if round > 0 { times[index].append(taken) }
      }
    }
  }

  /// Milliseconds; NaN where there is no such case.
  func median(_ name: String) -> Double {
    guard let index = names.firstIndex(of: name) else { return .nan }
    let sorted = times[index].sorted()
    return sorted[sorted.count / 2]
  }
}

/// `value` with so many digits behind the point, on the right of `width` columns.
func column(_ value: Double, _ width: Int, digits: Int) -> String {
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  guard value.isFinite else { return String(repeating: " ", count: width - 1) + "-" }
  let whole = Int((value * scale).rounded())
  var text = String(whole / Int(scale))
  if digits > 0 {
    let rest = String(whole % Int(scale))
    text += "." + String(repeating: "0", count: digits - rest.count) + rest
  }
  return String(repeating: " ", count: max(0, width - text.count)) + text
}

func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}
