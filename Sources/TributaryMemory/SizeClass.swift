/// The block sizes of the pool below 2 MiB: multiples of 64 bytes up to 512, then four steps to
/// each doubling, so that a block is at most a quarter larger than what was asked for.
///
/// Up to `smallLimit` blocks go through the caches of the threads; above, straight to the central
/// lists, where a lock costs little beside the work that so large a block stands for.
package enum SizeClass {
  package static let smallLimit = 256 << 10
  package static let mediumLimit = 1792 << 10
  package static let smallCount = 44
  package static let count = 55

  /// The class of the smallest block that holds `byteCount` bytes, 0 ... `mediumLimit`.
  @inline(__always)
  package static func index(of byteCount: Int) -> Int {
    if byteCount <= 512 { return (max(byteCount, 1) &- 1) &>> 6 }
    let last = byteCount &- 1
    let exponent = 63 &- last.leadingZeroBitCount
    return 8 &+ (exponent &- 9) &* 4 &+ ((last &>> (exponent &- 2)) & 3)
  }

  /// How many bytes a block of this class has.
  @inline(__always)
  package static func byteCount(of index: Int) -> Int {
    if index < 8 { return (index &+ 1) &<< 6 }
    let step = index &- 8
    return (5 &+ (step & 3)) &<< (7 &+ step &>> 2)
  }

  /// How many blocks pass between a thread and the central list at a time: 64 KiB of them, so that
  /// a lock is shared by many small operators; at most 128, at least one.
  package static func batch(of index: Int) -> Int {
    min(max((64 << 10) / byteCount(of: index), 1), 128)
  }
}
