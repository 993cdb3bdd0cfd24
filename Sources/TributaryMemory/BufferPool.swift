/// Freed memory, kept by size and handed out again.
package enum BufferPool {
  package static var statistics: MemoryStatistics { MemoryStatistics() }
  /// The most bytes that buffers may hold together; nil: no limit.
  package static func setLimit(bytes: Int?) {}
  package static var limit: Int? { nil }
  /// The most free bytes that are kept.
  package static func setCacheBound(bytes: Int) {}
  /// Gives free memory back to the system; returns the bytes given back.
  @discardableResult
  package static func trim() -> Int { 0 }
  package static func resetPeak() {}
  package static func setHugePages(_ on: Bool) {}
}
