import Glibc
import Testing
import TestTools
import TributaryMemory
import TributaryParallel

extension ProcessWide {
  @OneThread @Suite(.serialized) struct RecyclingTests {
    private func minorFaults() -> Int {
      var usage = rusage()
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      return usage.ru_minflt
    }

    @Test(arguments: [4096, 200_000, 1_000_000, 40_000_000])
    func aFreedBufferComesBackWithoutPageFaults(size: Int) throws {
      let first: UnsafeMutableRawPointer
      do {
        let buffer = try TiledBuffer.allocate(byteCount: size)
        memset(buffer.base, 1, size)
        first = buffer.base
      }
      let before = minorFaults()
      let buffer = try TiledBuffer.allocate(byteCount: size)
      memset(buffer.base, 2, size)
      #expect(minorFaults() - before < 32)
      #expect(buffer.base == first)
    }

    @Test func aSlightlyLargerBlockServesToo() throws {
      BufferPool.trim()
      let first: UnsafeMutableRawPointer
      do { first = try TiledBuffer.allocate(byteCount: 20 * TiledBuffer.tileSize).base }
      #expect(try TiledBuffer.allocate(byteCount: 18 * TiledBuffer.tileSize).base == first)
      let misses = BufferPool.statistics.misses
      _ = try TiledBuffer.allocate(byteCount: 10 * TiledBuffer.tileSize)
      #expect(BufferPool.statistics.misses == misses + 1)
    }

    @Test func trimGivesEverythingBack() throws {
      BufferPool.trim()
      let others = BufferPool.statistics.cachedBytes  // in the caches of threads of earlier tests
      do {
        let buffers = try [64, 5000, 500_000, 9_000_000].map {
          try TiledBuffer.allocate(byteCount: $0)
        }
        _ = buffers.count
      }
      #expect(BufferPool.statistics.cachedBytes > 9_500_000)
      let given = BufferPool.trim()
      #expect(given > 9_500_000)
      #expect(BufferPool.statistics.cachedBytes <= others)
      #expect(BufferPool.trim() == 0)
    }

    /// Objects that wait with their blocks go with them, also after the thread that left them has ended.
    @Test func blocksThatGoTakeTheirObjectsAlong() throws {
      // Unchecked: one thread after the other.
      final class Seen: @unchecked Sendable {
        weak var buffer: TiledBuffer?

        func leaveOne() throws {
          let buffer = try TiledBuffer.allocate(byteCount: 200_000)
          self.buffer = buffer
          TiledBuffer.giveUp(consume buffer)
        }
      }
      BufferPool.trim()
      let seen = Seen()
      try seen.leaveOne()
      #expect(seen.buffer != nil)
      BufferPool.trim()
      #expect(seen.buffer == nil)
      // The thread's blocks pass to the central list as it ends.
      onThreads(1) { _ in try? seen.leaveOne() }
      #expect(seen.buffer != nil)
      BufferPool.trim()
      #expect(seen.buffer == nil)
      try seen.leaveOne()
      BufferPool.trim()
      #expect(seen.buffer == nil)
    }

    @Test func whatIsKeptIsBounded() throws {
      let bound = BufferPool.cacheBound
      #expect(bound > 0)
      defer { BufferPool.setCacheBound(bytes: bound) }
      BufferPool.trim()
      let others = BufferPool.statistics.cachedBytes
      BufferPool.setCacheBound(bytes: 16 << 20)
      // Blocks of many sizes at once, four times the bound.
      do {
        let buffers = try (1...8).map { try TiledBuffer.allocate(byteCount: $0 * 2 << 20) }
        _ = buffers.count
      }
      #expect(BufferPool.statistics.cachedBytes <= others + (16 << 20))
      #expect(BufferPool.statistics.cachedBytes > others)
      BufferPool.setCacheBound(bytes: 4 << 20)
      #expect(BufferPool.statistics.cachedBytes <= others + (4 << 20))
      // Larger than the bound by itself: goes straight back.
      do { _ = try TiledBuffer.allocate(byteCount: 8 << 20) }
      #expect(BufferPool.statistics.cachedBytes <= others + (4 << 20))
      BufferPool.setCacheBound(bytes: -5)
      do { _ = try TiledBuffer.allocate(byteCount: 8 << 20) }
      #expect(BufferPool.cacheBound == 0)
    }

