import Tributary
import TributaryParallel

/// Leaves out steps of a random graph whose comparison fails, as long as it still fails.
///
/// By halves, then smaller parts, then single steps (Zeller and Hildebrandt 2002). What fails by chance needs
/// several attempts, with other delays; so a step that is kept need not matter, but one left out does not.
package struct GraphShrinker {
  private let attempts: Int
  private let fails: (_ steps: [Int], _ attempt: Int) throws -> Bool

  /// - Parameters:
  ///   - attempts: how often a smaller graph is tried before it counts as sound.
  ///   - fails: whether the graph of these steps fails.
  package init(
    attempts: Int = 10, _ fails: @escaping (_ steps: [Int], _ attempt: Int) throws -> Bool
  ) {
    (self.attempts, self.fails) = (attempts, fails)
  }

  /// A part of `steps` that fails, none of whose parts was seen to.
  package func shrink(_ steps: [Int]) throws -> [Int] {
    var kept = steps
    var length = max(1, kept.count / 2)
    while true {
      var isSmaller = false
      var start = 0
      while start < kept.count {
        let candidate = Array(kept[..<start] + kept[min(start + length, kept.count)...])
        if try (0..<attempts).contains(where: { try fails(candidate, $0) }) {
          kept = candidate
          isSmaller = true
        } else {
          start += length
        }
      }
      if length == 1, !isSmaller { return kept }
      length = max(1, length / 2)
    }
  }
}
