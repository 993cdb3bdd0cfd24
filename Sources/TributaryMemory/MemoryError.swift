/// Why a buffer could not be made.
package enum MemoryError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The limit would be passed (`limit` is set), or the system has no more memory (`limit` is nil).
  /// `live` is what all buffers together held when it happened, in bytes.
  case outOfMemory(requested: Int, live: Int, limit: Int?)
  /// The size is negative or past any address space; nothing was tried.
  case tooLarge(requested: Int)

  /// What happened.
  package var description: String {
    switch self {
    case .outOfMemory(let requested, let live, let limit?):
      "\(grouped(requested)) bytes were asked for with \(grouped(live)) live, past the limit of \(grouped(limit))"
    case .outOfMemory(let requested, let live, nil):
      "\(grouped(requested)) bytes were asked for with \(grouped(live)) live, and the system has no more"
    case .tooLarge(let requested) where requested < 0:
      "\(grouped(requested)) bytes were asked for; a size cannot be negative"
    case .tooLarge(let requested):
      "\(grouped(requested)) bytes were asked for, more than any address space has"
    }
  }

  /// What may help.
  package var advice: String {
    switch self {
    case .outOfMemory(_, _, .some): "free tensors, make the batch smaller or raise Memory.limit"
    case .outOfMemory(_, _, nil): "free tensors or make the batch smaller"
    case .tooLarge: "make the shape smaller"
    }
  }
}

/// 1234567 as 1,234,567.
private func grouped(_ number: Int) -> String {
  var text = ""
  for (place, digit) in String(number.magnitude).reversed().enumerated() {
    if place > 0, place % 3 == 0 { text.append(",") }
    text.append(digit)
  }
  return (number < 0 ? "-" : "") + String(text.reversed())
}
