import CTributaryKernels
import Testing
import TributarySplitMix

/// Memory for one operand, with guard bytes behind it that a kernel must not touch. It lives as long as the object:
/// a test that holds the pointer alone extends that life past the call.
final class OperandBuffer {
  static let guardBytes = 64
  static let guardValue: UInt8 = 0xAB

  let pointer: UnsafeMutableRawPointer
  let byteCount: Int

  init(byteCount: Int) {
    self.byteCount = byteCount
    pointer = .allocate(byteCount: byteCount + Self.guardBytes, alignment: 64)
    pointer.initializeMemory(
      as: UInt8.self, repeating: Self.guardValue, count: byteCount + Self.guardBytes)
  }

  convenience init<T>(_ values: [T]) {
    self.init(byteCount: values.count * MemoryLayout<T>.stride)
    values.withUnsafeBytes { bytes in
      // SAFETY: the buffer has as many bytes as the array, and neither holds references.
      if let base = bytes.baseAddress { pointer.copyMemory(from: base, byteCount: bytes.count) }
    }
  }

  deinit { pointer.deallocate() }

  func values<T>(_ type: T.Type = T.self) -> [T] {
    // SAFETY: T is a plain number; the memory is aligned to 64 bytes and was written by a kernel.
    let typed = pointer.bindMemory(to: T.self, capacity: byteCount / MemoryLayout<T>.stride)
    return Array(UnsafeBufferPointer(start: typed, count: byteCount / MemoryLayout<T>.stride))
  }

  var guardIsIntact: Bool {
    let guards = UnsafeRawBufferPointer(start: pointer + byteCount, count: Self.guardBytes)
    return guards.allSatisfy { $0 == Self.guardValue }
  }
}

enum Elementwise {
  static let dtypes: [tri_dtype] = [
    TRI_F32, TRI_F64, TRI_I64, TRI_I32, TRI_U8, TRI_BOOL, TRI_F16, TRI_BF16,
  ]
  static let names = [
    "float32", "float64", "int64", "int32", "uint8", "bool", "float16", "bfloat16",
  ]

  static var portable: UnsafePointer<tri_kernels> {
    tri_kernels_for(TRI_PORTABLE) ?? tri_kernels_default()
  }

  /// The paths that this processor runs, but for the portable one.
  static var vectorPaths: [UnsafePointer<tri_kernels>] {
    (1..<TRI_PATH_COUNT.rawValue).compactMap { tri_kernels_for(tri_path(rawValue: $0)) }
  }

  static func pathName(_ kernels: UnsafePointer<tri_kernels>) -> String {
    String(cString: tri_path_name(kernels.pointee.path))
  }

  static let special: [Double] = [
    0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3, .infinity, -.infinity, .nan, 0x1p-149, -0x1p-140,
    0x1p-1074, 3.4e38, -3.4e38, 1.7e308, 88, -88, 710, 1e10, 0x1p31, -0x1p31, 0x1p63, -0x1p63, 255,
    256, 300, -7, 1e-8,
  ]

  /// Ordinary values, random bits, and the special ones among them.
  static func operand(_ dtype: tri_dtype, count: Int, using random: inout SplitMix) -> OperandBuffer
  {
    func element(_ bits: UInt64, _ kind: UInt64) -> Double {
      kind < 4
        ? special[Int(bits % UInt64(special.count))]
        : Double(Int64(bitPattern: bits)) * 0x1p-60
    }
    var draws: [(UInt64, UInt64)] = []
    for _ in 0..<count { draws.append((random.next(), random.next() % 16)) }
    switch dtype {
    case TRI_F32:
      return OperandBuffer(
        draws.map {
          $1 < 3 ? Float(bitPattern: UInt32(truncatingIfNeeded: $0)) : Float(element($0, $1 &- 3))
        })
    case TRI_F64:
      return OperandBuffer(draws.map { $1 < 3 ? Double(bitPattern: $0) : element($0, $1 &- 3) })
    case TRI_I64:
      return OperandBuffer(
        draws.map { bits, kind -> Int64 in
          kind < 4 ? Int64(bitPattern: bits) : kind == 4 ? .min : Int64(bits % 21) - 10
        })
    case TRI_I32:
      return OperandBuffer(
        draws.map { bits, kind -> Int32 in
          kind < 4 ? Int32(truncatingIfNeeded: bits) : kind == 4 ? .min : Int32(bits % 21) - 10
        })
    case TRI_U8:
      return OperandBuffer(
        draws.map { bits, kind -> UInt8 in
          kind < 8 ? UInt8(truncatingIfNeeded: bits) : UInt8(bits % 5)
        })
    case TRI_F16, TRI_BF16:
      return OperandBuffer(
        draws.map {
          $1 < 3
            ? UInt16(truncatingIfNeeded: $0) : tri_half_of_double(dtype, element($0, $1 &- 3))
        })
    default:
      return OperandBuffer(draws.map { bits, _ -> UInt8 in UInt8(bits & 1) })
    }
  }

