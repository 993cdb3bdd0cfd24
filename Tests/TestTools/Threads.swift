import Glibc

/// Runs `body(0) … body(count - 1)`, each on a thread of its own with `stackBytes` of stack (nil: the
/// system's choice), and returns when all have ended.
package func onThreads(
  _ count: Int, stackBytes: Int? = nil, _ body: @Sendable (Int) -> Void
) {
  final class Start {
    let index: Int
    let body: @Sendable (Int) -> Void
    init(_ index: Int, _ body: @escaping @Sendable (Int) -> Void) {
      self.index = index
      self.body = body
    }
  }
  // The threads are joined below, so the closure does not outlive the call.
  withoutActuallyEscaping(body) { body in
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    if let stackBytes { pthread_attr_setstacksize(&attributes, stackBytes) }
    defer { pthread_attr_destroy(&attributes) }
    var threads = [pthread_t](repeating: 0, count: count)
    for index in 0..<count {
      let start = Unmanaged.passRetained(Start(index, body)).toOpaque()
      let status = pthread_create(
        &threads[index], &attributes,
        { start in
          guard let start else { return nil }
          let taken = Unmanaged<Start>.fromOpaque(start).takeRetainedValue()
          taken.body(taken.index)
          return nil
        }, start)
      precondition(status == 0, "no thread could be made")
    }
    for thread in threads { pthread_join(thread, nil) }
  }
}
