import Tributary

extension NumericTable {
  package init(bytes: [UInt8], name: String) throws(TensorError) {
    var lines = Lines(bytes)
    guard let header = lines.next() else {
      throw Self.damaged(
        name, 1, nil, "the file is empty; expected a line of column names, then rows of numbers")
    }
    try Self.checkText(header, name, line: 1)
    let columns = Self.fields(header).map(Self.columnName)
    for (index, column) in columns.enumerated() {
      if column.isEmpty {
        throw Self.damaged(name, 1, (index, "unnamed"), "expected a column name, found nothing")
      }
      if let first = columns.firstIndex(of: column), first < index {
        throw Self.damaged(
          name, 1, (index, column), "column \(first + 1) has the same name; names must differ")
      }
    }
    var values: [Double] = []
    var line = 1
    while let row = lines.next() {
      line += 1
      try Self.checkText(row, name, line: line)
      let fields = Self.fields(row)
      try Self.checkCount(fields.count, columns, name, line, isLast: lines.isAtEnd)
      for (index, field) in fields.enumerated() {
        values.append(try Self.number(field, name, line, (index, columns[index])))
      }
    }
    self.init(name: name, columns: columns, rowCount: line - 1, values: values)
  }

  /// The lines of a text; each may end in "\n" or "\r\n", the last also without.
  private struct Lines {
    private let bytes: [UInt8]
    private var start = 0

    init(_ bytes: [UInt8]) {
      self.bytes = bytes
      // The mark with which some programs begin UTF-8.
      if bytes.starts(with: [0xef, 0xbb, 0xbf]) { start = 3 }
    }

    var isAtEnd: Bool { start >= bytes.count }

    mutating func next() -> ArraySlice<UInt8>? {
      guard !isAtEnd else { return nil }
      let end = bytes[start...].firstIndex(of: 0x0a) ?? bytes.count
      defer { start = end + 1 }
      return bytes[start..<(end > start && bytes[end - 1] == 0x0d ? end - 1 : end)]
    }
  }

  private static func fields(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map(trimmed)
  }

  private static func trimmed(_ field: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var field = field
    while let first = field.first, first == 0x20 || first == 0x09 { field.removeFirst() }
    while let last = field.last, last == 0x20 || last == 0x09 { field.removeLast() }
    return field
  }

  private static func columnName(_ field: ArraySlice<UInt8>) -> String {
    var field = field
    if field.count >= 2, field.first == UInt8(ascii: "\""), field.last == UInt8(ascii: "\"") {
      field = field.dropFirst().dropLast()
    }
    return String(decoding: field, as: UTF8.self)
  }

  private static func checkText(
    _ line: ArraySlice<UInt8>, _ name: String, line number: Int
  ) throws(TensorError) {
    if let bad = line.firstIndex(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7f }) {
      throw damaged(
        name, number, nil,
        "byte \(bad - line.startIndex + 1) is \(quoted(line[bad...bad])); expected comma-separated "
          + "text, this looks like binary data")
    }
    // Column names may be in any script, but must be UTF-8; numbers are checked one by one.
    if number == 1, String(validating: line, as: UTF8.self) == nil {
      throw damaged(
        name, number, nil, "expected column names in UTF-8, found other bytes: \(quoted(line))")
    }
  }

  private static func number(
    _ field: ArraySlice<UInt8>, _ name: String, _ line: Int, _ column: (Int, String)
  ) throws(TensorError) -> Double {
    if field.isEmpty { throw damaged(name, line, column, "expected a number, found nothing") }
    guard let number = Double(String(decoding: field, as: UTF8.self)) else {
      throw damaged(name, line, column, "expected a number, found \(quoted(field))")
    }
    guard number.isFinite else {
      throw damaged(name, line, column, "expected a finite number, found \(quoted(field))")
    }
    return number
  }

  private static func checkCount(
    _ count: Int, _ columns: [String], _ name: String, _ line: Int, isLast: Bool
  ) throws(TensorError) {
    if count < columns.count {
      throw damaged(
        name, line, (count, columns[count]),
        "expected \(columns.count) fields, the line ends after \(count)"
          + (isLast ? "; the file seems cut short" : ""))
    }
    if count > columns.count {
      throw damaged(
        name, line, nil, "expected \(columns.count) fields, as line 1 names them; found \(count)")
    }
  }

  private init(name: String, columns: [String], rowCount: Int, values: [Double]) {
    self.name = name
    self.columns = columns
    self.rowCount = rowCount
    self.values = values
  }
}
