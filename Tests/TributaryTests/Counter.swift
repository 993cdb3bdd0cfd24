import Glibc
import Synchronization

/// A count that threads share.
final class Counter: Sendable {
  private let count = Mutex(0)
  var total: Int { count.withLock { $0 } }
  func add(_ amount: Int = 1) { count.withLock { $0 += amount } }
}

/// A value that threads share.
final class Box<Value: Sendable>: Sendable {
  private let content: Mutex<Value>
  init(_ value: Value) { content = Mutex(value) }
  var value: Value { content.withLock { $0 } }
  func change(_ body: (inout Value) -> Void) { content.withLock { value in body(&value) } }
}

/// Gives the core to others for a while.
func sleepBriefly() { usleep(300) }
