import Glibc

/// A mutex at a fixed address that a forked child can make anew.
///
/// Synchronization's `Mutex` remembers its owner by thread number, and in a child the surviving
/// thread has another: it could never be unlocked there.
struct PoolLock: ~Copyable, @unchecked Sendable {
  // SAFETY: allocated once, never freed, touched only by the pthread functions.
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>

  init() {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
  }

  func lock() { pthread_mutex_lock(mutex) }
  func unlock() { pthread_mutex_unlock(mutex) }

  /// In a child just forked, where the thread that held the lock may not exist.
  func renew() { pthread_mutex_init(mutex, nil) }

  @inline(__always)
  func with<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result
  {
    lock()
    defer { unlock() }
    return try body()
  }
}
