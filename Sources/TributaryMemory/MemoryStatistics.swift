/// What the pool has done and holds, as of one reading. Exact when no thread allocates or frees.
package struct MemoryStatistics: Sendable, Hashable {
  /// Bytes of all buffers alive, as they were asked for.
  package var liveBytes = 0
  package var liveBuffers = 0
  /// The most `liveBytes` since the start or the last `resetPeak()`.
  package var peakLiveBytes = 0
  /// The same without working memory (``WorkingMemory``): of tensors alone, to within 64 KiB for each thread.
  package var peakTensorBytes = 0
  /// Allocations served from memory that was freed before.
  package var hits = 0
  /// Allocations for which the system was asked ("faults": fresh pages).
  package var misses = 0
  /// Bytes that are free and kept, in all caches.
  package var cachedBytes = 0
}
