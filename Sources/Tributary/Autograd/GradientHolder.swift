import CTributaryKernels
import Glibc
import Synchronization
import TributaryMemory

/// A `.grad`: read by the user, written by passes, possibly several at a time.
package final class GradientHolder: @unchecked Sendable {
  private let taken = Atomic<Bool>(false)
  /// Protected by `taken`.
  private var value = KeptGradient.none

  package init() {}

  /// A lock of our own, for a commit that creates a graph holds those of all its leaves at once, which the
  /// closures of `Mutex` do not allow. Held for an addition at the most.
  private func lock() {
    // Acquiring: the value as the last holder left it.
    while taken.exchange(true, ordering: .acquiring) { sched_yield() }
  }

  private func unlock() {
    // Releasing: the value, for the next holder.
    taken.store(false, ordering: .releasing)
  }

  /// The gradient, which is that of a tensor of this shape and dtype: the same object until it is replaced.
  func gradient(_ shape: Shape, _ dtype: DType) -> Tensor? {
    lock()
    defer { unlock() }
    guard let tensor = value.tensor(shape, dtype) else { return nil }
    value = .tensor(tensor)
    return tensor
  }

  func replace(by gradient: Tensor?) {
    lock()
    let old = value.take()
    if let gradient { value = .tensor(gradient) }
    unlock()
    // Freed outside the lock: a tensor's end may run a graph's teardown, and that anything.
    old.giveUp()
  }

  /// The gradient's elements, for reading; nil where there is none.
  func dense(_ operation: String) throws(TensorError) -> DenseGradient? {
    lock()
    // Held: somebody may replace it.
    let held = value
    unlock()
    switch held {
    case .none: return nil
    case .memory(let buffer): return DenseGradient(buffer)
    case .tensor(let tensor):
      // Detached before the copy: reading is not recorded.
      return DenseGradient(tensor.isContiguous ? tensor : try tensor.detach().contiguous())
    }
  }

  /// `grad = grad + sum`, into `sum`'s own buffer, which is dense and nobody else's; cannot fail.
  ///
  /// The old gradient is left as it is: whoever has read it keeps what they read.
  package func accumulate(_ sum: Tensor) { accumulate(sum.buffer, sum.shape, sum.dtype) }

  /// The same for a sum of which there is the memory alone, of this shape and dtype.
  func accumulate(
    _ memory: consuming TiledBuffer, _ shape: @autoclosure () -> Shape, _ dtype: DType
  ) {
    lock()
    if case .none = value {
      value = .memory(consume memory)
      return unlock()
    }
    unlock()
    // Not under the lock: it may lie with the node's hooks, whose end is the user's.
    let shape = shape()
    lock()
    let old = value.take()
    value = .memory(memory)
    if let sum = value.tensor(shape, dtype), let old = old.tensor(shape, dtype) {
      Self.add(old, to: sum)
    }
    unlock()
    // As above.
    old.giveUp()
  }

  private static func add(_ old: Tensor, to sum: Tensor) {
    guard let map = tri_binary(kernels, TRI_BINARY_ADD, sum.dtype.kernel) else { return }
    ElementwiseMap.run(map, old, sum, into: sum)
  }

  /// `grad = grad + sum` for several at once, recorded: all of them, or on an error none.
  ///
  /// The locks are taken in the order of the holders' addresses, so that two such commits cannot wait for
  /// each other.
  package static func accumulateRecorded(
    _ changes: [(holder: GradientHolder, sum: Tensor?)]
  ) throws(TensorError) {
    let holders = changes.map(\.holder).sorted { ObjectIdentifier($0) < ObjectIdentifier($1) }
    var old: [Tensor?] = []
    // Freed after the locks are given back, as above.
    defer { withExtendedLifetime(old) {} }
    var last: GradientHolder?
    for holder in holders where holder !== last {
      holder.lock()
      last = holder
    }
    defer {
      last = nil
      for holder in holders where holder !== last {
        holder.unlock()
        last = holder
      }
    }
    old = changes.map { change in
      change.sum.flatMap { change.holder.value.tensor($0.shape, $0.dtype) }
    }
    var results: [Tensor?] = []
    for ((_, sum), old) in zip(changes, old) {
      guard let sum else {
        results.append(nil)
        continue
      }
      // A first gradient is copied: the sum may be another leaf's too, or the seed.
      if let old { results.append(try old.add(sum)) } else { results.append(try sum.clone()) }
    }
    for case (let change, let result?) in zip(changes, results) {
      change.holder.value = .tensor(result)
    }
  }
}
