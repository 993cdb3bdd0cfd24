import Tributary

/// A table of numbers: comma-separated text, a line of column names, then a line of numbers for each row.
///
/// Read by code of our own: users of the package inherit no dependency, and the general readers that were
/// looked at do not say at which line and column a file is damaged, which is what a reader of training data
/// is for. Text in quotes is understood in the first line only, for numbers need none.
public struct NumericTable: Sendable {
  /// What messages call the table: the file's path.
  public let name: String
  public let columns: [String]
  public let rowCount: Int
  /// The index of each column.
  let places: [String: Int]
  /// float64, dense, a row for each row (and perhaps more).
  let values: Tensor

  /// Reads a file.
  ///
  /// - Throws: `TensorError` (`.malformedData`) that says file, line, column and what was expected there:
  ///   for a file that cannot be read or is empty, a line with too few or too many fields (as a last line
  ///   cut short has), a field that is no finite number, and bytes that are no text.
  public init(path: String) throws(TensorError) {
    try self.init(bytes: FileContents.read(path, "NumericTable"), name: path)
  }

  /// Reads text; `name` is what messages call it.
  public init(text: String, name: String) throws(TensorError) {
    try self.init(bytes: Array(text.utf8), name: name)
  }

  /// The element at a row and column, counted from 0. The caller keeps to the table.
  package func value(row: Int, column: Int) -> Double {
    // SAFETY: float64, dense, of `rowCount` rows at least; the table holds it to the end of the read.
    defer { withExtendedLifetime(values) {} }
    return values.pointer.assumingMemoryBound(to: Double.self)[row * columns.count + column]
  }

  /// The place of a column.
  ///
  /// - Throws: `TensorError` (`.malformedData`) where there is no column of that name.
  public func index(ofColumn column: String) throws(TensorError) -> Int {
    guard let index = places[column] else {
      throw damaged(line: 1, "there is no column \(Self.quoted(column)); add it to the first line")
    }
    return index
  }

  /// The numbers of one column, from the first row to the last.
  public func column(_ column: String) throws(TensorError) -> [Double] {
    let index = try index(ofColumn: column)
    return (0..<rowCount).map { value(row: $0, column: index) }
  }

  /// The line of the file on which a row stands. Rows begin on line 2; empty lines are not allowed between.
  package func line(ofRow row: Int) -> Int { row + 2 }

  /// An error at a place of this table.
  package func damaged(line: Int, column: Int? = nil, _ message: String) -> TensorError {
    Self.damaged(name, line, column.map { ($0, columns[$0]) }, message)
  }

  static func damaged(
    _ name: String, _ line: Int, _ column: (index: Int, name: String)?, _ message: String
  ) -> TensorError {
    let place = column.map { ", column \($0.index + 1) (\(quoted($0.name)))" } ?? ""
    return TensorError(
      .malformedData, operation: "NumericTable",
      "\(FileName.shown(name)), line \(line)\(place): \(message)")
  }

  /// Text from a file as a message may show it: on one line, short, and without control characters.
  static func quoted(_ text: String) -> String { quoted(Array(text.utf8)[...]) }

  static func quoted(_ bytes: ArraySlice<UInt8>) -> String {
    let shown = bytes.prefix(24).map { byte in
      (0x20..<0x7f).contains(byte)
        ? String(UnicodeScalar(byte))
        : "\\x" + String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }
    return "'" + shown.joined() + (bytes.count > 24 ? "…'" : "'")
  }
}
