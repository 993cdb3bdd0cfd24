import Foundation
import TributaryParallel

/// Names the graph that a run does not come to the end of: where the engine waits for ever, nothing else would.
final class StressWatch: Sendable {
  private static let patience = 120.0

  private struct State {
    var seed: UInt64 = 0
    var begun: Date?
    /// The graph that was named.
    var named: UInt64?
  }

  private let state = Locked(State())

  init() {
    // A thread of its own: those of the pools may be what is stuck. It ends with the run.
    _ = startThread { [weak self] in
      while let watch = self {
        watch.look()
        usleep(500_000)
      }
    }
  }

  func begins(_ seed: UInt64) {
    state.withLock { state in (state.seed, state.begun) = (seed, Date()) }
  }

  func ends() { state.withLock { $0.begun = nil } }

  private func look() {
    let late = state.withLock { state -> UInt64? in
      guard let begun = state.begun, -begun.timeIntervalSinceNow > Self.patience,
        state.named != state.seed
      else { return nil }
      state.named = state.seed
      return state.seed
    }
    guard let late else { return }
    let text = "the graph of seed \(late) has been running for \(Int(Self.patience)) seconds\n"
    FileHandle.standardError.write(Data(text.utf8))
  }
}
