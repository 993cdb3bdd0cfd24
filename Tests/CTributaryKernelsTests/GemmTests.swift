import CTributaryKernels
import Testing
import TributarySplitMix

/// Every path, strategy, tile and range gives the bits of the scalar chain.
@Suite struct GemmTests {
  func check<T: GemmElement>(
    _ product: GemmCase<T>, on paths: [UnsafePointer<tri_kernels>] = KernelPaths.all,
    step: Int = 1, _ comment: String
  ) -> tri_gemm_strategy {
    let expected = product.reference()
    var strategy = TRI_GEMM_DIRECT
    for table in paths {
      let path = String(cString: tri_path_name(table.pointee.path))
      let one = sameBits(product.multiplied(table), expected)
      #expect(one, "multiply on \(path): \(T.self) \(comment)")
      let planned = product.planned(table, step: step)
      #expect(sameBits(planned.1, expected), "plan on \(path): \(T.self) \(comment)")
      strategy = planned.0
    }
    return strategy
  }

  func smallShapes<T: GemmElement>(_: T.Type, limit: Int, on paths: [UnsafePointer<tri_kernels>]) {
    var random = SplitMix(seed: 1)
    for m in 0...limit {
      for n in 0...limit {
        for k in 0...limit {
          for (a, b) in [
            (OperandForm.rows, OperandForm.rows), (.rows, .columns), (.columns, .rows),
          ] {
            let product = GemmCase<T>(m: m, n: n, k: k, a: a, b: b, using: &random)
            _ = check(product, on: paths, "\(m)x\(n)x\(k), A by \(a), B by \(b)")
          }
        }
      }
    }
  }

  @Test func smallShapesFloat() { smallShapes(Float.self, limit: 20, on: KernelPaths.vector) }

  @Test func smallShapesDouble() { smallShapes(Double.self, limit: 20, on: KernelPaths.vector) }

  @Test func smallShapesPortable() {
    smallShapes(Float.self, limit: 7, on: KernelPaths.all)
    smallShapes(Double.self, limit: 7, on: KernelPaths.all)
  }

  func shapes<T: GemmElement>(_: T.Type) {
    // Around the micro-tiles and panels of every path, and the edges of the blocks of k.
    var random = SplitMix(seed: 2)
    for (m, n, k) in [
      (1, 1, 511), (3, 5, 512), (5, 3, 513), (14, 32, 1024), (15, 33, 1025), (29, 65, 600),
      (61, 48, 530), (1, 200, 700), (200, 1, 700), (1, 2500, 40), (2500, 1, 40), (2, 3, 3000),
      (9, 75, 1), (5, 4200, 2), (33, 130, 3), (2, 70, 4), (61, 100, 120), (17, 1280, 7),
      (17, 1280, 16), (29, 1280, 24), (17, 1280, 32), (17, 1280, 64),
    ] {
      for a in OperandForm.allCases {
        for b in OperandForm.allCases {
          let epilogue = Epilogue(rawValue: Int(random.next() % 32))
          let product = GemmCase<T>(
            m: m, n: n, k: k, a: a, b: b, epilogue: epilogue, padding: Int(random.next() % 4),
            using: &random)
          _ = check(
            product, step: 1 + Int(random.next() % 5),
            "\(m)x\(n)x\(k), A by \(a), B by \(b), \(epilogue)")
        }
      }
    }
  }

  @Test func shapesAndStridesFloat() { shapes(Float.self) }

  @Test func shapesAndStridesDouble() { shapes(Double.self) }

  func epilogues<T: GemmElement>(_: T.Type) {
    var random = SplitMix(seed: 3)
    for epilogue in Epilogue.combinations {
      for (m, n, k) in [
        (7, 9, 0), (7, 9, 5), (1, 40, 20), (40, 1, 20), (16, 37, 1100), (3, 90, 3), (4, 9, 5),
      ] {
        for special in [false, true] {
          let product = GemmCase<T>(
            m: m, n: n, k: k, epilogue: epilogue, special: special, padding: 1, using: &random)
          _ = check(product, "\(m)x\(n)x\(k), \(epilogue), special values \(special)")
        }
      }
    }
  }

