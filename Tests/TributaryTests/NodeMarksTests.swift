import Testing
import Tributary
import TributarySplitMix

/// The words that a walk keeps by nodes' numbers.
@Suite struct NodeMarksTests {
  /// Few blocks, a table, and one that grows several times; numbers close together and far apart.
  @Test(arguments: [(1, 8), (4, 64), (5, 80), (40, 640), (3_000, 1 << 40)] as [(Int, UInt64)])
  func everyNumberHasItsOwnWord(count: Int, span: UInt64) throws {
    var random = SplitMix(seed: UInt64(count))
    var marks = NodeMarks()
    var expected: [UInt64: Int32] = [:]
    for value in 1...Int32(count) * 4 {
      let number = NodeNumber.blockSize + random.next() % span
      let place = try marks.place(of: number)
      let found = marks[place]
      #expect(found == expected[number] ?? 0)
      marks[place] = value
      expected[number] = value
    }
    for (number, value) in expected {
      let place = marks.existingPlace(of: number)
      let found = place.map { marks[$0] }
      #expect(found == value)
    }
    let unknown = marks.existingPlace(of: 2 * NodeNumber.blockSize + span)
    #expect(unknown == nil)
  }
}
