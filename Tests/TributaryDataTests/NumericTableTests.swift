import Glibc
import Testing
import Tributary
import TributaryData

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
    #expect(message("a,b\n1,\n").contains("line 2, column 2 (b): expected a number, found nothing"))
    #expect(message("a,b\n1,2\n\n3,4\n").contains("line 3, column 2 (b): expected 2 fields"))
    #expect(
      message("a,b\n1,2,3\n") == "t.csv, line 2: expected 2 fields, as line 1 names them; found 3")
    #expect(message("a,b\n1\n2,3\n").contains("line 2, column 2 (b)"))
    #expect(!message("a,b\n1\n2,3\n").contains("cut short"))
    #expect(message("a,b\n1,2\n3").contains("cut short"))
    #expect(message("a\ninf\n").contains("expected a finite number, found 'inf'"))
    #expect(message("a\n1e999\n").contains("expected a finite number"))
    #expect(message("a\n\"1\"\n").contains("expected a number, found '\"1\"'"))
    #expect(message("a\n1\u{0}\n").contains("line 2: byte 2 is '\\x00'"))
    #expect(message([0x61, 0xff, 0x0a]).contains("expected column names in UTF-8"))
    #expect(message([0x61, 0x0a, 0xc3, 0x28, 0x0a]).contains("expected a number, found '\\xc3('"))
  }

  @Test func noiseNeverTraps() {
    var generator = SystemRandomNumberGenerator()
    for length in 0..<400 {
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
      _ = message(bytes)
      // Over the letters of a table, so that the noise comes far.
      let letters = Array("a,1\n\r \"-.e9\t".utf8)
      _ = message((0..<length).map { _ in letters[Int.random(in: 0..<letters.count)] })
    }
  }

  @Test func eachPrefixOfAFileIsReadOrRefused() throws {
    let bytes = Array("a,b\n10,20\n30,40\n".utf8)
    for length in 0...bytes.count { _ = message(Array(bytes[..<length])) }
    #expect(message(Array(bytes[..<13])).contains("line 3, column 2 (b)"))
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