    @Test func whatLayLongestGoesFirst() throws {
      let bound = BufferPool.cacheBound
      defer { BufferPool.setCacheBound(bytes: bound) }
      BufferPool.trim()
      BufferPool.setCacheBound(bytes: 12 << 20)
      do { _ = try TiledBuffer.allocate(byteCount: 6 << 20) }
      do { _ = try TiledBuffer.allocate(byteCount: 4 << 20) }
      do { _ = try TiledBuffer.allocate(byteCount: 8 << 20) }
      let before = BufferPool.statistics.misses
      _ = try TiledBuffer.allocate(byteCount: 8 << 20)
      _ = try TiledBuffer.allocate(byteCount: 4 << 20)
      #expect(BufferPool.statistics.misses == before)
      _ = try TiledBuffer.allocate(byteCount: 6 << 20)
      #expect(BufferPool.statistics.misses == before + 1)
    }

    /// Free blocks of a size no longer used make room for those that are.
    @Test(arguments: [60_000, 1 << 20])
    func freeBlocksOfOtherSizesGiveWayToLargeOnes(size: Int) throws {
      let bound = BufferPool.cacheBound
      defer { BufferPool.setCacheBound(bytes: bound) }
      BufferPool.trim()
      BufferPool.setCacheBound(bytes: 64 << 20)
      do {
        let blocks = try (0..<(80 << 20) / size).map { _ in
          try TiledBuffer.allocate(byteCount: size)
        }
        _ = blocks.count
      }
      let before = BufferPool.statistics.misses
      for _ in 0..<20 { _ = try TiledBuffer.allocate(byteCount: 8 << 20) }
      #expect(BufferPool.statistics.misses == before + 1)
    }

    @Test func hugePagesCanBeSwitched() throws {
      let on = BufferPool.hugePages
      defer { BufferPool.setHugePages(on) }
      for setting in [false, true] {
        BufferPool.setHugePages(setting)
        #expect(BufferPool.hugePages == setting)
        BufferPool.trim()
        let buffer = try TiledBuffer.allocate(byteCount: 16 << 20)
        let before = minorFaults()
        memset(buffer.base, 1, buffer.byteCount)
        if !setting, !alwaysHuge { #expect(minorFaults() - before >= 4096) }
        // Whether the system then has huge pages to give is its affair; that they were asked for is ours.
        if let asked = asksForHugePages(buffer.base) { #expect(asked == setting) }
      }
    }

    /// Whether `madvise` has marked the mapping that holds `address`; nil where the system does not tell.
    private func asksForHugePages(_ address: UnsafeMutableRawPointer) -> Bool? {
      guard let text = SystemFile.read("/proc/self/smaps", most: 1 << 28) else { return nil }
      let address = UInt(bitPattern: address)
      var isInside = false
      for line in text.split(separator: "\n") {
        let fields = line.split(separator: " ")
        let ends = fields[0].split(separator: "-").map { UInt($0, radix: 16) }
        if ends.count == 2, let start = ends[0], let end = ends[1] {
          isInside = start <= address && address < end
        } else if isInside, fields[0] == "VmFlags:" {
          return fields.contains("hg")
        }
      }
      return nil
    }

    /// The machine gives huge pages to everybody, asked or not.
    private var alwaysHuge: Bool {
      guard let file = fopen("/sys/kernel/mm/transparent_hugepage/enabled", "r") else {
        return false
      }
      defer { fclose(file) }
      var line = [CChar](repeating: 0, count: 128)
      guard fgets(&line, 128, file) != nil else { return false }
      return strstr(line, "[always]") != nil
    }
  }
}
