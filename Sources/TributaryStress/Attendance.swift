/// How many threads of a team were inside the engine at once, over many passes.
package struct Attendance: Sendable, Equatable {
  package let width: Int
  package private(set) var passes = 0
  /// Of these, where all threads of the team were inside at once.
  package private(set) var full = 0
  package private(set) var most = 0

  package init(width: Int) { self.width = width }

  package mutating func add(peak: Int) {
    passes += 1
    if peak == width { full += 1 }
    most = max(most, peak)
  }
}
