import CTributaryKernels
import Testing
import TributarySplitMix

@Suite("Maps and copies over strided layouts")
struct ElementwiseStridedTests {
  struct Layout {
    var shape: [Int64]
    /// The result, then the inputs.
    var strides: [[Int64]]

    var count: Int { Int(shape.reduce(1, *)) }

    func offset(_ operand: Int, _ number: Int) -> Int {
      var rest = Int64(number)
      var offset: Int64 = 0
      for d in shape.indices.reversed() {
        offset += rest % shape[d] * strides[operand][d]
        rest /= shape[d]
      }
      return Int(offset)
    }

    func extent(_ operand: Int) -> Int {
      Int(zip(shape, strides[operand]).reduce(1) { $0 + ($1.0 - 1) * $1.1 })
    }

    func nd(_ operands: [OperandBuffer], sizes: [Int32]) -> tri_nd {
      var nd = tri_nd()
      tri_nd_init(&nd, Int32(shape.count), shape)
      for (k, buffer) in operands.enumerated() {
        tri_nd_operand(&nd, buffer.pointer, sizes[k], strides[k])
      }
      return nd
    }
  }

  /// Dimensions in a random order, with gaps at times; inputs also with repeated dimensions.
  static func layout(inputs: Int, using random: inout SplitMix) -> Layout {
    let choices: [[Int64]] = [[1, 2, 3], [1, 3, 5, 8], [2, 9, 33], [17, 40, 70]]
    let rank = Int(random.next() % 5)
    let sizes = choices[rank < 3 ? Int(random.next() % 4) : Int(random.next() % 2)]
    let shape = (0..<rank).map { _ in sizes[Int(random.next() % UInt64(sizes.count))] }
    var strides: [[Int64]] = []
    for k in 0...inputs {
      var order = Array(0..<rank)
      if random.next() % 3 > 0 { order.shuffle(using: &random) }
      var stride = [Int64](repeating: 0, count: rank)
      var run: Int64 = random.next() % 4 == 0 ? 2 : 1
      for d in order.reversed() {
        if k > 0, random.next() % 5 == 0 { continue }
        stride[d] = run
        run *= shape[d]
        if random.next() % 6 == 0 { run += 3 }
      }
      strides.append(stride)
    }
    return Layout(shape: shape, strides: strides)
  }

  @Test(arguments: [true, false])
  func mapEqualsIndexLoop(coalesced: Bool) throws {
    var random = SplitMix(seed: 4)
    let map = try #require(tri_ternary(tri_kernels_default(), TRI_TERNARY_WHERE, TRI_F32))
    for _ in 0..<3000 {
      let layout = Self.layout(inputs: 3, using: &random)
      let inputs = [TRI_BOOL, TRI_F32, TRI_F32].enumerated().map {
        Elementwise.operand($1, count: layout.extent($0 + 1), using: &random)
      }
      let out = OperandBuffer(byteCount: layout.extent(0) * 4)
      var expected = out.values(UInt32.self)
      let (test, yes, no) = (
        inputs[0].values(UInt8.self), inputs[1].values(UInt32.self), inputs[2].values(UInt32.self)
      )
      for i in 0..<layout.count {
        expected[layout.offset(0, i)] =
          test[layout.offset(1, i)] != 0 ? yes[layout.offset(2, i)] : no[layout.offset(3, i)]
      }
      var nd = layout.nd([out] + inputs, sizes: [4, 1, 4, 4])
      var mask: UInt32 = 0
      let flat = coalesced && tri_nd_coalesce(&nd, &mask)
      #expect(tri_nd_count(&nd) == layout.count)
      if flat, random.next() % 2 == 0 {
        map(
          out.pointer, inputs[0].pointer, inputs[1].pointer, inputs[2].pointer, Int64(layout.count),
          mask, nil)
      } else {
        for range in Self.split(layout.count, using: &random) {
          tri_map_nd(map, &nd, Int64(range.lowerBound), Int64(range.upperBound), nil)
        }
      }
      withExtendedLifetime(inputs) {}
      #expect(out.values(UInt32.self) == expected, "\(layout)")
      #expect(out.guardIsIntact)
    }
  }

