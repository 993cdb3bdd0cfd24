import Testing
import Tributary

/// Quotients made whole and remainders of signed, zero and infinite operands, as PyTorch 2.15 prints them.
@Suite struct RemainderTableTests {
  private struct Row {
    let a: [Double]
    let b: [Double]
    let result: [Double]
  }

  private func expect(
    _ row: Row, _ call: (Tensor, Tensor) throws -> Tensor,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for dtype in [DType.float32, .float64] {
      let (a, b) = (try Tensor(row.a, dtype: dtype), try Tensor(row.b, dtype: dtype))
      let found = try call(a, b).scalars(as: Double.self)
      // The sign of a zero counts.
      #expect(found.map(Self.text) == row.result.map(Self.text), sourceLocation: sourceLocation)
    }
  }

  private static func text(_ value: Double) -> String { value.isNaN ? "nan" : "\(value)" }

  @Test func remainderHasTheDivisorsSign() throws {
    try expect(
      Row(
        a: [5, -5, 5, -5, 0, -0.0], b: [3, 3, -3, -3, -3, 3], result: [2, 1, -1, -2, 0, -0.0])
    ) { try $0 % $1 }
    try expect(
      Row(
        a: [1, -1, 1, -1, .infinity], b: [.infinity, .infinity, -.infinity, -.infinity, 2],
        result: [1, .infinity, -.infinity, -1, .nan])
    ) { try $0 % $1 }
  }

  @Test func fmodHasTheDividendsSign() throws {
    try expect(
      Row(a: [5, -5, 5, -5, -0.0], b: [3, 3, -3, -3, 3], result: [2, -2, 2, -2, -0.0])
    ) { try $0.fmod($1) }
    try expect(
      Row(a: [1, -1, .infinity], b: [.infinity, .infinity, 2], result: [1, -1, .nan])
    ) { try $0.fmod($1) }
  }

  @Test func floorDivision() throws {
    try expect(
      Row(
        a: [5, -5, 1, -1, 0, .infinity], b: [0, 0, .infinity, .infinity, -1, 2],
        result: [.infinity, -.infinity, 0, -1, -0.0, .nan])
    ) { try $0.div($1, roundingMode: .floor) }
    // Where the divisor is less, or more, than the decimal that was written.
    let quotients = try Tensor([1.0, 0.3, 6.0])
      .div(Tensor([0.1, 0.1, 0.1]), roundingMode: .floor)
    #expect(try quotients.scalars(as: Double.self) == [9, 3, 59])
  }
}
