import CTributaryKernels
import Glibc
import Synchronization

/// A `.grad`: read by the user, written by passes, possibly several at a time.
package final class GradientHolder: @unchecked Sendable {
  private let taken = Atomic<Bool>(false)
  /// Protected by `taken`.
  private var value: Tensor?

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

  package var gradient: Tensor? {
    get {
      lock()
      defer { unlock() }
      return value
    }
    set {
      lock()
      let old = value.take()
      value = newValue
      unlock()
      // Freed outside the lock: a tensor's end may run a graph's teardown, and that anything.
      withExtendedLifetime(old) {}
    }
  }

  /// `grad = grad + sum`, into `sum`'s own buffer, which is dense and nobody else's; cannot fail.
  ///
  /// The old gradient is left as it is: whoever has read it keeps what they read.
  package func accumulate(_ sum: consuming Tensor) {
    lock()
    let old = value.take()
    if let old, let map = tri_binary(kernels, TRI_BINARY_ADD, sum.dtype.kernel) {
      ElementwiseMap.run(map, old, sum, into: sum)
    }
    value = consume sum
    unlock()
    // As above.
    withExtendedLifetime(old) {}
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
    old = changes.map(\.holder.value)
    var results: [Tensor?] = []
    for ((_, sum), old) in zip(changes, old) {
      guard let sum else {
        results.append(nil)
        continue
      }
      // A first gradient is copied: the sum may be another leaf's too, or the seed.
      if let old { results.append(try old.add(sum)) } else { results.append(try sum.clone()) }
    }
    for (change, result) in zip(changes, results) where result != nil {
      change.holder.value = result
    }
  }
}
