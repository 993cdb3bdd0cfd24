import CTributaryShims

/// Starts a detached thread that runs `body`; false where the system has no thread to give.
package func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
  let call = Unmanaged.passRetained(ThreadCall(body))
  let started = tri_start_thread(
    { raw in
      // SAFETY: the retain above is given up here, once.
      Unmanaged<ThreadCall>.fromOpaque(raw).takeRetainedValue().body()
    }, call.toOpaque())
  if !started { call.release() }
  return started
}

private final class ThreadCall: Sendable {
  let body: @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
