import TributaryParallel

/// The threads that run passes for tasks: a pass waits for its workers, and a task's own thread must not.
///
/// As many as the process's team is wide, however many tasks ask: passes beyond that wait their turn. A thread
/// that finds no pass ends. Not libdispatch's threads: a program that blocks all of them would block its passes.
///
/// Unchecked: `lock` protects what changes.
package final class AsyncPasses: @unchecked Sendable {
  package static let shared = AsyncPasses(threads: WorkerTeam.shared.width)

  /// Where a task's cancellation finds the pass that the task waits for.
  final class Place: @unchecked Sendable {
    private let lock = SpinLock()
    /// Protected by `lock`.
    private var content: Entry?

    var entry: Entry? {
      get {
        lock.lock()
        defer { lock.unlock() }
        return content
      }
      set {
        lock.lock()
        content = newValue
        lock.unlock()
      }
    }
  }

  /// A pass that a task waits for.
  final class Entry: Sendable {
    fileprivate let run: @Sendable (_ isCancelled: Bool) -> Void

    /// - Parameter run: called once, with true where the pass was taken back before it began.
    init(_ run: @escaping @Sendable (_ isCancelled: Bool) -> Void) { self.run = run }
  }

  private let lock = SpinLock()
  /// Both protected by `lock`.
  private var waiting: [Entry] = []
  private var threads = 0
  private let mostThreads: Int

  package init(threads: Int) { mostThreads = threads }

  /// Runs the entry on one of the threads, after those handed over before it have begun.
  func run(_ entry: Entry) {
    lock.lock()
    waiting.append(entry)
    let startsThread = threads < mostThreads
    if startsThread { threads += 1 }
    lock.unlock()
    // Where the system has no more threads the task's own does it.
    if startsThread, !startThread(work) { work() }
  }

  /// Takes back an entry that has not begun.
  func cancel(_ entry: Entry) {
    lock.lock()
    let place = waiting.firstIndex { $0 === entry }
    if let place { waiting.remove(at: place) }
    lock.unlock()
    if place != nil { entry.run(true) }
  }

  @Sendable private func work() {
    while let entry = next() { entry.run(false) }
  }

  private func next() -> Entry? {
    lock.lock()
    defer { lock.unlock() }
    if waiting.isEmpty {
      threads -= 1
      return nil
    }
    return waiting.removeFirst()
  }
}
