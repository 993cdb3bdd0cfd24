import TributaryParallel

/// A pass to be replayed, and what goes with it.
struct ScaleRound {
  /// Recorded on one thread.
  let pass: RecordedPass
  /// As measured about the same time.
  let costs: ReplayCosts
  /// By number of threads, how many nanoseconds the same pass took about the same time.
  var measured: [Int: Double] = [:]
}
