import CTributaryKernels
import Testing
import TributarySplitMix

/// Results that are stored past the caches are those of the map itself.
@Suite struct StreamingTests {
  /// `count` elements of the kernels' dtype, behind `skip` bytes that make the first one lie unaligned.
  private final class Bytes {
    let all: UnsafeMutableRawPointer
    let size: Int
    var start: UnsafeMutableRawPointer { all + skip }
    private let skip: Int

    init(_ size: Int, skip: Int) {
      (self.size, self.skip) = (size, skip)
      all = .allocate(byteCount: size + 128, alignment: 64)
      all.initializeMemory(as: UInt8.self, repeating: 0x5a, count: size + 128)
    }

    deinit { all.deallocate() }

    /// What lies before and behind included: nothing may be written there.
    var values: [UInt8] { Array(UnsafeRawBufferPointer(start: all, count: size + 128)) }
  }

  private func compare(
    _ map: tri_map_fn?, _ n: Int, out: Int, inputs: [Int], broadcast: UInt32, skip: Int,
    parameters: [Double] = [0, 0]
  ) throws {
    let map = try #require(map)
    var random = SplitMix(seed: UInt64(n))
    let operands = inputs.map { size in
      let bytes = Bytes(n * size, skip: 0)
      for i in 0..<n * size / 4 {
        bytes.start.storeBytes(
          of: Float(random.real(in: -3...3)), toByteOffset: 4 * i, as: Float.self)
      }
      return bytes
    }
    let pointers = operands.map(\.start) + [nil, nil, nil]
    let steps =
      inputs.enumerated().map { broadcast >> UInt32($0) & 1 == 1 ? 0 : Int64($1) } + [0, 0]
    var all = tri_map_steps(out: Int64(out), a: steps[0], b: steps[1], c: steps[2])
    let (plain, streamed) = (Bytes(n * out, skip: skip), Bytes(n * out, skip: skip))
    withExtendedLifetime(operands) {
      map(plain.start, pointers[0], pointers[1], pointers[2], Int64(n), broadcast, parameters)
      tri_map_streaming(
        map, streamed.start, pointers[0], pointers[1], pointers[2], Int64(n), &all, broadcast,
        parameters)
    }
    let isSame = plain.values == streamed.values
    #expect(isSame, "\(n) elements behind \(skip) bytes")
    if inputs.count > 2 { return }
    let each = Bytes(n * out, skip: skip)
    withExtendedLifetime(operands) {
      tri_map_streaming_each(
        map, each.start, pointers[0], pointers[1], Int64(n), broadcast, parameters)
    }
    let isSameOneByOne = plain.values == each.values
    #expect(isSameOneByOne, "\(n) elements behind \(skip) bytes, one by one")
  }

  @Test(arguments: [0, 1, 15, 16, 1_023, 1_024, 1_025, 70_001])
  func streamedResultsAreTheMaps(_ n: Int) throws {
    for table in KernelPaths.all {
      for skip in [0, 16, 4] {
        for function in [TRI_UNARY_EXP, TRI_UNARY_LOG, TRI_UNARY_TANH] {
          for broadcast: UInt32 in [0, TRI_BROADCAST_A] {
            try compare(
              tri_unary(table, function, TRI_F32), n, out: 4, inputs: [4], broadcast: broadcast,
              skip: skip)
          }
        }
        // Maps without a loop of their own for it.
        try compare(
          tri_unary(table, TRI_UNARY_SIN, TRI_F32), n, out: 4, inputs: [4], broadcast: 0,
          skip: skip)
        try compare(
          tri_cast(table, TRI_F32, TRI_F64), n, out: 8, inputs: [4], broadcast: 0, skip: 2 * skip)
        try compare(
          tri_unary(table, TRI_UNARY_EXP, TRI_F64), n, out: 8, inputs: [8], broadcast: 0,
          skip: 2 * skip)
        try compare(
          tri_unary(table, TRI_UNARY_EXP, TRI_BF16), n, out: 2, inputs: [2], broadcast: 0,
          skip: skip)
        for broadcast: UInt32 in [0, TRI_BROADCAST_A, TRI_BROADCAST_B] {
          try compare(
            tri_binary(table, TRI_BINARY_ADD, TRI_F32), n, out: 4, inputs: [4, 4],
            broadcast: broadcast, skip: skip)
        }
        for op in 0..<TRI_BINARY_COUNT.rawValue {
          guard let map = tri_binary(table, tri_binary_op(rawValue: op), TRI_F32) else { continue }
          try compare(
            map, n, out: 4, inputs: [4, 4], broadcast: 0, skip: skip, parameters: [0.3, 2.5])
        }
        try compare(
          tri_binary(table, TRI_BINARY_MUL, TRI_F64), n, out: 8, inputs: [8, 8], broadcast: 0,
          skip: 2 * skip)
        try compare(
          tri_compare(table, TRI_COMPARE_LT, TRI_F32), n, out: 1, inputs: [4, 4], broadcast: 0,
          skip: skip)
      }
    }
  }

  @Test func streamedCopiesAreTheirSources() {
    var random = SplitMix(seed: 1)
    for n in [0, 1, 15, 63, 64, 65, 4_099, 100_003] {
      for skip in [0, 4, 16, 48] {
        for sourceSkip in [0, 3, 16] {
          let (source, plain, copy) = (
            Bytes(n, skip: sourceSkip), Bytes(n, skip: skip), Bytes(n, skip: skip)
          )
          for i in 0..<n {
            let byte = UInt8(truncatingIfNeeded: random.next())
            source.start.storeBytes(of: byte, toByteOffset: i, as: UInt8.self)
          }
          plain.start.copyMemory(from: source.start, byteCount: n)
          tri_stream_copy(copy.start, source.start, Int64(n))
          let isSame = plain.values == copy.values
          #expect(isSame, "\(n) bytes from \(sourceSkip) to \(skip)")
        }
      }
    }
  }
}
