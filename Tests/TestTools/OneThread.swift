import Glibc

/// An actor whose code always runs on the same thread of the system.
///
/// The main actor is no such thing on Linux: once its first thread waits in `dispatchMain`, whichever thread of the
/// pool serves the main queue runs it.
@globalActor package actor OneThread {
  package static let shared = OneThread()

  private let thread = ThreadExecutor()
  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    thread.asUnownedSerialExecutor()
  }
}

/// Runs its jobs in the order in which they come, on a thread that lives as long as the process.
private final class ThreadExecutor: SerialExecutor, @unchecked Sendable {
  // SAFETY: made here and never freed, as their thread never ends; used through the system's calls only.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  /// Protected by `mutex`.
  private var jobs: [UnownedJob] = []

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { executor in
        guard let executor else { return nil }
        Unmanaged<ThreadExecutor>.fromOpaque(executor).takeRetainedValue().runForever()
      }, Unmanaged.passRetained(self).toOpaque())
    precondition(status == 0, "no thread could be made")
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    pthread_mutex_lock(mutex)
    jobs.append(job)
    pthread_mutex_unlock(mutex)
    pthread_cond_signal(changed)
  }

  private func runForever() -> Never {
    while true {
      pthread_mutex_lock(mutex)
      while jobs.isEmpty { pthread_cond_wait(changed, mutex) }
      let taken = jobs
      jobs = []
      pthread_mutex_unlock(mutex)
      for job in taken { job.runSynchronously(on: asUnownedSerialExecutor()) }
    }
  }
}
