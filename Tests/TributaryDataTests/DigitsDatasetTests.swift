import Testing
import Tributary
import TributaryData

@Suite struct DigitsDatasetTests {
  @Test func bundledDigits() throws {
    let digits = try DigitsDataset.bundled()
    #expect(digits.count == 1797)
    #expect(digits.images.shape == [1797, 1, 8, 8])
    #expect(digits.images.dtype == .float32)
    #expect(digits.labels.shape == [1797])
    #expect(digits.labels.dtype == .int64)
    let pixels = try digits.images.scalars(as: Float.self)
    #expect(pixels.min() == 0)
    #expect(pixels.max() == 1)
    // The first row of the file: 0, 0, 5, 13, 9, 1, 0, 0, …
    #expect(pixels[..<8] == [0, 0, 0.3125, 0.8125, 0.5625, 0.0625, 0, 0])
    let labels = try digits.labels.scalars(as: Int.self)
    #expect(labels[..<10] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  }

  @Test func splitHoldsOutAFixedFifth() throws {
    let digits = try DigitsDataset.bundled()
    let (training, test) = try digits.split()
    #expect(training.count == 1438)
    #expect(test.count == 359)
    let again = try digits.split().test
    #expect(try test.images.equal(again.images))
    // Each class is held out about as often as it is there; and nothing is lost or doubled.
    let held = try test.labels.scalars(as: Int.self)
    for label in 0..<10 { #expect((20...50).contains(held.count { $0 == label })) }
    let all = try held + training.labels.scalars(as: Int.self)
    #expect(try all.sorted() == digits.labels.scalars(as: Int.self).sorted())
    // One value for all time: figures are compared across versions.
    #expect(Array(held[..<12]) == Self.firstHeldOut)
  }

  private static let firstHeldOut = [0, 3, 4, 8, 0, 0, 2, 6, 7, 3, 9, 1]

  @Test func shufflingFollowsTheSeed() throws {
    let digits = try DigitsDataset.bundled().rows(0..<100)
    let a = try digits.shuffled(Generator(seed: 3))
    let b = try digits.shuffled(Generator(seed: 3))
    let c = try digits.shuffled(Generator(seed: 4))
    #expect(try a.labels.equal(b.labels))
    #expect(try a.images.equal(b.images))
    #expect(try !a.labels.equal(c.labels))
    let (labels, original) = (
      try a.labels.scalars(as: Int.self), try digits.labels.scalars(as: Int.self)
    )
    #expect(labels != original)
    #expect(labels.sorted() == original.sorted())
  }

  @Test func batchesAndPieces() throws {
    let digits = try DigitsDataset.bundled().rows(0..<10)
    #expect(try digits.batches(of: 4).map(\.count) == [4, 4, 2])
    #expect(try digits.batches(of: 100).map(\.count) == [10])
    #expect(try digits.pieces(3).map(\.count) == [3, 3, 4])
    #expect(try digits.pieces(20).map(\.count) == Array(repeating: 1, count: 10))
    let joined = try Tensor.cat(digits.pieces(3).map(\.images))
    #expect(try joined.equal(digits.images))
    #expect(throws: TensorError.self) { _ = try digits.batches(of: 0) }
    #expect(throws: TensorError.self) { _ = try digits.pieces(-1) }
  }

  private static let header = (0..<64).map { "p\($0)" }.joined(separator: ",") + ",label"
  private static let goodRow = Array(repeating: "7", count: 64).joined(separator: ",") + ",3"

  private func message(of text: String) -> String {
    do {
      _ = try DigitsDataset(NumericTable(text: text, name: "some.csv"))
      return "no error"
    } catch {
      guard case .malformedData = error.kind else { return "another kind: \(error)" }
      #expect(!error.description.contains("\n"))
      return error.message
    }
  }

  private func row(_ values: [Int: String]) -> String {
    (0..<65).map { values[$0] ?? ($0 == 64 ? "3" : "7") }.joined(separator: ",")
  }

  @Test func damageIsNamedWithItsPlace() {
    let head = Self.header
    let good = Self.goodRow
    #expect(
      message(of: head + "\n")
        == "some.csv, line 2: expected a row for each digit, found none")
    #expect(
      message(of: head.replacing("p17,", with: "") + "\n" + good.dropLast(2))
        == "some.csv, line 1: there is no column 'p17'; add it to the first line")
    #expect(
      message(of: "\(head)\n\(good)\n\(row([5: "x"]))\n")
        == "some.csv, line 3, column 6 ('p5'): expected a number, found 'x'")
    #expect(
      message(of: "\(head)\n\(good)\n\(row([5: "NaN"]))\n")
        == "some.csv, line 3, column 6 ('p5'): expected a finite number, found 'NaN'")
    #expect(
      message(of: "\(head)\n\(row([0: "17"]))\n")
        == "some.csv, line 2, column 1 ('p0'): expected a pixel, a whole number from 0 to 16; "
        + "found 17.0")
    #expect(message(of: "\(head)\n\(row([0: "-1"]))\n").contains("column 1 ('p0')"))
    #expect(message(of: "\(head)\n\(row([0: "1.5"]))\n").contains("found 1.5"))
    #expect(
      message(of: "\(head)\n\(row([64: "10"]))\n")
        == "some.csv, line 2, column 65 ('label'): expected a label, a whole number from 0 to 9; "
        + "found 10.0")
    #expect(message(of: "\(head)\n\(row([64: "1e300"]))\n").contains("column 65 ('label')"))
    #expect(
      message(of: "\(head)\n\(good)\n7,7,7")
        == "some.csv, line 3, column 4 ('p3'): expected 65 fields, the line ends after 3; the file "
        + "seems cut short")
  }

  @Test func rangesThatLeaveTheDigitsAreErrors() throws {
    let digits = try DigitsDataset.bundled().rows(0..<10)
    #expect(throws: TensorError.self) { try digits.rows(.min ..< .max) }
    #expect(throws: TensorError.self) { try digits.rows(-2..<3) }
    #expect(throws: TensorError.self) { try digits.rows(5..<11) }
    #expect(try digits.rows(10..<10).count == 0)
    #expect(try digits.batches(of: .max).count == 1)
    #expect(try digits.pieces(.max).count == 10)
  }
}
