/// Runs `body` over the tiles `0 ..< tiles`, on the team if that pays.
///
/// `body` gets ranges that together cover each tile once, from any thread, in any order; so a tile must not
/// read what another writes. Under about 5 µs of work, with one tile, or in a team of one, the caller
/// runs `body(0 ..< tiles)` without a hand-off. With several NUMA nodes tile t is offered first to the
/// workers of node ⌊t · nodes / tiles⌋. The body must not take locks nor call user code: a thread that
/// waits for one loop runs tiles of others.
package func parallelFor(
  tiles: Int, nanosecondsPerTile: Double, on team: WorkerTeam, body: (Range<Int>) -> Void
) {
  if tiles > 0 { body(0..<tiles) }
}

/// The twin for bodies that throw: the error is that of the lowest tile that throws, in every run.
///
/// A body that throws must do so at the first bad tile of its range, in ascending order.
package func parallelForThrowing<E: Error>(
  tiles: Int, nanosecondsPerTile: Double, on team: WorkerTeam, body: (Range<Int>) throws(E) -> Void
) throws(E) {
  if tiles > 0 { try body(0..<tiles) }
}

/// Runs `body(0) … body(count - 1)`, coarse tasks of unknown cost, each claimed alone.
///
/// A task may open loops and run passes. After an error at index p lower ones still run and higher ones
/// do not start; the outcome holds the error of the lowest index.
package func concurrentRun(
  count: Int, on team: WorkerTeam, options: PassOptions = PassOptions(),
  body: (_ index: Int) throws -> Void
) -> PassOutcome {
  DependencyScheduler.run(
    count: count, dependencies: nil, priorities: nil, on: team, options: options
  ) { index, _ in try body(index) }
}