  /// Random bits, and in floating point every other element an ordinary value of -8 ..< 8.
  static func manyBits(_ dtype: tri_dtype, count: Int, using random: inout SplitMix)
    -> OperandBuffer
  {
    let buffer = OperandBuffer(byteCount: count * Int(tri_dtype_size(dtype)))
    // SAFETY: each store is of one element of the buffer, which has `count` of them and is aligned to 64 bytes.
    for i in 0..<count {
      let bits = random.next()
      let value = Double(Int64(bitPattern: bits)) * 0x1p-60
      let plain = i % 2 == 1
      switch dtype {
      case TRI_F32:
        buffer.pointer.storeBytes(
          of: plain ? Float(value).bitPattern : UInt32(truncatingIfNeeded: bits),
          toByteOffset: i * 4, as: UInt32.self)
      case TRI_F64:
        buffer.pointer.storeBytes(
          of: plain ? value.bitPattern : bits, toByteOffset: i * 8, as: UInt64.self)
      case TRI_I64: buffer.pointer.storeBytes(of: bits, toByteOffset: i * 8, as: UInt64.self)
      case TRI_I32:
        buffer.pointer.storeBytes(
          of: UInt32(truncatingIfNeeded: bits), toByteOffset: i * 4, as: UInt32.self)
      case TRI_F16, TRI_BF16:
        buffer.pointer.storeBytes(
          of: plain ? tri_half_of_double(dtype, value) : UInt16(truncatingIfNeeded: bits),
          toByteOffset: i * 2, as: UInt16.self)
      case TRI_U8: buffer.pointer.storeBytes(of: UInt8(bits & 255), toByteOffset: i, as: UInt8.self)
      default: buffer.pointer.storeBytes(of: UInt8(bits & 1), toByteOffset: i, as: UInt8.self)
      }
    }
    return buffer
  }

  /// The first element whose bits differ, any NaN being equal to any other.
  static func firstDifference(_ x: OperandBuffer, _ y: OperandBuffer, _ dtype: tri_dtype) -> Int? {
    // Equal bytes are the rule, and told fast.
    let same = UnsafeRawBufferPointer(start: x.pointer, count: x.byteCount).elementsEqual(
      UnsafeRawBufferPointer(start: y.pointer, count: y.byteCount))
    if same { return nil }
    return zip(bits(x, dtype), bits(y, dtype)).enumerated().first { $1.0 != $1.1 }?.offset
  }

  /// The bits of each element, all NaNs as one.
  static func bits(_ buffer: OperandBuffer, _ dtype: tri_dtype) -> [UInt64] {
    switch dtype {
    case TRI_F32: buffer.values(Float.self).map { $0.isNaN ? .max : UInt64($0.bitPattern) }
    case TRI_F64: buffer.values(Double.self).map { $0.isNaN ? .max : $0.bitPattern }
    case TRI_I64: buffer.values(Int64.self).map { UInt64(bitPattern: $0) }
    case TRI_I32: buffer.values(UInt32.self).map(UInt64.init)
    case TRI_F16, TRI_BF16:
      buffer.values(UInt16.self).map { tri_float_of_half(dtype, $0).isNaN ? .max : UInt64($0) }
    default: buffer.values(UInt8.self).map(UInt64.init)
    }
  }
}

/// A map with what it reads and writes, looked up by path.
struct MapCase: CustomTestStringConvertible, Sendable {
  let name: String
  /// Of a, b and c, as many as there are.
  let inputs: [tri_dtype]
  let result: tri_dtype
  let map: @Sendable (UnsafePointer<tri_kernels>) -> tri_map_fn?

  var testDescription: String { name }

  func run(
    _ kernels: UnsafePointer<tri_kernels>, _ operands: [OperandBuffer], count: Int,
    broadcast: UInt32 = 0,
    param: [Double]
  ) -> OperandBuffer {
    let out = OperandBuffer(byteCount: count * Int(tri_dtype_size(result)))
    defer { withExtendedLifetime(operands) {} }
    map(kernels)?(
      out.pointer, operands[0].pointer, operands.count > 1 ? operands[1].pointer : nil,
      operands.count > 2 ? operands[2].pointer : nil, Int64(count), broadcast, param)
    return out
  }

  /// Every map of the table.
  static let all: [MapCase] = {
    var cases: [MapCase] = []
    for (index, dtype) in Elementwise.dtypes.enumerated() {
      let type = Elementwise.names[index]
      func add(
        _ family: String, _ count: UInt32, _ inputs: [tri_dtype], _ result: tri_dtype,
        _ look: @escaping @Sendable (UnsafePointer<tri_kernels>, UInt32) -> tri_map_fn?
      ) {
        for op in 0..<count where look(Elementwise.portable, op) != nil {
          cases.append(
            MapCase(name: "\(family) \(op) \(type)", inputs: inputs, result: result) {
              look($0, op)
            })
        }
      }
      add("unary", TRI_UNARY_COUNT.rawValue, [dtype], dtype) {
        tri_unary($0, tri_unary_op(rawValue: $1), dtype)
      }
      add("predicate", TRI_PREDICATE_COUNT.rawValue, [dtype], TRI_BOOL) {
        tri_predicate($0, tri_predicate_op(rawValue: $1), dtype)
      }
      add("binary", TRI_BINARY_COUNT.rawValue, [dtype, dtype], dtype) {
        tri_binary($0, tri_binary_op(rawValue: $1), dtype)
      }
      add("compare", TRI_COMPARE_COUNT.rawValue, [dtype, dtype], TRI_BOOL) {
        tri_compare($0, tri_compare_op(rawValue: $1), dtype)
      }
      for op in 0..<TRI_TERNARY_COUNT.rawValue {
        let ternary = tri_ternary_op(rawValue: op)
        guard tri_ternary(Elementwise.portable, ternary, dtype) != nil else { continue }
        let first = ternary == TRI_TERNARY_WHERE ? TRI_BOOL : dtype
        cases.append(
          MapCase(name: "ternary \(op) \(type)", inputs: [first, dtype, dtype], result: dtype) {
            tri_ternary($0, ternary, dtype)
          })
      }
      for (target, to) in Elementwise.dtypes.enumerated() {
        cases.append(
          MapCase(name: "cast \(type) \(Elementwise.names[target])", inputs: [dtype], result: to) {
            tri_cast($0, dtype, to)
          })
      }
    }
    return cases
  }()
}
