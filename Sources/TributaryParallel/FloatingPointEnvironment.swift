import CTributaryShims

/// Runs `body` in round-to-nearest without flush to zero and restores what it found.
///
/// Two nanoseconds where nothing is to change. Every way into a kernel passes here, or through a loop or
/// pass, which do the same: bits must not depend on the thread.
// Inlinable, here and at `TaskLocal.with`: generic code that other modules cannot see into makes metadata as it runs.
@inlinable @inline(__always)
package func withStandardFloatingPoint<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
  if tri_fp_is_standard(tri_fp_get()) { return try body() }
  return try inStandardFloatingPoint(body)
}

// Not inlinable: no barrier keeps arithmetic in registers from being moved across the change of the environment, so what
// `body` computes must lie behind a call.
@usableFromInline @inline(never)
func inStandardFloatingPoint<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
  let found = tri_fp_get()
  tri_fp_set(tri_fp_standard())
  defer { tri_fp_set(found) }
  return try body()
}
