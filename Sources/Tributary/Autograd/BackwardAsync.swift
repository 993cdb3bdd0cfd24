import TributaryParallel

extension Tensor {
  /// ``backward(gradient:retainGraph:createGraph:)`` for asynchronous code: no thread of Swift's own pool waits.
  ///
  /// A task that is cancelled ends the pass with a ``TensorError`` of kind `.cancelled`, and no `.grad` is changed
  /// (but those of leaves with a post-accumulate hook). The graph is then spent unless it is retained or the pass
  /// had not begun. A pass that is already storing its results ends as if it had not been cancelled.
  ///
  /// Costs a thread's start where no other such pass is running. At most as many run at once as the process has
  /// threads (``numThreads``, outside of any scope); others wait their turn. (A name of its own: overloaded on
  /// `async`, plain `backward` would be an error in every asynchronous function.)
  public func backwardAsync(
    gradient: Tensor? = nil, retainGraph: Bool? = nil, createGraph: Bool = false
  ) async throws(TensorError) {
    try await Tensor.backwardAsync(
      [self], gradients: [gradient], retainGraph: retainGraph, createGraph: createGraph)
  }

  /// ``backward(_:gradients:retainGraph:createGraph:)`` for asynchronous code, as
  /// ``backwardAsync(gradient:retainGraph:createGraph:)``.
  public static func backwardAsync(
    _ roots: [Tensor], gradients: [Tensor?]? = nil, retainGraph: Bool? = nil,
    createGraph: Bool = false
  ) async throws(TensorError) {
    var settings = PassSettings()
    settings.createGraph = createGraph
    settings.retainGraph = retainGraph ?? createGraph
    try await backwardAsync(roots, gradients: gradients, settings)
  }

  package static func backwardAsync(
    _ roots: [Tensor], gradients: [Tensor?]? = nil, _ settings: PassSettings,
    on passes: AsyncPasses = .shared
  ) async throws(TensorError) {
    // Asked here, for the thread that would find out could not be waited for.
    if WorkerTeam.poisonedByFork { throw BackwardEngine.forked }
    let flag = CancellationFlag()
    var settings = settings
    settings.cancellation = flag
    let (settled, values, team) = (settings, TaskValues.current, WorkerTeam.current)
    let place = AsyncPasses.Place()
    let result: Result<Void, TensorError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let pass = AsyncPasses.Entry { isCancelled in
          continuation.resume(
            returning: Result { () throws(TensorError) in
              if isCancelled || flag.isCancelled { throw BackwardEngine.cancelled }
              try WorkerTeam.withTeam(team) { () throws(TensorError) in
                try values.bind { () throws(TensorError) in
                  try backward(roots, gradients: gradients, settled)
                }
              }
            })
        }
        place.entry = pass
        passes.run(pass)
        // Cancelled before the handler could find the entry.
        if flag.isCancelled { passes.cancel(pass) }
      }
    } onCancel: {
      flag.cancel()
      if let pass = place.entry { passes.cancel(pass) }
    }
    try result.get()
  }
}
