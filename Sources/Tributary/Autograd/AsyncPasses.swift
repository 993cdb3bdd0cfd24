import Synchronization
import TributaryParallel

/// The threads that run passes for tasks: a pass waits for its workers, and a task's own thread must not.
///
/// As many as the process may use cores, however many tasks ask: passes beyond that wait their turn. A thread
/// that finds no pass ends. Not libdispatch's threads: a program that blocks all of them would block its passes.
enum AsyncPasses {
  private struct State {
    var waiting: [@Sendable () -> Void] = []
    var threads = 0
  }

  private static let state = Mutex(State())

  /// Runs `pass` on one of the threads, some time after the passes handed over before it have begun.
  static func run(_ pass: @escaping @Sendable () -> Void) {
    let startsThread = state.withLock { state in
      state.waiting.append(pass)
      guard state.threads < Topology.current.coreCount else { return false }
      state.threads += 1
      return true
    }
    // Where the system has no more threads the task's own does it.
    if startsThread, !startThread(work) { work() }
  }

  @Sendable private static func work() {
    while true {
      let pass = state.withLock { state -> (@Sendable () -> Void)? in
        if state.waiting.isEmpty {
          state.threads -= 1
          return nil
        }
        return state.waiting.removeFirst()
      }
      guard let pass else { return }
      pass()
    }
  }
}
