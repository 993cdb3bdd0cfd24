import Tributary

/// Handwritten digits: images of 8 × 8 pixels, and what each shows.
///
/// The package carries the test part of *Optical Recognition of Handwritten Digits* (E. Alpaydin,
/// C. Kaynak, UCI Machine Learning Repository, 1998, doi 10.24432/C50P49; CC BY 4.0): 1,797 digits.
public struct DigitsDataset: Sendable {
  /// Side of an image, in pixels.
  public static let side = 8
  public static let classCount = 10
  /// The value of a black pixel in the file.
  private static let darkest = 16.0

  /// [n, 1, 8, 8], float32, 0 (white) to 1 (black).
  public let images: Tensor
  /// [n], int64, 0 to 9.
  public let labels: Tensor

  public var count: Int { labels.count }

  /// Images [n, 1, 8, 8] and labels [n].
  package init(images: Tensor, labels: Tensor) {
    self.images = images
    self.labels = labels
  }

  /// The digits that the package carries.
  ///
  /// - Throws: `TensorError` (`.malformedData`) where the resource does not lie beside the program.
  public static func bundled() throws(TensorError) -> DigitsDataset {
    try DigitsDataset(path: BundledFile.path("digits.csv"))
  }

  /// Reads a table with the columns p0 … p63, the pixels in reading order as whole numbers 0 to 16, and
  /// `label`, 0 to 9; other columns are passed over.
  ///
  /// - Throws: `TensorError` (`.malformedData`) with file, line, column and what was expected.
  public init(path: String) throws(TensorError) {
    try self.init(NumericTable(path: path))
  }

  public init(_ table: NumericTable) throws(TensorError) {
    let pixelCount = Self.side * Self.side
    guard table.rowCount > 0 else {
      throw table.damaged(line: 2, "expected a row for each digit, found none")
    }
    var places: [Int] = []
    for pixel in 0..<pixelCount { places.append(try table.index(ofColumn: "p\(pixel)")) }
    let labelPlace = try table.index(ofColumn: "label")
    var pixels: [Float] = []
    pixels.reserveCapacity(table.rowCount * pixelCount)
    var labels: [Int] = []
    for row in 0..<table.rowCount {
      for place in places {
        let value = try Self.whole(table, row, place, upTo: Self.darkest, "a pixel")
        pixels.append(Float(value / Self.darkest))
      }
      let label = try Self.whole(
        table, row, labelPlace, upTo: Double(Self.classCount - 1), "a label")
      labels.append(Int(label))
    }
    images = try Tensor(
      scalars: pixels, shape: [table.rowCount, 1, Self.side, Self.side])
    self.labels = try Tensor(scalars: labels, shape: [table.rowCount])
  }

  /// A whole number of 0 … `most`, or an error that says where it is not.
  private static func whole(
    _ table: NumericTable, _ row: Int, _ column: Int, upTo most: Double, _ what: String
  ) throws(TensorError) -> Double {
    let value = table.value(row: row, column: column)
    guard value >= 0, value <= most, value == value.rounded() else {
      throw table.damaged(
        line: table.line(ofRow: row), column: column,
        "expected \(what), a whole number from 0 to \(Int(most)); found \(value)")
    }
    return value
  }
}
