import CTributaryKernels
import Foundation
import TributarySplitMix

/// How an operand lies in memory.
enum OperandForm: CaseIterable, Sendable {
  case rows, columns, general, broadcastRows, reversedRows
}

/// Which steps of the epilogue a case has.
struct Epilogue: OptionSet, CustomStringConvertible, Sendable {
  let rawValue: Int
  static let bias = Epilogue(rawValue: 1)
  static let relu = Epilogue(rawValue: 2)
  static let accumulate = Epilogue(rawValue: 4)
  static let alpha = Epilogue(rawValue: 8)
  static let apply = Epilogue(rawValue: 16)
  static let combinations = (0..<32).map { Epilogue(rawValue: $0) }
  var description: String { "epilogue \(rawValue)" }
}

/// One product: operands in memory, the result that the scalar chain gives, and a fresh C for each try.
final class GemmCase<T: GemmElement> {
  struct Operand {
    var elements: [T]
    var origin: Int
    var rowStride: Int
    var columnStride: Int

    subscript(row: Int, column: Int) -> T {
      elements[origin + row * rowStride + column * columnStride]
    }
  }

  let m: Int
  let n: Int
  let k: Int
  let a: Operand
  let b: Operand
  let bias: [T]
  let before: [T]
  let rowStride: Int
  let epilogue: Epilogue

  init(
    m: Int, n: Int, k: Int, a aForm: OperandForm = .rows, b bForm: OperandForm = .rows,
    epilogue: Epilogue = [], special: Bool = false, padding: Int = 0, using random: inout SplitMix
  ) {
    (self.m, self.n, self.k) = (m, n, k)
    self.epilogue = epilogue
    a = Self.operand(
      rows: m, columns: k, form: aForm, padding: padding, special: special, using: &random)
    b = Self.operand(
      rows: k, columns: n, form: bForm, padding: padding, special: special, using: &random)
    rowStride = n + padding
    bias = Self.values(n, special: special, using: &random)
    before = Self.values(m * rowStride, special: special, using: &random)
  }

  /// The same product of other elements.
  init(copying other: GemmCase, a: Operand, b: Operand, bias: [T], before: [T]) {
    (m, n, k) = (other.m, other.n, other.k)
    (self.a, self.b, self.bias, self.before) = (a, b, bias, before)
    (rowStride, epilogue) = (other.rowStride, other.epilogue)
  }

  static func values(_ count: Int, special: Bool, using random: inout SplitMix) -> [T] {
    (0..<count).map { _ in
      let draw = random.next()
      if special && draw % 61 == 0 { return [T.nan, .infinity, -.infinity][Int(draw >> 32) % 3] }
      if draw % 29 == 0 { return draw & (1 << 40) == 0 ? 0 : -0.0 }
      return T(Double(Int64(bitPattern: draw) >> 11) * 0x1p-52)
    }
  }

  static func operand(
    rows: Int, columns: Int, form: OperandForm, padding: Int, special: Bool,
    using random: inout SplitMix
  ) -> Operand {
    let (rows, columns) = (max(rows, 1), max(columns, 1))
    let (row, column): (Int, Int) =
      switch form {
      case .rows: (columns + padding, 1)
      case .columns: (1, rows + padding)
      case .general: (2 * columns + padding, 2)
      case .broadcastRows: (0, 1)
      case .reversedRows: (-(columns + padding), 1)
      }
    let origin = row < 0 ? -row * (rows - 1) : 0
    let count = 1 + abs(row) * (rows - 1) + column * (columns - 1)
    return Operand(
      elements: values(count, special: special, using: &random), origin: origin, rowStride: row,
      columnStride: column)
  }

  /// Rule 2 as plain loops: blocks of 512, a chain of fused multiply-adds from +0 in each, joined left to right.
  func reference() -> [T] {
    var c = before
    for i in 0..<m {
      for j in 0..<n {
        var value: T = 0
        for start in stride(from: 0, to: k, by: 512) {
          var sum: T = 0
          for p in start..<min(k, start + 512) { sum.addProduct(a[i, p], b[p, j]) }
          value = start == 0 ? sum : value + sum
        }
        if epilogue.contains(.alpha) { value = T(0.3) * value }
        if epilogue.contains(.bias) { value = value + bias[j] }
        if epilogue.contains(.relu) && value <= 0 { value = 0 }
        if epilogue.contains(.apply) { value = value * 3 + 1 }
        let at = i * rowStride + j
        c[at] = epilogue.contains(.accumulate) ? c[at] + value : value
      }
    }
    return c
  }

