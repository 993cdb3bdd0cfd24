import Synchronization
import TributaryParallel

/// The threads that run passes for tasks: a pass waits for its workers, and a task's own thread must not.
///
/// As many as the process's team is wide, however many tasks ask: passes beyond that wait their turn. A thread
/// that finds no pass ends. Not libdispatch's threads: a program that blocks all of them would block its passes.
package final class AsyncPasses: Sendable {
  package static let shared = AsyncPasses(threads: WorkerTeam.shared.width)

  /// A pass that a task waits for.
  final class Entry: Sendable {
    fileprivate let run: @Sendable (_ isCancelled: Bool) -> Void

    /// - Parameter run: called once, with true where the pass was taken back before it began.
    init(_ run: @escaping @Sendable (_ isCancelled: Bool) -> Void) { self.run = run }
  }

  private struct State {
    var waiting: [Entry] = []
    var threads = 0
  }

  private let state = Mutex(State())
  private let mostThreads: Int

  package init(threads: Int) { mostThreads = threads }

  /// Runs the entry on one of the threads, after those handed over before it have begun.
  func run(_ entry: Entry) {
    let startsThread = state.withLock { state in
      state.waiting.append(entry)
      guard state.threads < mostThreads else { return false }
      state.threads += 1
      return true
    }
    // Where the system has no more threads the task's own does it.
    if startsThread, !startThread(work) { work() }
  }

  /// Takes back an entry that has not begun.
  func cancel(_ entry: Entry) {
    let isOurs = state.withLock { state in
      guard let place = state.waiting.firstIndex(where: { $0 === entry }) else { return false }
      state.waiting.remove(at: place)
      return true
    }
    if isOurs { entry.run(true) }
  }

  @Sendable private func work() {
    while let entry = next() { entry.run(false) }
  }

  private func next() -> Entry? {
    state.withLock { state in
      if state.waiting.isEmpty {
        state.threads -= 1
        return nil
      }
      return state.waiting.removeFirst()
    }
  }
}
