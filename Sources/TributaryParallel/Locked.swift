/// A value behind a lock, as an object: so arrays can hold it, and tasks share it. For short sections; see `SpinLock`,
/// also for why it is no `Mutex`.
package final class Locked<Value: Sendable>: @unchecked Sendable {
  private let lock = SpinLock()
  /// Protected by `lock`.
  private var value: Value

  package init(_ value: Value) { self.value = value }

  package func withLock<R, E: Error>(_ body: (inout Value) throws(E) -> R) throws(E) -> R {
    lock.lock()
    defer { lock.unlock() }
    return try body(&value)
  }
}