  /// C after `body` has run the product on a fresh copy of what C held.
  func result(_ body: (inout tri_gemm_problem) -> Void) -> [T] {
    var c = before
    a.elements.withUnsafeBufferPointer { a in
      b.elements.withUnsafeBufferPointer { b in
        bias.withUnsafeBufferPointer { bias in
          c.withUnsafeMutableBufferPointer { c in
            var problem = tri_gemm_problem()
            problem.dtype = T.kernelType
            (problem.m, problem.n, problem.k) = (Int64(m), Int64(n), Int64(k))
            // SAFETY: the pointers live through `body`, and the strides stay inside the arrays.
            problem.a = a.baseAddress.map { UnsafeRawPointer($0 + self.a.origin) }
            problem.b = b.baseAddress.map { UnsafeRawPointer($0 + self.b.origin) }
            problem.c = UnsafeMutableRawPointer(c.baseAddress)
            problem.a_row_stride = Int64(self.a.rowStride)
            problem.a_column_stride = Int64(self.a.columnStride)
            problem.b_row_stride = Int64(self.b.rowStride)
            problem.b_column_stride = Int64(self.b.columnStride)
            problem.c_row_stride = Int64(rowStride)
            problem.alpha = epilogue.contains(.alpha) ? 0.3 : 1
            if epilogue.contains(.bias) { problem.bias = UnsafeRawPointer(bias.baseAddress) }
            if epilogue.contains(.relu) { problem.activation = TRI_GEMM_RELU }
            if epilogue.contains(.apply) { problem.apply = T.affine }
            problem.accumulate = epilogue.contains(.accumulate) ? 1 : 0
            body(&problem)
          }
        }
      }
    }
    return c
  }

  /// The one-call form.
  func multiplied(_ table: UnsafePointer<tri_kernels>) -> [T] {
    result { problem in table.pointee.gemm.multiply(&problem) }
  }

  /// The planned form, its phases cut into ranges of `step` units that run from the last to the first.
  func planned(_ table: UnsafePointer<tri_kernels>, step: Int) -> (tri_gemm_strategy, [T]) {
    var plan = tri_gemm_plan()
    let c = result { problem in
      let gemm = table.pointee.gemm
      gemm.plan(&problem, &plan)
      let shared = UnsafeMutableRawPointer.allocate(
        byteCount: Int(plan.shared_bytes), alignment: 64)
      let workspace = UnsafeMutableRawPointer.allocate(
        byteCount: Int(plan.workspace_bytes), alignment: 64)
      defer {
        shared.deallocate()
        workspace.deallocate()
      }
      // All ones is a NaN: what is read without having been written shows.
      memset(shared, 0xFF, Int(plan.shared_bytes))
      memset(workspace, 0xFF, Int(plan.workspace_bytes))
      for range in Self.ranges(plan.pack_units, step: step) {
        gemm.pack(&plan, &problem, range.lowerBound, range.upperBound, shared)
      }
      for range in Self.ranges(plan.tiles, step: step) {
        gemm.run(&plan, &problem, shared, range.lowerBound, range.upperBound, workspace)
      }
      for range in Self.ranges(plan.join_units, step: step) {
        gemm.join(&plan, &problem, shared, range.lowerBound, range.upperBound)
      }
    }
    return (plan.strategy, c)
  }

  static func ranges(_ count: Int64, step: Int) -> [Range<Int64>] {
    stride(from: 0, to: count, by: step).map { $0..<min(count, $0 + Int64(step)) }.reversed()
  }
}

/// Equal bits, where any NaN equals any other.
func sameBits<T: GemmElement>(_ x: [T], _ y: [T]) -> Bool {
  x.count == y.count
    && zip(x, y).allSatisfy { $0.exactBits == $1.exactBits || ($0.isNaN && $1.isNaN) }
}
