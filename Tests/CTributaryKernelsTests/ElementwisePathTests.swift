import CTributaryKernels
import Testing
import TributarySplitMix

@Suite("Elementwise maps on every path")
struct ElementwisePathTests {
  static let param: [Double] = [-0.75, 2.5]
  static let counts = Array(0...70) + [127, 256, 1000]

  /// Promise: the same bits on every instruction set, whatever the length and the broadcast mask.
  @Test(arguments: MapCase.all)
  func vectorEqualsPortable(_ map: MapCase) {
    var random = SplitMix(seed: 1)
    for count in Self.counts {
      for mask in 0..<(UInt32(1) << map.inputs.count) {
        let operands = map.inputs.map {
          Elementwise.operand($0, count: max(count, 1), using: &random)
        }
        let expected = map.run(
          Elementwise.portable, operands, count: count, broadcast: mask, param: Self.param)
        #expect(expected.guardIsIntact)
        for path in Elementwise.vectorPaths {
          let actual = map.run(path, operands, count: count, broadcast: mask, param: Self.param)
          #expect(actual.guardIsIntact)
          #expect(
            Elementwise.bits(actual, map.result) == Elementwise.bits(expected, map.result),
            "\(Elementwise.pathName(path)), \(count) elements, mask \(mask)")
        }
      }
    }
  }

  /// Selects between signs and magnitudes are where a compiler has merged masks wrongly (see `tri_round_f32`), and only
  /// for some inputs: so every map over many, half of them random bits.
  @Test(arguments: MapCase.all)
  func vectorEqualsPortableOnManyInputs(_ map: MapCase) {
    var random = SplitMix(seed: 4)
    let count = 1 << 15
    let operands = map.inputs.map { Elementwise.manyBits($0, count: count, using: &random) }
    for param in [Self.param, [3, 0.5]] {
      let expected = map.run(Elementwise.portable, operands, count: count, param: param)
      for path in Elementwise.vectorPaths {
        let actual = map.run(path, operands, count: count, param: param)
        let differs = Elementwise.firstDifference(actual, expected, map.result)
        #expect(differs == nil, "\(Elementwise.pathName(path)), at \(differs ?? 0), \(param)")
      }
    }
  }

  /// An element has the same bits alone, in a part and in the whole; a repeated input equals one written out.
  @Test(arguments: MapCase.all)
  func splitsAndRepetitionChangeNothing(_ map: MapCase) {
    var random = SplitMix(seed: 2)
    let count = 83
    let operands = map.inputs.map { Elementwise.operand($0, count: count, using: &random) }
    for path in [Elementwise.portable] + Elementwise.vectorPaths {
      guard let function = map.map(path) else { continue }
      let whole = map.run(path, operands, count: count, param: Self.param)
      let parts = OperandBuffer(byteCount: whole.byteCount)
      let alone = OperandBuffer(byteCount: whole.byteCount)
      let size = Int(tri_dtype_size(map.result))
      func address(_ k: Int, _ i: Int) -> UnsafeRawPointer? {
        k < operands.count
          ? UnsafeRawPointer(operands[k].pointer + i * Int(tri_dtype_size(map.inputs[k]))) : nil
      }
      var begin = 0
      for length in [1, 16, 5, 33, 28] {
        function(
          parts.pointer + begin * size, address(0, begin), address(1, begin), address(2, begin),
          Int64(length), 0, Self.param)
        begin += length
      }
      for i in 0..<count {
        function(
          alone.pointer + i * size, address(0, i), address(1, i), address(2, i), 1,
          UInt32(i % 8) & ((1 << operands.count) - 1), Self.param)
      }
      withExtendedLifetime(operands) {}
      let bits = Elementwise.bits(whole, map.result)
      #expect(Elementwise.bits(parts, map.result) == bits)
      #expect(Elementwise.bits(alone, map.result) == bits)
    }
  }

  /// `out` may be an input.
  @Test(arguments: MapCase.all)
  func inPlaceEqualsOutOfPlace(_ map: MapCase) {
    let count = 75
    for path in [Elementwise.portable] + Elementwise.vectorPaths {
      for k in map.inputs.indices where tri_dtype_size(map.inputs[k]) == tri_dtype_size(map.result)
      {
        var random = SplitMix(seed: 3)
        let operands = map.inputs.map { Elementwise.operand($0, count: count, using: &random) }
        let expected = Elementwise.bits(
          map.run(path, operands, count: count, param: Self.param), map.result)
        map.map(path)?(
          operands[k].pointer, operands[0].pointer, operands.count > 1 ? operands[1].pointer : nil,
          operands.count > 2 ? operands[2].pointer : nil, Int64(count), 0, Self.param)
        #expect(Elementwise.bits(operands[k], map.result) == expected)
      }
    }
  }
}
