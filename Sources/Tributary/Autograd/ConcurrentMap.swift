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
  inputs.withUnsafeBufferPointer { inputs in
    // SAFETY: nobody writes the elements, which may be shared, and all branches have ended when the call returns.
    nonisolated(unsafe) let inputs = inputs
    runBranches(inputs.count) { index in
      do throws(Failure) {
        results.fill(index, try body(inputs[index]))
        return true
      } catch {
        results.fail(index, error)
        return false
      }
    }
  }
  return try results.take()
}

/// Runs `branch(0) … branch(count - 1)`; after one that returns false those before it still run. Apart from the generic
/// function, and without generic types, whose look-up cost more than all the rest of an empty branch.
private func runBranches(_ count: Int, _ branch: @Sendable (Int) -> Bool) {
  let values = TaskValues.current
  let draw = Generator.current.draw()
  func run(_ index: Int) throws(BranchFailed) {
    let isDone = BranchPlace(index, of: count).during {
      Generator.with(draw.substream(index)) { branch(index) }
    }
    if !isDone { throw BranchFailed() }
  }
  var options = PassOptions()
  options.participation = { work in values.bind(work) }
  switch concurrentRun(count: count, on: .current, options: options, body: run) {
  case .completed, .failed: break
  case .forked, .nestedTooDeeply, .cancelled, .incomplete:
    // A forked child has no workers, and a nest too deep gets none: the caller runs the branches itself.
    for index in 0..<count where (try? run(index)) == nil { break }
  }
}

/// Ends the run; the error itself lies with the results.
private struct BranchFailed: Error {}

/// One place for each branch's output, and the error of the lowest branch that threw.
///
/// Unchecked: each place is written by the one thread that runs its branch, and read when all have ended.
private final class BranchResults<Output: Sendable, Failure: Error>: @unchecked Sendable {
  private let outputs: UnsafeMutablePointer<Output>
  // Of neighbours on one line: a worker's first branches are neighbours.
  private let isFilled: UnsafeMutablePointer<Bool>
  private let count: Int
  private let failure = Locked<(index: Int, error: Failure)?>(nil)

  init(count: Int) {
    self.count = count
    outputs = .allocate(capacity: count)
    isFilled = .allocate(capacity: count)
    isFilled.initialize(repeating: false, count: count)
  }

  deinit {
    for index in 0..<count where isFilled[index] { (outputs + index).deinitialize(count: 1) }
    outputs.deallocate()
    isFilled.deallocate()
  }

  func fill(_ index: Int, _ output: consuming Output) {
    // A branch that was begun twice, after a run that could not end, keeps its first output.
    if isFilled[index] { return }
    (outputs + index).initialize(to: output)
    isFilled[index] = true
  }

  func fail(_ index: Int, _ error: Failure) {
    var entry: (index: Int, error: Failure)? = (index, error)
    failure.withLock { failure in
      if index < failure?.index ?? .max { swap(&failure, &entry) }
    }
    // The error that is given up ends here, outside the lock: its deinit is the user's.
  }

  /// The outputs in order, which the places give up, or the error of the lowest index.
  func take() throws(Failure) -> [Output] {
    if let failure = failure.withLock({ $0 }) { throw failure.error }
    // Without an error all of them.
    let done = (0..<count).first { !isFilled[$0] } ?? count
    // The initializer below would write its count into the empty array that all of the process shares.
    if done == 0 { return [] }
    return [Output](unsafeUninitializedCapacity: count) { buffer, filled in
      // SAFETY: the places below `done` are filled, and given up in the same step.
      buffer.baseAddress?.moveInitialize(from: outputs, count: done)
      isFilled.update(repeating: false, count: done)
      filled = done
    }
  }
}
