import Synchronization

/// The workers that run all parallel work of the process; see SCHEDULER.md.
package final class WorkerTeam: Sendable {
  /// The most threads that work on one job: the client, which is worker 0, and `width - 1` others.
  package let width: Int
  package let topology: Topology

  /// - Parameters:
  ///   - width: taken as asked (at least 1), also beyond the cores; nil: `topology.defaultWidth`.
  ///   - spin: how long a worker without work looks for some before its thread goes back.
  package init(width: Int? = nil, topology: Topology = .current, spin: Duration? = nil) {
    self.topology = topology
    self.width = max(1, width ?? topology.defaultWidth)
  }

  /// The team of the process, made at first use.
  package static let shared = WorkerTeam()

  @TaskLocal package static var bound: WorkerTeam?

  /// The team bound by the innermost `withTeam`, else `shared`. One task-local read.
  package static var current: WorkerTeam { bound ?? shared }

  /// Runs `body` with `current == team`. Holds in child tasks, and in everything that the team runs.
  package static func withTeam<R, E: Error>(
    _ team: WorkerTeam, _ body: () throws(E) -> R
  ) throws(E) -> R {
    let result: Result<R, E> = $bound.withValue(team) {
      do throws(E) { return .success(try body()) } catch { return .failure(error) }
    }
    return try result.get()
  }

  /// True in a child process whose parent had worker threads; every pass then ends with `.forked`.
  package static var poisonedByFork: Bool { false }
}
