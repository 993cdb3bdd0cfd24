import TributaryParallel

extension Tensor {
  /// ``backward(gradient:retainGraph:createGraph:)`` for asynchronous code: no thread of Swift's own pool waits.
  ///
  /// A task that is cancelled ends the pass with a ``TensorError`` of kind `.cancelled`, and no `.grad` is changed
  /// (but those of leaves with a post-accumulate hook); the graph is then spent unless it is retained. A pass that
  /// is already storing its results ends as if it had not been cancelled.
  ///
  /// Costs a thread's start, some 20 µs, where no other such pass is running; passes beyond one for each core wait
  /// their turn. (A name of its own: overloaded on `async`, plain `backward` would be an error in every
  /// asynchronous function.)
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
    _ roots: [Tensor], gradients: [Tensor?]? = nil, _ settings: PassSettings
  ) async throws(TensorError) {
    let flag = CancellationFlag()
    var settings = settings
    settings.cancellation = flag
    // What holds in this task must hold for the pass, whose thread is none of the task's.
    let (settled, mode, team, generator) = (
      settings, AutogradMode.current, WorkerTeam.current, Generator.current
    )
    let result: Result<Void, TensorError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        AsyncPasses.run {
          continuation.resume(
            returning: Result { () throws(TensorError) in
              try WorkerTeam.withTeam(team) { () throws(TensorError) in
                try AutogradMode.with(mode) { () throws(TensorError) in
                  try Generator.with(generator) { () throws(TensorError) in
                    try backward(roots, gradients: gradients, settled)
                  }
                }
              }
            })
        }
      }
    } onCancel: {
      flag.cancel()
    }
    try result.get()
  }
}
