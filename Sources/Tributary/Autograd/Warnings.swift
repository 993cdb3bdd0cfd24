import Glibc
import TributaryParallel

private let warningHandler = Locked<@Sendable (String) -> Void>({ message in
  let line = "tributary: warning: \(message)\n"
  _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
})

/// Called with each warning; writes to standard error unless set. The library depends on no log package.
public var onWarning: @Sendable (String) -> Void {
  get { warningHandler.withLock { $0 } }
  set {
    let old = warningHandler.withLock { handler in
      defer { handler = newValue }
      return handler
    }
    // Dropped outside the lock: what a handler holds may, as it goes, ask for the handler.
    withExtendedLifetime(old) {}
  }
}
