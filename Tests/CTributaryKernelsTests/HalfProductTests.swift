import CTributaryKernels
import Foundation
import Testing
import TributarySplitMix

/// A product of halves has the bits of the float32 product of the widened operands, rounded.
@Suite struct HalfProductTests {
  static let shapes = [
    (0, 3, 2), (1, 1, 0), (1, 1, 1), (3, 5, 7), (14, 32, 512), (15, 33, 513), (1, 100, 700),
    (100, 1, 700), (64, 64, 64), (130, 90, 1100), (17, 300, 65), (2, 2, 5000), (1, 1, 3000),
    (200, 210, 130), (113, 97, 257), (1, 2500, 40), (2500, 1, 40), (5, 4200, 2),
  ]

  @Test(arguments: HalfTests.halves)
  func everyStrategyIsFloat32sRounded(_ dtype: tri_dtype) {
    var random = SplitMix(seed: 5)
    var strategies: Set<UInt32> = []
    for (m, n, k) in Self.shapes {
      for (a, b) in [
        (OperandForm.rows, OperandForm.rows), (.rows, .columns), (.columns, .rows),
        (.general, .general), (.reversedRows, .broadcastRows),
      ] {
        for epilogue: Epilogue in [[], [.bias], [.alpha, .bias, .relu, .accumulate]] {
          let wide = GemmCase<Float>(
            m: m, n: n, k: k, a: a, b: b, epilogue: epilogue, special: epilogue == [.bias],
            using: &random
          ).rounded(dtype)
          for table in KernelPaths.all {
            let expected: [UInt16] = HalfTests.cast(table, TRI_F32, dtype, wide.multiplied(table))
            let label = "\(m)x\(n)x\(k) \(a) \(b) \(epilogue) \(Elementwise.pathName(table))"
            #expect(wide.asHalves(dtype, table, planned: nil) == expected, "\(label)")
            let planned = wide.asHalves(dtype, table) { strategies.insert($0.strategy.rawValue) }
            #expect(planned == expected, "planned \(label)")
          }
        }
      }
    }
    #expect(strategies.count == 3)
  }
}

extension GemmCase where T == Float {
  /// The case with operands that are halves.
  func rounded(_ dtype: tri_dtype) -> GemmCase<Float> {
    func round(_ values: [Float]) -> [Float] {
      values.map { tri_float_of_half(dtype, tri_half_of_double(dtype, Double($0))) }
    }
    func round(_ operand: Operand) -> Operand {
      var result = operand
      result.elements = round(operand.elements)
      return result
    }
    return GemmCase(
      copying: self, a: round(a), b: round(b), bias: round(bias), before: round(before))
  }

  /// C as halves, by the one-call form or, where `planned` is given, by phases; it learns of the plan.
  func asHalves(
    _ dtype: tri_dtype, _ table: UnsafePointer<tri_kernels>, planned: ((tri_gemm_plan) -> Void)?
  ) -> [UInt16] {
    func halves(_ values: [Float]) -> OperandBuffer {
      OperandBuffer(values.map { tri_half_of_double(dtype, Double($0)) })
    }
    let (x, y, z, c) = (halves(a.elements), halves(b.elements), halves(bias), halves(before))
    _ = result { problem in
      problem.dtype = dtype
      problem.a = UnsafeRawPointer(x.pointer + a.origin * 2)
      problem.b = UnsafeRawPointer(y.pointer + b.origin * 2)
      problem.c = c.pointer
      if problem.bias != nil { problem.bias = UnsafeRawPointer(z.pointer) }
      let gemm = table.pointee.gemm
      guard let planned else { return gemm.multiply(&problem) }
      var plan = tri_gemm_plan()
      gemm.plan(&problem, &plan)
      planned(plan)
      let shared = OperandBuffer(byteCount: Int(plan.shared_bytes))
      let workspace = OperandBuffer(byteCount: Int(plan.workspace_bytes))
      // All ones is a NaN: what is read without having been written shows.
      memset(shared.pointer, 0xFF, shared.byteCount)
      memset(workspace.pointer, 0xFF, workspace.byteCount)
      for range in Self.ranges(plan.pack_units, step: 2) {
        gemm.pack(&plan, &problem, range.lowerBound, range.upperBound, shared.pointer)
      }
      for range in Self.ranges(plan.tiles, step: 2) {
        gemm.run(
          &plan, &problem, shared.pointer, range.lowerBound, range.upperBound, workspace.pointer)
      }
      for range in Self.ranges(plan.join_units, step: 2) {
        gemm.join(&plan, &problem, shared.pointer, range.lowerBound, range.upperBound)
      }
      #expect(shared.guardIsIntact && workspace.guardIsIntact)
    }
    #expect(c.guardIsIntact)
    withExtendedLifetime((x, y, z)) {}
    return c.values()
  }
}
