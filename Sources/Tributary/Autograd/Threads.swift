import TributaryParallel

/// How many threads work here at most: the bound of the innermost ``withThreads(_:_:)``, else that of the process.
///
/// That of the process is `TRIBUTARY_NUM_THREADS`, else the smaller of the cores in the affinity mask and the
/// control group's quota.
public var numThreads: Int { WorkerTeam.current.width }

/// Runs `body` with at most `count` threads, the calling one among them; results do not depend on it.
///
/// The number is taken as asked, also above the cores (from 1 to 4,096; others are drawn in). It holds in child
/// tasks and in everything that the engine runs for `body`, and all scopes of one number share their threads: eight
/// clients in `withThreads(4)` have three workers together.
public func withThreads<R, E: Error>(_ count: Int, _ body: () throws(E) -> R) throws(E) -> R {
  try WorkerTeam.withTeam(.ofWidth(count), body)
}

/// The same for an asynchronous `body`.
public func withThreads<R, E: Error>(
  _ count: Int, isolation: isolated (any Actor)? = #isolation, _ body: () async throws(E) -> R
) async throws(E) -> R {
  try await WorkerTeam.withTeam(.ofWidth(count), isolation: isolation, body)
}
