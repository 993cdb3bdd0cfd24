import CTributaryKernels

typealias Kernels = UnsafePointer<tri_kernels>

/// A path that this machine runs.
struct ReducePath: CustomStringConvertible, Sendable {
  nonisolated(unsafe) let kernels: Kernels
  var description: String { String(cString: tri_path_name(kernels.pointee.path)) }

  static let all: [ReducePath] = (0..<TRI_PATH_COUNT.rawValue).compactMap { raw in
    tri_kernels_for(tri_path(rawValue: raw)).map(ReducePath.init)
  }
  static let portable = ReducePath(kernels: tri_kernels_for(TRI_PORTABLE) ?? tri_kernels_default())
}

/// xorshift64*, so that each test has its own fixed numbers.
struct ReduceRandom {
  var state: UInt64
  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
  mutating func next() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 0x2545_F491_4F6C_DD1D
  }
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}

/// An element of a tensor: its dtype, samples, and the bits to compare (every NaN as one).
protocol ReduceElement: Equatable, Sendable, BitwiseCopyable {
  static var dtype: tri_dtype { get }
  static func sample(_ random: inout ReduceRandom) -> Self
  static var specials: [Self] { get }
  static var zero: Self { get }
  var bits: UInt64 { get }
}

extension Float: ReduceElement {
  static var dtype: tri_dtype { TRI_F32 }
  static func sample(_ random: inout ReduceRandom) -> Float { Float(random.unit() * 4 - 2) }
  static var specials: [Float] {
    [0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, 1]
  }
  var bits: UInt64 { isNaN ? .max : UInt64(bitPattern) }
}

extension Double: ReduceElement {
  static var dtype: tri_dtype { TRI_F64 }
  static func sample(_ random: inout ReduceRandom) -> Double { random.unit() * 4 - 2 }
  static var specials: [Double] {
    [0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, 1]
  }
  var bits: UInt64 { isNaN ? .max : bitPattern }
}

extension Int64: ReduceElement {
  static var dtype: tri_dtype { TRI_I64 }
  static func sample(_ random: inout ReduceRandom) -> Int64 { Int64(bitPattern: random.next()) }
  static var specials: [Int64] { [.min, .max, 0, -1] }
  var bits: UInt64 { UInt64(bitPattern: self) }
}

extension Int32: ReduceElement {
  static var dtype: tri_dtype { TRI_I32 }
  static func sample(_ random: inout ReduceRandom) -> Int32 {
    Int32(truncatingIfNeeded: random.next() >> 20)
  }
  static var specials: [Int32] { [.min, .max, 0, -1] }
  var bits: UInt64 { UInt64(truncatingIfNeeded: self) }
}

extension UInt8: ReduceElement {
  static var dtype: tri_dtype { TRI_U8 }
  static func sample(_ random: inout ReduceRandom) -> UInt8 {
    UInt8(truncatingIfNeeded: random.next() >> 20)
  }
  static var specials: [UInt8] { [0, 255, 1] }
  var bits: UInt64 { UInt64(self) }
}

let reduceOperations: [tri_reduce_op] = (0..<TRI_REDUCE_OP_COUNT.rawValue).map(
  tri_reduce_op.init(rawValue:))

/// Samples; with `specials`, one in eight is a special value.
func reduceSamples<T: ReduceElement>(
  _ count: Int, seed: UInt64, specials: Bool = false, of: T.Type = T.self
) -> [T] {
  var random = ReduceRandom(seed)
  return (0..<count).map { _ in
    let special = T.specials[Int(random.next() >> 33) % T.specials.count]
    return specials && random.next() >> 61 == 0 ? special : T.sample(&random)
  }
}

/// A result read as its dtype, as bits.
func reduceBits(_ bytes: [UInt8], _ dtype: tri_dtype) -> [UInt64] {
  bytes.withUnsafeBytes { raw in
    switch dtype {
    case TRI_F32: raw.bindMemory(to: Float.self).map(\.bits)
    case TRI_F64: raw.bindMemory(to: Double.self).map(\.bits)
    case TRI_I64: raw.bindMemory(to: Int64.self).map(\.bits)
    case TRI_I32: raw.bindMemory(to: Int32.self).map(\.bits)
    default: raw.map { UInt64($0) }
    }
  }
}

/// An output of `count` elements, filled with a pattern that no result has by chance, as bits.
func reduceOutput(
  _ count: Int, _ dtype: tri_dtype, _ body: (UnsafeMutableRawPointer) -> Void
) -> [UInt64] {
  let size = Int(tri_dtype_size(dtype))
  // 64 bytes behind the result: a store that goes too far shows in them.
  var bytes = [UInt8](repeating: 0xA5, count: count * size + 64)
  bytes.withUnsafeMutableBytes { raw in
    if let base = raw.baseAddress { body(base) }
  }
  let clean = bytes.suffix(64).allSatisfy { $0 == 0xA5 }
  return reduceBits(Array(bytes.dropLast(64)), dtype) + (clean ? [] : [.max])
}

func reduceRows<T: ReduceElement>(
  _ path: ReducePath, _ op: tri_reduce_op, _ x: [T], rows: Int, n: Int
) -> [UInt64] {
  reduceOutput(rows, tri_reduce_result(op, T.dtype)) {
    tri_reduce_rows(path.kernels, op, T.dtype, x, Int64(n), 0, Int64(rows), $0)
  }
}

func reduceColumns<T: ReduceElement>(
  _ path: ReducePath, _ op: tri_reduce_op, _ x: [T], outer: Int, m: Int, n: Int
) -> [UInt64] {
  reduceOutput(outer * n, tri_reduce_result(op, T.dtype)) {
    tri_reduce_columns(
      path.kernels, op, T.dtype, x, Int64(outer), Int64(m), Int64(n), 0, Int64(outer), 0, Int64(n),
      $0)
  }
}
