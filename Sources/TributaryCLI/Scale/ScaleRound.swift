import TributaryParallel

/// A pass to be replayed, and what goes with it.
struct ScaleRound {
  /// Recorded on one thread.
  let pass: RecordedPass
  /// As measured about the same time.
  let costs: ReplayCosts
  /// How many nanoseconds the same pass took about the same time, on one thread, with no node traced; nil: not known.
  var untraced: Double?
  /// By number of threads, how many nanoseconds the same pass took about the same time.
  var measured: [Int: Double] = [:]

  /// The pass to be replayed: without what the trace added to each node.
  ///
  /// That is the readings of the clock, and a remainder that no calibration tells, for it depends on what the nodes find
  /// in the cache beside the marks; of small nodes it is a tenth. All of it together is known, from the same pass without
  /// marks, and each node has the same part of it.
  func untracedPass() throws -> RecordedPass {
    let pass = pass.withoutClock(costs.team.clock)
    guard let untraced else { return pass }
    let replayed = try PassReplay(
      pass, costs: costs, width: 1, topology: Topology(cores: 1), isTraced: false
    ).run()
    return pass.less(replayed.nanoseconds - untraced)
  }
}
