import CTributaryKernels
import Testing
import TributarySplitMix

/// float16 and bfloat16: widened exactly, rounded once, the same on every path.
@Suite struct HalfTests {
  static let halves = [TRI_F16, TRI_BF16]
  static let all = (UInt16.min...UInt16.max).map { $0 }

  static func cast<From, To>(
    _ table: UnsafePointer<tri_kernels>, _ from: tri_dtype, _ to: tri_dtype, _ values: [From]
  ) -> [To] {
    let (operand, out) = (
      OperandBuffer(values), OperandBuffer(byteCount: values.count * MemoryLayout<To>.stride)
    )
    tri_cast(table, from, to)(
      out.pointer, operand.pointer, nil, nil, Int64(values.count), 0, nil)
    withExtendedLifetime(operand) {}
    #expect(out.guardIsIntact)
    return out.values()
  }

  /// The nearest half, half to even, found among neighbours by exact arithmetic.
  static func nearest(_ dtype: tri_dtype, _ value: Double) -> UInt16 {
    if value.isNaN { return dtype == TRI_F16 ? 0x7e00 : 0x7fc0 }
    let sign: UInt16 = value.sign == .minus ? 0x8000 : 0
    let size = value.magnitude
    var (low, high): (UInt16, UInt16) = (0, dtype == TRI_F16 ? 0x7c00 : 0x7f80)
    // As if the exponent went on: what is to be rounded past the largest number is nearer to the next power of two.
    func number(_ bits: UInt16) -> Double {
      bits == (dtype == TRI_F16 ? 0x7c00 : 0x7f80)
        ? (dtype == TRI_F16 ? 0x1p16 : 0x1p128) : Double(tri_float_of_half(dtype, bits))
    }
    if size >= number(high) { return sign | high }
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if number(middle) <= size { low = middle } else { high = middle }
    }
    let (below, above) = (size - number(low), number(high) - size)
    if below == above { return sign | (low % 2 == 0 ? low : high) }
    return sign | (below < above ? low : high)
  }

  @Test(arguments: halves)
  func allHalvesComeBack(_ dtype: tri_dtype) {
    for table in KernelPaths.all {
      let wide: [Float] = Self.cast(table, dtype, TRI_F32, Self.all)
      let back: [UInt16] = Self.cast(table, TRI_F32, dtype, wide)
      for half in Self.all {
        let value = wide[Int(half)]
        #expect(value.bitPattern == tri_float_of_half(dtype, half).bitPattern)
        #expect(back[Int(half)] == (value.isNaN ? Self.nearest(dtype, .nan) : half))
      }
    }
  }

  /// A NaN of float16 becomes a quiet one with its sign and payload, on every path and alone; back, every NaN is one.
  @Test func aSignallingNaNBecomesQuiet() {
    let nans = Self.all.filter { $0 & 0x7fff > 0x7c00 }
    let sought = nans.map { UInt32($0 & 0x8000) << 16 | 0x7fc0_0000 | UInt32($0 & 0x3ff) << 13 }
    #expect(nans.map { tri_float_of_half(TRI_F16, $0).bitPattern } == sought)
    let patterns: [UInt32] = [
      0x7f80_0001, 0xff80_0001, 0x7f80_2000, 0xffc0_0000, 0x7fff_ffff, 0xffff_ffff, 0xffa0_0000,
    ]
    for table in KernelPaths.all {
      let wide: [Float] = Self.cast(table, TRI_F16, TRI_F32, nans)
      #expect(wide.map(\.bitPattern) == sought)
      let back: [UInt16] = Self.cast(
        table, TRI_F32, TRI_F16, patterns.map { Float(bitPattern: $0) })
      #expect(back == patterns.map { _ in 0x7e00 })
    }
  }

  #if !(os(macOS) && arch(x86_64))
    @Test func swiftsFloat16IsThisOne() {
      for half in Self.all {
        let (own, other) = (tri_float_of_half(TRI_F16, half), Float(Float16(bitPattern: half)))
        #expect(own == other || own.isNaN && other.isNaN)
      }
      var random = SplitMix(seed: 1)
      for value in Self.floats(&random) where !value.isNaN {
        #expect(tri_half_of_double(TRI_F16, Double(value)) == Float16(value).bitPattern)
      }
    }
  #endif

  /// Random bits, ties and their neighbours, subnormal halves, both ends of the range.
  static func floats(_ random: inout SplitMix) -> [Float] {
    var result: [Float] = [.nan, .infinity, -.infinity, 0, -0.0, 65504, 65519.996, 65520, -65520]
    for _ in 0..<1 << 16 {
      let bits = UInt32(truncatingIfNeeded: random.next())
      result.append(Float(bitPattern: bits))
      let exponent = 0x3f80_0000 &+ (bits % 60) << 23 &- 30 << 23
      let near = exponent | bits & 0x8000_0000 | (bits >> 3) & 0x7f_0000
      for tie: UInt32 in [0x0fff, 0x1000, 0x1001, 0x3000, 0x7fff, 0x8000, 0x8001] {
        result.append(Float(bitPattern: near | tie))
      }
    }
    return result
  }

  @Test(arguments: halves)
  func float32IsRoundedToTheNearest(_ dtype: tri_dtype) {
    var random = SplitMix(seed: 2)
    let values = Self.floats(&random)
    let expected = values.map { Self.nearest(dtype, Double($0)) }
    for table in KernelPaths.all {
      #expect(Self.cast(table, TRI_F32, dtype, values) == expected)
    }
  }

  /// Not by way of float32, which would round twice.
  @Test(arguments: halves)
  func float64AndWholeNumbersAreRoundedOnce(_ dtype: tri_dtype) {
    var random = SplitMix(seed: 3)
    let small = 0x1p-60
    var doubles: [Double] = [1e300, -1e300, 1e-300, .infinity, .nan, 0x1p-150, 0x1p-140, -0x1p-24]
    for value in Self.floats(&random).prefix(1 << 17) where value.isFinite {
      doubles += [Double(value), Double(value) * (1 + small), Double(value) * (1 - 0x1p-40)]
    }
    let longs = (0..<1 << 16).flatMap { _ -> [Int64] in
      let shift = random.next() % 54
      let tie = (Int64(random.next() % 256) << 1 | 1) << shift
      return [tie, tie &+ 1, tie &- 1, -tie, Int64(bitPattern: random.next()) >> shift]
    }
    // Exact in Double below 2⁵³; above, the reference is that of the rounded-to-odd number.
    let sought = doubles.map { Self.nearest(dtype, $0) }
    for table in KernelPaths.all {
      #expect(Self.cast(table, TRI_F64, dtype, doubles) == sought)
      let found: [UInt16] = Self.cast(table, TRI_I64, dtype, longs)
      let ints = longs.map { Int32(truncatingIfNeeded: $0) }
      let foundInts: [UInt16] = Self.cast(table, TRI_I32, dtype, ints)
      for (i, long) in longs.enumerated() {
        #expect(found[i] == tri_half_of_integer(dtype, long))
        if long.magnitude <= 1 << 53 {
          #expect(found[i] == Self.nearest(dtype, Double(long)), "\(long)")
        }
        #expect(foundInts[i] == Self.nearest(dtype, Double(ints[i])))
      }
    }
    // A tie, and just above it, which float32 does not tell apart.
    #expect(
      tri_half_of_integer(TRI_BF16, 1 << 40 + 1 << 32) == tri_half_of_integer(TRI_BF16, 1 << 40))
    #expect(
      tri_half_of_integer(TRI_BF16, (1 << 40) + (1 << 32) + 1)
        == tri_half_of_integer(TRI_BF16, (1 << 40) + (1 << 33)))
    #expect(
      tri_half_of_integer(TRI_BF16, (1 << 62) + (1 << 54) + 1)
        == tri_half_of_integer(TRI_BF16, (1 << 62) + (1 << 55)))
  }

  /// Every map that float32 has, with its values rounded, and numbers beside them unrounded.
  @Test(arguments: halves)
  func mapsAreFloat32sRounded(_ dtype: tri_dtype) {
    var random = SplitMix(seed: 4)
    let count = 777
    let param = [0.75, 2.5]
    let operands = (0..<3).map { _ in Elementwise.operand(dtype, count: count, using: &random) }
    let number: Float = 0.1
    for table in KernelPaths.all {
      let wide = operands.map {
        OperandBuffer(Self.cast(table, dtype, TRI_F32, $0.values(UInt16.self)) as [Float])
      }
      func compare(_ half: tri_map_fn?, _ float: tri_map_fn?, _ name: String) {
        #expect((half == nil) == (float == nil), "\(name)")
        guard let half, let float else { return }
        for mask: UInt32 in [0, 1, 2, TRI_WIDE_B] {
          let (out, expected) = (
            OperandBuffer(byteCount: count * 2), OperandBuffer(byteCount: count * 4)
          )
          withUnsafePointer(to: number) { number in
            let beside = mask == TRI_WIDE_B
            let raw = UnsafeMutableRawPointer(mutating: number)
            half(
              out.pointer, operands[0].pointer, beside ? raw : operands[1].pointer,
              operands[2].pointer, Int64(count), mask, param)
            float(
              expected.pointer, wide[0].pointer, beside ? raw : wide[1].pointer, wide[2].pointer,
              Int64(count), beside ? TRI_BROADCAST_B : mask, param)
          }
          let rounded: [UInt16] = Self.cast(table, TRI_F32, dtype, expected.values(Float.self))
          #expect(out.values() == rounded, "\(name), mask \(mask), \(Elementwise.pathName(table))")
          #expect(out.guardIsIntact)
        }
      }
      for op in 0..<TRI_UNARY_COUNT.rawValue {
        let op = tri_unary_op(rawValue: op)
        compare(tri_unary(table, op, dtype), tri_unary(table, op, TRI_F32), "unary \(op)")
      }
      for op in 0..<TRI_BINARY_COUNT.rawValue {
        let op = tri_binary_op(rawValue: op)
        compare(tri_binary(table, op, dtype), tri_binary(table, op, TRI_F32), "binary \(op)")
      }
      for op in 1..<TRI_TERNARY_COUNT.rawValue {
        let op = tri_ternary_op(rawValue: op)
        compare(tri_ternary(table, op, dtype), tri_ternary(table, op, TRI_F32), "ternary \(op)")
      }
    }
  }
}
