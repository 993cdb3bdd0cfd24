import Testing
import Tributary

/// The tables are PyTorch 2.15's own answers: a row for each dtype of the first operand, a letter for each of the
/// second, in the order of `DType.allCases`; `-` where it raises an error.
@Suite struct PromotionTests {
  static let letters: [DType: Character] = [
    .float32: "f", .float64: "d", .int64: "l", .int32: "i", .uint8: "u", .bool: "b",
  ]

  private func letter(_ operation: () throws -> Tensor) -> Character {
    guard let result = try? operation() else { return "-" }
    return Self.letters[result.dtype] ?? "?"
  }

  private func table(
    _ shapeA: Shape, _ shapeB: Shape, _ operation: (Tensor, Tensor) throws -> Tensor
  ) -> [String] {
    DType.allCases.map { a in
      String(
        DType.allCases.map { b in
          letter {
            try operation(Tensor.full(shapeA, 1, dtype: a), Tensor.full(shapeB, 1, dtype: b))
          }
        })
    }
  }

  private func row(_ operation: (Tensor) throws -> Tensor) -> String {
    String(DType.allCases.map { a in letter { try operation(Tensor.full([2], 1, dtype: a)) } })
  }

  @Test func tensorsWithDims() {
    let plain = ["fdffff", "dddddd", "fdllll", "fdliii", "fdliuu", "fdliub"]
    #expect(table([2], [2]) { try $0 + $1 } == plain)
    #expect(table([2], [2]) { try $0 * $1 } == plain)
    #expect(table([2], [2]) { try $0.maximum($1) } == plain)
    #expect(table([2], [2]) { try Tensor.where(Tensor.full([2], true), $0, $1) } == plain)
    #expect(
      table([2], [2]) { try $0 - $1 }
        == ["fdfff-", "ddddd-", "fdlll-", "fdlii-", "fdliu-", "------"])
    #expect(
      table([2], [2]) { try $0 / $1 }
        == ["fdffff", "dddddd", "fdffff", "fdffff", "fdffff", "fdffff"])
    let noBool = ["fdffff", "dddddd", "fdllll", "fdliii", "fdliuu", "fdliu-"]
    #expect(table([2], [2]) { try $0 % $1 } == noBool)
    #expect(table([2], [2]) { try $0.pow($1) } == noBool)
    #expect(table([2], [2]) { try $0.div($1, roundingMode: .floor) } == noBool)
    #expect(
      table([2], [2]) { try $0 & $1 }
        == ["------", "------", "--llll", "--liii", "--liuu", "--liub"])
  }

  @Test func tensorsWithoutDims() {
    #expect(
      table([2], []) { try $0 + $1 }
        == ["ffffff", "dddddd", "fdllll", "fdiiii", "fduuuu", "fdliub"])
    #expect(
      table([], [2]) { try $0 + $1 }
        == ["fdffff", "fddddd", "fdliul", "fdliui", "fdliuu", "fdliub"])
    #expect(
      table([2], []) { try $0 / $1 }
        == ["ffffff", "dddddd", "fdffff", "fdffff", "fdffff", "fdffff"])
    #expect(
      table([], [2]) { try $0 / $1 }
        == ["fdffff", "fddddd", "fdffff", "fdffff", "fdffff", "fdffff"])
  }

  @Test func numbers() {
    #expect(row { try $0 + 2 } == "fdliul" && row { try $0 + 1.5 } == "fdffff")
    #expect(row { try $0 - 2 } == "fdliu-" && row { try $0 - 1.5 } == "fdfff-")
    #expect(row { try 2 - $0 } == "fdliu-" && row { try 1.5 - $0 } == "fdfff-")
    #expect(row { try $0 * 2 } == "fdliul" && row { try 1.5 * $0 } == "fdffff")
    #expect(row { try $0 / 2 } == "fdffff" && row { try 1.5 / $0 } == "fdffff")
    #expect(row { try $0.pow(2) } == "fdliul" && row { try $0.pow(1.5) } == "fdffff")
    #expect(
      row { try Tensor.pow(2, $0) } == "fdliul" && row { try Tensor.pow(1.5, $0) } == "fdffff")
    #expect(row { try $0 % 2 } == "fdliul" && row { try $0 % 1.5 } == "fdffff")
    #expect(row { try $0.clamp(min: 2) } == "fdliul" && row { try $0.clamp(min: 1.5) } == "fdffff")
  }

  @Test func functions() {
    #expect(row { try -$0 } == "fdliu-" && row { try $0.abs() } == "fdliu-")
    #expect(row { try $0.sign() } == "fdliub" && row { try $0.square() } == "fdliul")
    #expect(row { try $0.relu() } == "fdliu-" && row { try $0.floor() } == "fdliu-")
    #expect(row { try $0.exp() } == "fdffff" && row { try $0.sqrt() } == "fdffff")
    #expect(row { try $0.reciprocal() } == "fdffff" && row { try $0.sigmoid() } == "fdffff")
    #expect(row { try $0.gelu() } == "fd----" && row { try $0.silu() } == "fd----")
  }

  @Test func changesInPlace() {
    let stored = ["ffffff", "dddddd", "--llll", "--iiii", "--uuuu", "-----b"]
    #expect(table([2], [2]) { try $0.add_($1) } == stored)
    #expect(table([2], [2]) { try $0.mul_($1) } == stored)
    #expect(
      table([2], [2]) { try $0.sub_($1) }
        == ["fffff-", "ddddd-", "--lll-", "--iii-", "--uuu-", "------"])
    #expect(
      table([2], [2]) { try $0.div_($1) }
        == ["ffffff", "dddddd", "------", "------", "------", "------"])
    #expect(
      table([2], [2]) { try $0.copy_($1) }
        == ["ffffff", "dddddd", "llllll", "iiiiii", "uuuuuu", "bbbbbb"])
    #expect(row { try $0.add_(2) } == "fdliu-" && row { try $0.add_(1.5) } == "fd----")
    #expect(row { try $0.div_(2) } == "fd----" && row { try $0.fill_(1.5) } == "fdliub")
  }
}
