import Testing
import TributaryMemory

@Suite struct TiledBufferTests {
  @Test(arguments: [0, 1, 63, 64, 65, 4096, 100_000, 3 << 20])
  func basesAreAligned(byteCount: Int) throws {
    let buffer = try TiledBuffer.allocate(byteCount: byteCount)
    #expect(Int(bitPattern: buffer.base) % 64 == 0)
    #expect(buffer.byteCount == byteCount)
  }
}
