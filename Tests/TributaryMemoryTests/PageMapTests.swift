import Glibc
import Testing
import TributaryMemory

@Suite struct PageMapTests {
  @Test func touchedPagesLieSomewhereAndOthersNowhere() throws {
    let size = 16 * 4096
    let flags = MAP_PRIVATE | MAP_ANONYMOUS
    let base = try #require(mmap(nil, size, PROT_READ | PROT_WRITE, flags, -1, 0))
    defer { munmap(base, size) }
    for page in 0..<4 { base.storeBytes(of: 1, toByteOffset: page * 4096, as: UInt8.self) }
    let map = try #require(PageMap.read(base, byteCount: size))
    guard !map.nodeOfPage.isEmpty, map.pageSize == 4096 else { return }  // `move_pages` is blocked
    #expect(map.nodeOfPage.count == 16)
    #expect(map.nodeOfPage.prefix(4).allSatisfy { $0 != nil })
    #expect(map.nodeOfPage.dropFirst(4).allSatisfy { $0 == nil })
    #expect(map.pages.values.reduce(0, +) == 4)
    #expect(map.absent == 12)
  }

  @Test func aBufferIsWhollyResidentOnceWritten() throws {
    let buffer = try TiledBuffer.allocate(byteCount: 3 * TiledBuffer.tileSize + 17)
    memset(buffer.base, 1, buffer.byteCount)
    let map = try #require(buffer.pageMap)
    if let absent = map.absent { #expect(absent == 0) }
    #expect(map.pages.values.reduce(0, +) * map.pageSize >= buffer.byteCount)
  }

  private static let text = """
    00400000 default file=/bin/true mapped=5 N0=3 N1=2 kernelpagesize_kB=4
    7f0000000000 prefer:0 anon=512 dirty=512 N0=512 kernelpagesize_kB=4
    7f0000200000 prefer:1 anon=512 dirty=512 N0=12 N1=500 kernelpagesize_kB=4
    7f0000400000 default anon=7 dirty=7 N4=7 kernelpagesize_kB=4
    not a line
    """

  @Test func numaMapsAreSummedOverTheMappingsMet() throws {
    let both = try #require(
      PageMap.parse(numaMaps: Self.text, range: 0x7f00_0000_1000..<0x7f00_0030_0000))
    #expect(both.pages == [0: 524, 1: 500])
    #expect(both.absent == nil)
    let last = try #require(
      PageMap.parse(numaMaps: Self.text, range: 0x7f00_0040_0000..<0x7f00_0040_1000))
    #expect(last.pages == [4: 7])
  }

  @Test func numaMapsWithoutTheRangeSayNothing() {
    #expect(PageMap.parse(numaMaps: Self.text, range: 0x1000..<0x2000) == nil)
    #expect(PageMap.parse(numaMaps: "", range: 0..<1) == nil)
    #expect(PageMap.parse(numaMaps: "\u{0}\u{1}garbage = = N= N0=", range: 0..<1) == nil)
  }
}
