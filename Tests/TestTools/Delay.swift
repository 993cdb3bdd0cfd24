import CTributaryShims

/// Monotonic clock.
package func nanosecondsNow() -> UInt64 { tri_nanoseconds() }

/// Keeps the core busy.
package func spin(microseconds: UInt64) {
  let end = nanosecondsNow() + microseconds * 1_000
  while nanosecondsNow() < end { tri_cpu_pause() }
}

/// Lets another thread run.
package func yieldThread() { tri_yield() }
