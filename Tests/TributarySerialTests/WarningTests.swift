import Testing
import Tributary
import TributaryParallel

extension ProcessWide {
  @Suite struct WarningTests {
    @Test func aNonLeafsGradWarnsOnce() throws {
      let messages = Messages()
      let old = onWarning
      onWarning = { messages.add($0) }
      defer { onWarning = old }
      let x = try Tensor([1.0], requiresGrad: true)
      let y = try x * 2.0
      #expect(y.grad == nil)
      #expect(y.grad == nil)
      #expect(try (y * 2.0).grad == nil)
      #expect(messages.all.count == 1)
      #expect(messages.all.first?.contains("retainGrad") == true)
    }

    /// What an old handler holds may ask for the handler as it goes.
    @Test(.timeLimit(.minutes(1))) func anOldHandlerIsDroppedOutsideTheLock() {
      let old = onWarning
      defer { onWarning = old }
      let asked = Messages()
      func install() {
        let last = Last {
          onWarning("gone")
        }
        onWarning = { _ in withExtendedLifetime(last) {} }
      }
      install()
      onWarning = { asked.add($0) }
      #expect(asked.all == ["gone"])
    }
  }
}

private final class Last: Sendable {
  private let action: @Sendable () -> Void
  init(_ action: @escaping @Sendable () -> Void) { self.action = action }
  deinit { action() }
}

private final class Messages: Sendable {
  private let content = Locked<[String]>([])
  var all: [String] { content.withLock { $0 } }
  func add(_ message: String) { content.withLock { $0.append(message) } }
}
