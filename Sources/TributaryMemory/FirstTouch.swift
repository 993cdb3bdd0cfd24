import CTributaryNuma
import Glibc
import TributaryParallel

/// Places pages by writing to them from the node where they are to lie.
enum FirstTouch {
  /// Touches ranges of fresh pages from a core of `node`, on the calling thread, whose affinity mask
  /// is put back afterwards. Where the mask cannot be changed the pages are left untouched, for the
  /// first worker that writes them.
  static func touch(
    on node: Topology.Node, _ ranges: some Sequence<(UnsafeMutableRawPointer, Int)>
  ) {
    // Sized by the system's own mask, which a fixed `cpu_set_t` may be too small for.
    guard let before = numa_allocate_cpumask(), let mask = numa_allocate_cpumask() else { return }
    defer {
      numa_bitmask_free(before)
      numa_bitmask_free(mask)
    }
    for core in node.cores where core >= 0 { numa_bitmask_setbit(mask, UInt32(core)) }
    guard numa_sched_getaffinity(0, before) >= 0, numa_sched_setaffinity(0, mask) >= 0 else {
      return
    }
    defer { numa_sched_setaffinity(0, before) }
    let page = max(sysconf(Int32(_SC_PAGESIZE)), 4096)
    for (base, byteCount) in ranges {
      for offset in stride(from: 0, to: byteCount, by: page) {
        // SAFETY: inside the caller's block, which is zero and nobody else's yet.
        base.storeBytes(of: 0, toByteOffset: offset, as: UInt8.self)
      }
    }
  }
}