  @Test func epiloguesEqualTheUnfusedOperators() {
    epilogues(Float.self)
    epilogues(Double.self)
  }

  func strategies<T: GemmElement>(_: T.Type) {
    var random = SplitMix(seed: 4)
    for (m, n, k, strategy) in [
      (150, 170, 530, TRI_GEMM_PACKED), (97, 301, 1100, TRI_GEMM_PACKED),
      (200, 240, 512, TRI_GEMM_PACKED), (181, 301, 64, TRI_GEMM_DIRECT),
      (16, 16, 5000, TRI_GEMM_SPLIT_K), (3, 700, 2100, TRI_GEMM_SPLIT_K),
      (3000, 40, 20, TRI_GEMM_DIRECT), (5, 4000, 90, TRI_GEMM_DIRECT),
    ] {
      for (epilogue, a, b) in [
        (Epilogue.accumulate, OperandForm.rows, OperandForm.columns),
        ([.bias, .relu], .columns, .rows), ([.alpha, .accumulate, .apply], .general, .rows),
        ([], .rows, .rows),
      ] {
        let product = GemmCase<T>(
          m: m, n: n, k: k, a: a, b: b, epilogue: epilogue, padding: 3, using: &random)
        let step = 1 + Int(random.next() % 7)
        // The portable path is slow, but has panels narrower than any other's: the plain product goes there too.
        let paths = epilogue.isEmpty ? KernelPaths.all : KernelPaths.vector
        let chosen = check(
          product, on: paths, step: step,
          "\(m)x\(n)x\(k), A by \(a), B by \(b), \(epilogue), ranges of \(step)")
        #expect(paths.isEmpty || chosen == strategy)
      }
    }
  }

  @Test func strategiesFloat() { strategies(Float.self) }

  @Test func strategiesDouble() { strategies(Double.self) }

  /// Packed B of more than 16 MiB, which no cache is trusted to hold: a block of k goes over all tiles before the next.
  func blocksOfKOutermost<T: GemmElement>(
    _: T.Type, n: Int, b: OperandForm, _ epilogue: Epilogue, step: Int
  ) {
    #expect(n * 2100 * MemoryLayout<T>.size > 16 << 20)
    var random = SplitMix(seed: 7)
    // Four strips of rows of the widest path, fewer of which are not packed.
    let product = GemmCase<T>(m: 56, n: n, k: 2100, b: b, epilogue: epilogue, using: &random)
    let chosen = check(
      product, on: KernelPaths.vector, step: step,
      "56x\(n)x2100, B by \(b), \(epilogue), ranges of \(step)")
    #expect(KernelPaths.vector.isEmpty || chosen == TRI_GEMM_PACKED)
  }

  @Test func blocksOfKOutermost() {
    blocksOfKOutermost(Float.self, n: 2070, b: .rows, [], step: 1)
    blocksOfKOutermost(Float.self, n: 2070, b: .columns, [.bias, .relu], step: 4)
    blocksOfKOutermost(Double.self, n: 1070, b: .general, [], step: 7)
  }

  @Test func aRowHasTheSameBitsAloneAndInABatch() {
    var random = SplitMix(seed: 5)
    let product = GemmCase<Float>(m: 70, n: 130, k: 777, using: &random)
    for table in KernelPaths.all {
      let batch = product.planned(table, step: 2).1
      var rows: [Float] = []
      for row in 0..<70 {
        rows += product.result { problem in
          problem.a = problem.a?.advanced(by: row * 777 * MemoryLayout<Float>.stride)
          problem.m = 1
          table.pointee.gemm.multiply(&problem)
        }.prefix(130)
      }
      #expect(sameBits(batch, rows))
    }
  }

  /// So that no test above can pass for want of paths.
  @Test func thePortablePathIsAlwaysThere() {
    #expect(KernelPaths.all.contains { $0.pointee.path == TRI_PORTABLE })
  }

  @Test func anEmptySumIsPositiveZero() {
    var random = SplitMix(seed: 6)
    let product = GemmCase<Float>(m: 3, n: 4, k: 0, using: &random)
    for table in KernelPaths.all {
      #expect(product.multiplied(table).allSatisfy { $0.bitPattern == 0 })
    }
  }
}
