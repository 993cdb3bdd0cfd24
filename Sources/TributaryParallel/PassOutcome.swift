/// How a run of `DependencyScheduler` ended.
///
/// A value and not a thrown error, so that a caller with typed throws decides what each case becomes.
package enum PassOutcome {
  /// Every node ran.
  case completed
  /// A body threw. `position` is the lowest serial position that did, in every run the same.
  case failed(position: Int, error: any Error)
  /// The pass was cancelled before all its nodes had run.
  case cancelled
  /// This process is a fork of one that had worker threads; they do not exist here.
  case forked
  /// The counts were wrong: the pass ended with nodes that were never satisfied.
  case incomplete(ran: Int)
  /// Passes within passes, beyond `DependencyScheduler.maximumDepth` or the threads to be had.
  case nestedTooDeeply
}
