import Foundation

/// A count that threads share.
final class Counter: Sendable {
  private let count = Box(0)
  var total: Int { count.value }
  func add(_ amount: Int = 1) { count.change { $0 += amount } }
}

/// A value that threads share.
///
/// Behind an `NSLock`: the thread sanitizer cannot see into the standard library's `Mutex`.
final class Box<Value: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  private var content: Value
  init(_ value: Value) { content = value }
  var value: Value { lock.withLock { content } }
  func change(_ body: (inout Value) -> Void) { lock.withLock { body(&content) } }
}

/// Gives the core to others for a while.
func sleepBriefly() { usleep(300) }
