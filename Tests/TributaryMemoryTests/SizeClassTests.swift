import Testing
import TributaryMemory

@Suite struct SizeClassTests {
  @Test func everySizeHasTheSmallestBlockThatHoldsIt() {
    var wrong: [Int] = []
    for byteCount in 0...SizeClass.mediumLimit {
      let index = SizeClass.index(of: byteCount)
      let size = SizeClass.byteCount(of: index)
      let smaller = index > 0 ? SizeClass.byteCount(of: index - 1) : -1
      if size < byteCount || smaller >= byteCount { wrong.append(byteCount) }
    }
    #expect(wrong == [])
  }

  @Test func blocksAreWholeLinesAndLittleTooLarge() {
    for index in 0..<SizeClass.count {
      let size = SizeClass.byteCount(of: index)
      #expect(size % 64 == 0)
      #expect(SizeClass.index(of: size) == index)
      if index > 7 { #expect(size * 4 <= SizeClass.byteCount(of: index - 1) * 5) }
    }
    #expect(SizeClass.byteCount(of: SizeClass.smallCount - 1) == SizeClass.smallLimit)
    #expect(SizeClass.byteCount(of: SizeClass.count - 1) == SizeClass.mediumLimit)
  }

  @Test func batchesAreBounded() {
    for index in 0..<SizeClass.smallCount {
      let batch = SizeClass.batch(of: index)
      #expect((1...128).contains(batch))
      #expect(batch == 1 || batch * SizeClass.byteCount(of: index) <= 64 << 10)
    }
  }
}
