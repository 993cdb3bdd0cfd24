import Glibc
import Testing
import Tributary
import TributaryData
import TributarySplitMix

@Suite struct NumericTableTests {
  private func message(_ bytes: [UInt8]) -> String {
    do {
      _ = try NumericTable(bytes: bytes, name: "t.csv")
      return "no error"
    } catch {
      guard case .malformedData = error.kind else { return "another kind: \(error)" }
      #expect(!error.description.contains("\n"))
      return error.message
    }
  }

  private func message(_ text: String) -> String { message(Array(text.utf8)) }

  @Test func reads() throws {
    let table = try NumericTable(text: "a,b,c\n1,2.5,-3e2\n4,5,6\n", name: "t.csv")
    #expect(table.columns == ["a", "b", "c"])
    #expect(table.rowCount == 2)
    #expect(try table.column("b") == [2.5, 5])
    #expect(try table.column("c") == [-300, 6])
  }

  @Test(arguments: ["a,b\r\n1,2\r\n", "a,b\n1,2", "\u{feff}a,b\n1,2\n", " \"a\" , b \n 1 ,\t2 \n"])
  func harmlessVariants(text: String) throws {
    let table = try NumericTable(text: text, name: "t.csv")
    #expect(table.columns == ["a", "b"])
    #expect(try table.column("a") == [1])
    #expect(try table.column("b") == [2])
  }

  @Test func damage() {
    #expect(
      message("")
        == "t.csv, line 1: the file is empty; expected a line of column names, then rows of numbers"
    )
    #expect(message("a,a\n").contains("column 1 has the same name"))
    #expect(message("a,,c\n").contains("expected a column name, found nothing"))
    #expect(
      message("a,b\n1,\n").contains("line 2, column 2 ('b'): expected a number, found nothing"))
    #expect(message("a,b\n1,2\n\n3,4\n").contains("line 3, column 2 ('b'): expected 2 fields"))
    #expect(
      message("a,b\n1,2,3\n") == "t.csv, line 2: expected 2 fields, as line 1 names them; found 3")
    #expect(message("a,b\n1\n2,3\n").contains("line 2, column 2 ('b')"))
    #expect(!message("a,b\n1\n2,3\n").contains("cut short"))
    #expect(message("a,b\n1,2\n3").contains("cut short"))
    #expect(message("a\ninf\n").contains("expected a finite number, found 'inf'"))
    for text in ["0x5", "-0X1p3", "0x"] {
      #expect(message("a\n\(text)\n").contains("expected a number, found '\(text)'"))
    }
    #expect(message("a\n1e999\n").contains("expected a finite number"))
    #expect(message("a\n\"1\"\n").contains("expected a number, found '\"1\"'"))
    #expect(message("a\n1\u{0}\n").contains("line 2: byte 2 is '\\x00'"))
    #expect(message([0x61, 0xff, 0x0a]).contains("expected column names in UTF-8"))
    #expect(message([0x61, 0x0a, 0xc3, 0x28, 0x0a]).contains("expected a number, found '\\xc3('"))
  }

  /// A line of noise may be all commas, or one name.
  @Test func wideHeaders() throws {
    let commas = message(Array(repeating: UInt8(ascii: ","), count: 3 << 20))
    #expect(commas.contains("column 1 ('unnamed'): expected a column name, found nothing"))
    let names = (0..<65_536).map { "c\($0)" }
    let table = try NumericTable(text: names.joined(separator: ",") + "\n", name: "t.csv")
    #expect(try table.index(ofColumn: "c65535") == 65_535)
    #expect(
      message((names + ["more"]).joined(separator: ","))
        == "t.csv, line 1: 65537 columns are more than the 65536 that are read")
    #expect(message("a\n" + String(repeating: ",", count: 3 << 20)).contains("found 3145729"))
  }

  @Test func messagesAreShortAndPlain() {
    let long = message(String(repeating: "x", count: 500_000) + "\nno\n")
    #expect(long.utf8.count < 200)
    let odd = message("a\u{2028}b\u{85}c\nno\n")
    #expect(odd.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7f })
  }

  /// Fewer bytes than a row of numbers would take, but places for them.
  @Test func shortRowsOfAWideTable() {
    #expect(message("a,b,c\n1,2\n").contains("line 2, column 3 ('c'): expected 3 fields"))
    #expect(message("a,b,c\n1,2,3\n4,5\n").contains("line 3, column 3 ('c')"))
    #expect(message("a,b,c\n1,2,3\n4").contains("cut short"))
  }

  @Test(arguments: 0..<4 as Range<UInt64>) func noiseNeverTraps(seed: UInt64) {
    var random = SplitMix(seed: seed)
    // Over the letters of a table, so that the noise comes far.
    let letters = Array("a,1\n\r \"-.e9\t".utf8)
    for length in 0..<200 {
      let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let texts = (0..<length).map { _ in letters[random.below(letters.count)] }
      for found in [message(bytes), message(texts)] { #expect(found.utf8.count < 250) }
    }
  }

  @Test func eachPrefixOfAFileIsReadOrRefused() throws {
    let bytes = Array("a,b\n10,20\n30,40\n".utf8)
    for length in 0...bytes.count { _ = message(Array(bytes[..<length])) }
    #expect(message(Array(bytes[..<13])).contains("line 3, column 2 ('b')"))
  }

  @Test func files() throws {
    for (path, reason) in [
      ("/nowhere/at/all.csv", "No such file or directory"), ("/", "Is a directory"),
    ] {
      do {
        _ = try NumericTable(path: path)
        Issue.record("\(path) was read")
      } catch {
        #expect(error.message == "\(path): cannot be read: \(reason)")
      }
    }
  }
}