  @Test(arguments: [1, 4, 8] as [Int32])
  func copyEqualsIndexLoop(size: Int32) {
    var random = SplitMix(seed: UInt64(size))
    for round in 0..<3000 {
      let layout = Self.layout(inputs: 1, using: &random)
      let input = Elementwise.operand(TRI_U8, count: layout.extent(1) * Int(size), using: &random)
      let out = OperandBuffer(byteCount: layout.extent(0) * Int(size))
      var expected = out.values(UInt8.self)
      let from = input.values(UInt8.self)
      for i in 0..<layout.count {
        for b in 0..<Int(size) {
          expected[layout.offset(0, i) * Int(size) + b] = from[layout.offset(1, i) * Int(size) + b]
        }
      }
      var nd = layout.nd([out, input], sizes: [size, size])
      if round % 2 == 0 { tri_nd_coalesce(&nd, nil) }
      for range in Self.split(layout.count, using: &random) {
        tri_copy_nd(&nd, Int64(range.lowerBound), Int64(range.upperBound))
      }
      withExtendedLifetime(input) {}
      #expect(out.values(UInt8.self) == expected, "\(layout)")
      #expect(out.guardIsIntact)
    }
  }

  static func split(_ count: Int, using random: inout SplitMix) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var begin = 0
    while begin < count {
      let end =
        random.next() % 3 == 0 ? begin + 1 + Int(random.next() % UInt64(count - begin)) : count
      ranges.append(begin..<end)
      begin = end
    }
    return ranges.shuffled(using: &random)
  }

  @Test
  func coalescingMergesRuns() {
    let out = OperandBuffer(byteCount: 24 * 4)
    /// The rank, and the broadcast mask where the map may be called directly.
    func coalesced(_ result: [Int64], _ input: [Int64]) -> [Int?] {
      var mask: UInt32 = 0
      var nd = Layout(shape: [2, 3, 4], strides: [result, input]).nd([out, out], sizes: [4, 4])
      let flat = tri_nd_coalesce(&nd, &mask)
      return [Int(nd.rank), flat ? Int(mask) : nil]
    }
    #expect(coalesced([12, 4, 1], [12, 4, 1]) == [1, 0])
    #expect(coalesced([12, 4, 1], [0, 0, 0]) == [1, 1])
    // Both column-major: one run in memory, though not in index order.
    #expect(coalesced([1, 2, 6], [1, 2, 6]) == [1, 0])
    #expect(coalesced([12, 4, 1], [0, 4, 1]) == [2, nil])
    #expect(coalesced([12, 4, 1], [12, 1, 3]) == [3, nil])
  }

  @Test
  func fills() {
    for count in [0, 1, 5, 100] {
      let out = OperandBuffer(byteCount: count * 4)
      var pattern: Float = 1.5
      tri_fill(out.pointer, Int64(count), &pattern, 4)
      #expect(out.values(Float.self) == Array(repeating: 1.5, count: count))
      #expect(out.guardIsIntact)
      tri_arange(out.pointer, TRI_F32, 7, Int64(count), -1, 0.1)
      let rising: [Float] = (0..<count).map { i in Float(-1 + Double(i + 7) * 0.1) }
      #expect(out.values(Float.self) == rising)
      tri_arange_integer(out.pointer, TRI_I32, 3, Int64(count), 10, -2)
      let falling: [Int32] = (0..<count).map { i in 10 - 2 * Int32(i + 3) }
      #expect(out.values(Int32.self) == falling)
    }
    let line = OperandBuffer(byteCount: 5 * 8)
    tri_linspace(line.pointer, TRI_F64, 0, 5, 5, -1, 1)
    #expect(line.values(Double.self) == [-1, -0.5, 0, 0.5, 1])
    tri_linspace(line.pointer, TRI_F64, 0, 1, 1, 3, 9)
    #expect(line.values(Double.self)[0] == 3)
  }
}
