import CTributaryNuma
import Glibc
import Synchronization

/// `mbind`, until the system refuses it.
enum MemoryPolicy {
  case preferred(Int)
  case interleaved([Int])

  /// Relaxed: a hint that saves a system call; whoever misses it makes the call and is refused.
  private static let refused = Atomic<Bool>(false)

  /// False when the pages must be placed in another way.
  static func apply(
    _ policy: MemoryPolicy, to base: UnsafeMutableRawPointer, byteCount: Int
  ) -> Bool {
    guard !refused.load(ordering: .relaxed) else { return false }
    let mode: Int32
    let nodes: [Int]
    switch policy {
    case .preferred(let node): (mode, nodes) = (Int32(MPOL_PREFERRED), [node])
    case .interleaved(let all): (mode, nodes) = (Int32(MPOL_INTERLEAVE), all)
    }
    guard let last = nodes.max() else { return false }
    var mask = [UInt](repeating: 0, count: last / UInt.bitWidth + 1)
    for node in nodes { mask[node / UInt.bitWidth] |= 1 << (node % UInt.bitWidth) }
    // The kernel takes one from the number of bits that it is told.
    let bits = UInt(mask.count * UInt.bitWidth + 1)
    // SAFETY: the range is a mapping of the caller's, not yet handed out; the mask outlives the call.
    guard mbind(base, UInt(byteCount), mode, mask, bits, 0) != 0 else { return true }
    if errno == EPERM || errno == ENOSYS { refused.store(true, ordering: .relaxed) }
    return false
  }
}
