import Testing
import Tributary

/// The tables are PyTorch's own answers (2.15; the halves' of 2.13): a row for each dtype of the first operand, a letter for each of the
/// second, in the order of `DType.allCases`; `-` where it raises an error.
@Suite struct PromotionTests {
  static let letters: [DType: Character] = [
    .float32: "f", .float64: "d", .int64: "l", .int32: "i", .uint8: "u", .bool: "b", .float16: "h",
    .bfloat16: "w",
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
    let plain = [
      "fdffffff", "dddddddd", "fdllllhw", "fdliiihw",
      "fdliuuhw", "fdliubhw", "fdhhhhhf", "fdwwwwfw",
    ]
    #expect(table([2], [2]) { try $0 + $1 } == plain)
    #expect(table([2], [2]) { try $0 * $1 } == plain)
    #expect(table([2], [2]) { try $0.maximum($1) } == plain)
    #expect(table([2], [2]) { try Tensor.where(Tensor.full([2], true), $0, $1) } == plain)
    #expect(
      table([2], [2]) { try $0 - $1 }
        == [
          "fdfff-ff", "ddddd-dd", "fdlll-hw", "fdlii-hw",
          "fdliu-hw", "--------", "fdhhh-hf", "fdwww-fw",
        ])
    #expect(
      table([2], [2]) { try $0 / $1 }
        == [
          "fdffffff", "dddddddd", "fdffffhw", "fdffffhw",
          "fdffffhw", "fdffffhw", "fdhhhhhf", "fdwwwwfw",
        ])
    let noBool = [
      "fdffffff", "dddddddd", "fdllllhw", "fdliiihw",
      "fdliuuhw", "fdliu-hw", "fdhhhhhf", "fdwwwwfw",
    ]
    #expect(table([2], [2]) { try $0 % $1 } == noBool)
    #expect(table([2], [2]) { try $0.pow($1) } == noBool)
    #expect(table([2], [2]) { try $0.div($1, roundingMode: .floor) } == noBool)
    #expect(
      table([2], [2]) { try $0 & $1 }
        == [
          "--------", "--------", "--llll--", "--liii--",
          "--liuu--", "--liub--", "--------", "--------",
        ])
  }

  @Test func tensorsWithoutDims() {
    #expect(
      table([2], []) { try $0 + $1 }
        == [
          "ffffffff", "dddddddd", "fdllllhw", "fdiiiihw",
          "fduuuuhw", "fdliubhw", "hhhhhhhh", "wwwwwwww",
        ])
    #expect(
      table([], [2]) { try $0 + $1 }
        == [
          "fdffffhw", "fdddddhw", "fdliulhw", "fdliuihw",
          "fdliuuhw", "fdliubhw", "fdhhhhhw", "fdwwwwhw",
        ])
    #expect(
      table([2], []) { try $0 / $1 }
        == [
          "ffffffff", "dddddddd", "fdffffhw", "fdffffhw",
          "fdffffhw", "fdffffhw", "hhhhhhhh", "wwwwwwww",
        ])
    #expect(
      table([], [2]) { try $0 / $1 }
        == [
          "fdffffhw", "fdddddhw", "fdffffhw", "fdffffhw",
          "fdffffhw", "fdffffhw", "fdhhhhhw", "fdwwwwhw",
        ])
  }

  @Test func numbers() {
    #expect(row { try $0 + 2 } == "fdliulhw" && row { try $0 + 1.5 } == "fdffffhw")
    #expect(row { try $0 - 2 } == "fdliu-hw" && row { try $0 - 1.5 } == "fdfff-hw")
    #expect(row { try 2 - $0 } == "fdliu-hw" && row { try 1.5 - $0 } == "fdfff-hw")
    #expect(row { try $0 * 2 } == "fdliulhw" && row { try 1.5 * $0 } == "fdffffhw")
    #expect(row { try $0 / 2 } == "fdffffhw" && row { try 1.5 / $0 } == "fdffffhw")
    #expect(row { try $0.pow(2) } == "fdliulhw" && row { try $0.pow(1.5) } == "fdffffhw")
    #expect(
      row { try Tensor.pow(2, $0) } == "fdliulhw" && row { try Tensor.pow(1.5, $0) } == "fdffffhw")
    #expect(row { try $0 % 2 } == "fdliulhw" && row { try $0 % 1.5 } == "fdffffhw")
    #expect(
      row { try $0.clamp(min: 2) } == "fdliulhw" && row { try $0.clamp(min: 1.5) } == "fdffffhw")
  }

  @Test func functions() {
    #expect(row { try -$0 } == "fdliu-hw" && row { try $0.abs() } == "fdliu-hw")
    #expect(row { try $0.sign() } == "fdliubhw" && row { try $0.square() } == "fdliulhw")
    #expect(row { try $0.relu() } == "fdliu-hw" && row { try $0.floor() } == "fdliu-hw")
    #expect(row { try $0.exp() } == "fdffffhw" && row { try $0.sqrt() } == "fdffffhw")
    #expect(row { try $0.reciprocal() } == "fdffffhw" && row { try $0.sigmoid() } == "fdffffhw")
    #expect(row { try $0.gelu() } == "fd----hw" && row { try $0.silu() } == "fd----hw")
  }

  @Test func changesInPlace() {
    let stored = [
      "ffffffff", "dddddddd", "--llll--", "--iiii--",
      "--uuuu--", "-----b--", "hhhhhhhh", "wwwwwwww",
    ]
    #expect(table([2], [2]) { try $0.add_($1) } == stored)
    #expect(table([2], [2]) { try $0.mul_($1) } == stored)
    #expect(
      table([2], [2]) { try $0.sub_($1) }
        == [
          "fffff-ff", "ddddd-dd", "--lll---", "--iii---",
          "--uuu---", "--------", "hhhhh-hh", "wwwww-ww",
        ])
    #expect(
      table([2], [2]) { try $0.div_($1) }
        == [
          "ffffffff", "dddddddd", "--------", "--------",
          "--------", "--------", "hhhhhhhh", "wwwwwwww",
        ])
    #expect(
      table([2], [2]) { try $0.copy_($1) }
        == [
          "ffffffff", "dddddddd", "llllllll", "iiiiiiii",
          "uuuuuuuu", "bbbbbbbb", "hhhhhhhh", "wwwwwwww",
        ])
    #expect(row { try $0.add_(2) } == "fdliu-hw" && row { try $0.add_(1.5) } == "fd----hw")
    #expect(row { try $0.div_(2) } == "fd----hw" && row { try $0.fill_(1.5) } == "fdliubhw")
  }
}
