import Tributary

extension NumericTable {
  package init(bytes: [UInt8], name: String) throws(TensorError) {
    var lines = Lines(bytes)
    guard let header = lines.next() else {
      throw Self.damaged(
        name, 1, nil, "the file is empty; expected a line of column names, then rows of numbers")
    }
    try Self.checkText(header, name, line: 1)
    let places = try Self.places(header, name)
    let columns = places.sorted { $0.value < $1.value }.map(\.key)
    let values = try Self.empty(rows: lines.most(columns: columns.count), columns.count, name)
    // SAFETY: float64, dense; `next` stays below the count, for there is room for every row before the loop ends.
    let number = values.pointer.assumingMemoryBound(to: Double.self)
    var line = 1
    var next = 0
    while let row = lines.next() {
      line += 1
      try Self.checkText(row, name, line: line)
      try Self.checkCount(Fields.count(row), columns, name, line, isLast: lines.isAtEnd)
      var fields = Fields(row)
      var index = 0
      while let field = fields.next() {
        number[next] = try Self.number(field, name, line, (index, columns[index]))
        next += 1
        index += 1
      }
    }
    withExtendedLifetime(values) {}
    self.init(name: name, columns: columns, places: places, rowCount: line - 1, values: values)
  }

  /// More columns than any table has that is meant as one; a header of noise may be all commas.
  private static let mostColumns = 1 << 16

  /// The place of each column, by its name.
  private static func places(
    _ header: ArraySlice<UInt8>, _ name: String
  ) throws(TensorError) -> [String: Int] {
    var places: [String: Int] = [:]
    var fields = Fields(header)
    while let field = fields.next() {
      let (index, column) = (places.count, columnName(field))
      guard index < mostColumns else {
        throw damaged(
          name, 1, nil,
          "\(Fields.count(header)) columns are more than the \(mostColumns) that are read")
      }
      if column.isEmpty {
        throw damaged(name, 1, (index, "unnamed"), "expected a column name, found nothing")
      }
      if let first = places.updateValue(index, forKey: column) {
        throw damaged(
          name, 1, (index, column), "column \(first + 1) has the same name; names must differ")
      }
    }
    return places
  }

  /// Room for the numbers, in the pool's memory, which can be refused.
  private static func empty(
    rows: Int, _ columns: Int, _ name: String
  ) throws(TensorError) -> Tensor {
    do {
      return try Tensor.empty([rows, columns], dtype: .float64)
    } catch {
      throw TensorError(
        error.kind, operation: "NumericTable", shapes: error.shapes,
        "\(FileName.shown(name)): \(error.message)")
    }
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

    /// No fewer rows than follow, up to and with the first that is not sound: in each sound one a column takes a
    /// digit and a separator at least.
    func most(columns: Int) -> Int {
      let rest = bytes[min(start, bytes.count)...]
      let lines = rest.reduce(0) { $1 == 0x0a ? $0 + 1 : $0 } + (rest.last == 0x0a ? 0 : 1)
      return rest.isEmpty ? 0 : min(lines, (rest.count + 1) / (2 * columns) + 1)
    }

    mutating func next() -> ArraySlice<UInt8>? {
      guard !isAtEnd else { return nil }
      let end = bytes[start...].firstIndex(of: 0x0a) ?? bytes.count
      defer { start = end + 1 }
      return bytes[start..<(end > start && bytes[end - 1] == 0x0d ? end - 1 : end)]
    }
  }

  /// The fields of a line, one after another: an array of them would be many times as large as the line.
  private struct Fields {
    private let line: ArraySlice<UInt8>
    /// Past the end once the last field was given.
    private var start: Int

    init(_ line: ArraySlice<UInt8>) {
      self.line = line
      start = line.startIndex
    }

    mutating func next() -> ArraySlice<UInt8>? {
      guard start <= line.endIndex else { return nil }
      let end = line[start...].firstIndex(of: UInt8(ascii: ",")) ?? line.endIndex
      defer { start = end + 1 }
      return trimmed(line[start..<end])
    }

    static func count(_ line: ArraySlice<UInt8>) -> Int {
      line.reduce(1) { $1 == UInt8(ascii: ",") ? $0 + 1 : $0 }
    }
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
    // Swift's reader takes hexadecimal too, which no table means.
    let isHexadecimal = field.contains { $0 | 0x20 == UInt8(ascii: "x") }
    guard !isHexadecimal, let number = Double(String(decoding: field, as: UTF8.self)) else {
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

  private init(
    name: String, columns: [String], places: [String: Int], rowCount: Int, values: Tensor
  ) {
    self.name = name
    self.columns = columns
    self.places = places
    self.rowCount = rowCount
    self.values = values
  }
}
