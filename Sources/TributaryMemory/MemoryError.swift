/// Why a buffer could not be made.
package enum MemoryError: Error, Sendable, Hashable {
  /// The limit would be passed (`limit` is set), or the system has no more memory (`limit` is nil).
  /// `live` is what all buffers together held when it happened, in bytes.
  case outOfMemory(requested: Int, live: Int, limit: Int?)
  /// The size is negative or past any address space; nothing was tried.
  case tooLarge(requested: Int)
}
