/// A value behind a lock, as an object: so arrays can hold it, and tasks share it. For short sections; see `SpinLock`,
/// also for why it is no `Mutex`.
package final class Locked<Value: Sendable>: @unchecked Sendable {
  @usableFromInline let lock = SpinLock()
  /// Protected by `lock`.
  @usableFromInline var value: Value

  // Inlinable, as `withStandardFloatingPoint` and for its reason.
  @inlinable package init(_ value: Value) { self.value = value }

  @inlinable @inline(__always)
  package func withLock<R, E: Error>(_ body: (inout Value) throws(E) -> R) throws(E) -> R {
    lock.lock()
    defer { lock.unlock() }
    return try body(&value)
  }
}
