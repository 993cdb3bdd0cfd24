import TributaryParallel

/// Applies `body` to each element, several at a time, and returns the results in the elements' order.
///
/// For branches of one graph, or micro-batches: each is recorded by a worker of the engine's team, while
/// the graph, the results and every later gradient are those of a serial loop. In each branch the modes
/// (``noGrad(_:)`` and the like) are the caller's, and random numbers come from a substream of their own,
/// numbered by the element; the caller's generator advances by one draw, with one thread too. Branches may
/// run one after the other: one must not wait for another.
///
/// - Throws: the error of the first element, by index, whose `body` throws, as the serial loop would.
public func concurrentMap<Element: Sendable, Output: Sendable, Failure: Error>(
  _ elements: some Collection<Element>,
  _ body: @Sendable (Element) throws(Failure) -> Output
) throws(Failure) -> [Output] {
  let inputs = Array(elements)
  let results = BranchResults<Output, Failure>(count: inputs.count)
  let values = TaskValues.current
  let draw = Generator.current.draw()
  @Sendable func branch(_ index: Int) throws {
    try BranchPlace(index, of: inputs.count).during {
      try results.fill(index) { () throws(Failure) in
        try Generator.with(draw.substream(index)) { () throws(Failure) in try body(inputs[index]) }
      }
    }
  }
  var options = PassOptions()
  options.participation = { work in values.bind(work) }
  let outcome = concurrentRun(count: inputs.count, on: .current, options: options) { index in
    try branch(index)
  }
  switch outcome {
  case .completed, .failed: break
  case .forked, .nestedTooDeeply, .cancelled, .incomplete:
    // A forked child has no workers, and a nest too deep gets none: the caller runs the branches itself.
    for index in inputs.indices where (try? branch(index)) == nil { break }
  }
  return try results.take()
}

/// One place for each branch's outcome.
///
/// Unchecked: each place is written by the one thread that runs its branch, and read when all have ended.
private final class BranchResults<Output: Sendable, Failure: Error>: @unchecked Sendable {
  private let places: UnsafeMutablePointer<Result<Output, Failure>?>
  private let count: Int

  init(count: Int) {
    self.count = count
    places = .allocate(capacity: count)
    places.initialize(repeating: nil, count: count)
  }

  deinit {
    places.deinitialize(count: count)
    places.deallocate()
  }

  /// Throws what `body` throws, having kept it, so that the run can end.
  func fill(_ index: Int, _ body: () throws(Failure) -> Output) throws {
    do throws(Failure) {
      places[index] = .success(try body())
    } catch {
      places[index] = .failure(error)
      throw error
    }
  }

  /// The results in order, or the error of the lowest index. Places after an error may be empty.
  func take() throws(Failure) -> [Output] {
    var outputs: [Output] = []
    outputs.reserveCapacity(count)
    for index in 0..<count {
      guard let result = places[index] else { break }
      outputs.append(try result.get())
    }
    return outputs
  }
}
