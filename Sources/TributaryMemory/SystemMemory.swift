import Glibc

/// Memory from and to the system. Everything here may fail and says so by nil.
enum SystemMemory {
  static let hugePage = 2 << 20

  /// A block of a size class.
  static func block(sizeClass: Int) -> UnsafeMutableRawPointer? {
    let size = SizeClass.byteCount(of: sizeClass)
    guard sizeClass < SizeClass.smallCount else { return pages(size) }
    // malloc packs small blocks and can give each back by itself, which slabs of our own cannot.
    var pointer: UnsafeMutableRawPointer?
    return posix_memalign(&pointer, 64, size) == 0 ? pointer : nil
  }

  static func release(_ block: UnsafeMutableRawPointer, sizeClass: Int) {
    if sizeClass < SizeClass.smallCount {
      free(block)
    } else {
      munmap(block, SizeClass.byteCount(of: sizeClass))
    }
  }

  /// `tiles` tiles of 2 MiB, aligned to 2 MiB, zero, not yet touched.
  static func tiles(_ tiles: Int, hugePages: Bool) -> UnsafeMutableRawPointer? {
    let size = tiles * hugePage
    guard let start = pages(size + hugePage) else { return nil }
    let address = UInt(bitPattern: start)
    let padding = Int(bitPattern: (0 &- address) & UInt(hugePage - 1))
    // SAFETY: both ends are inside the mapping just made, page-aligned, and used by nobody.
    if padding > 0 { munmap(start, padding) }
    let base = start + padding
    if padding < hugePage { munmap(base + size, hugePage - padding) }
    if hugePages { madvise(base, size, MADV_HUGEPAGE) }
    return base
  }

  static func release(_ base: UnsafeMutableRawPointer, tiles: Int) {
    munmap(base, tiles * hugePage)
  }

  private static func pages(_ size: Int) -> UnsafeMutableRawPointer? {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS
    guard let start = mmap(nil, size, PROT_READ | PROT_WRITE, flags, -1, 0), start != MAP_FAILED
    else { return nil }
    return start
  }
}
