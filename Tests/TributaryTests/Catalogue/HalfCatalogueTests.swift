import Testing
import Tributary
import TributarySplitMix
import TributaryStress

/// Every operator takes float16 and bfloat16, and gives what float32 gives of the same elements, rounded once.
@Suite struct HalfCatalogueTests {
  static let halves: [DType] = [.float16, .bfloat16]

  /// Lines that may refuse halves: none.
  static let refusing: Set<String> = []

  /// Lines whose results have a dtype of their own: that asked for, float32 of whole numbers, float64 of weights that
  /// are not float32 (PyTorch's rule).
  static let ofOtherDType: Set<String> = ["to float32", "integer arithmetic", "bincount"]

  @Test(arguments: Catalogue.all)
  func halvesGiveFloat32sResultRoundedOnce(_ entry: CatalogueEntry) throws {
    for dtype in Self.halves {
      for (number, operands) in entry.samples.enumerated() {
        let label =
          "\(entry.name), \(dtype), sample \(number): \(operands.map { "\($0.shape) \($0.form)" })"
        var random = SplitMix(seed: UInt64(number))
        let leaves = try operands.map { try $0.leaf(&random, dtype: dtype) }
        let wide = try leaves.map { try $0.detach().to(.float32).requiresGrad_() }
        let views = try zip(operands, leaves).map { try $0.view(of: $1) }
        let expected = try entry.call(zip(operands, wide).map { try $0.view(of: $1) })
        let found: [Tensor]
        do {
          found = try entry.call(views)
        } catch let error as TensorError {
          #expect(Self.refusing.contains(entry.name), "\(label): \(error)")
          continue
        }
        #expect(found.count == expected.count, "\(label)")
        for (a, b) in zip(found, expected) {
          let sought = try b.detach().to(a.dtype)
          if Self.ofOtherDType.contains(entry.name) {
            #expect(try Self.isNear(a.detach(), sought, dtype), "\(label): \(a) and \(sought)")
          } else {
            #expect(a.dtype == (b.dtype == .float32 ? dtype : b.dtype), "\(label)")
            #expect(try a.hasBits(of: sought), "\(label): \(a) and \(sought)")
          }
        }
        try checkGradients(leaves, found, wide, expected, dtype, label)
      }
    }
  }

  /// Gradients have their leaf's dtype, and are near float32's.
  private func checkGradients(
    _ leaves: [Tensor], _ found: [Tensor], _ wide: [Tensor], _ expected: [Tensor], _ dtype: DType,
    _ label: String
  ) throws {
    let pairs = zip(found, expected).filter { $0.0.requiresGrad }
    #expect(pairs.allSatisfy { $0.1.requiresGrad }, "\(label)")
    if pairs.isEmpty { return }
    let generator = Generator(seed: 7)
    let seeds = try pairs.map {
      try Tensor.randn($0.0.shape, dtype: $0.0.dtype, generator: generator)
    }
    try Tensor.backward(pairs.map(\.0), gradients: seeds)
    try Tensor.backward(
      pairs.map(\.1), gradients: zip(seeds, pairs).map { try $0.to($1.1.dtype) })
    for (leaf, other) in zip(leaves, wide) {
      #expect((leaf.grad == nil) == (other.grad == nil), "\(label)")
      guard let gradient = leaf.grad, let sought = other.grad else { continue }
      #expect(gradient.dtype == dtype && gradient.shape == sought.shape, "\(label)")
      #expect(
        try Self.isNear(gradient, sought, dtype, roundings: 16),
        "\(label): gradient \(gradient), not \(sought)")
    }
  }

  /// Within so many roundings of the greatest element.
  private static func isNear(
    _ a: Tensor, _ b: Tensor, _ dtype: DType, roundings: Double = 4
  ) throws -> Bool {
    if a.count == 0 { return true }
    let (x, y) = (try a.scalars(as: Double.self), try b.scalars(as: Double.self))
    let greatest = y.filter(\.isFinite).map(\.magnitude).max() ?? 0
    let step = (dtype == .float16 ? 0x1p-11 : 0x1p-8) * roundings
    return zip(x, y).allSatisfy {
      $0 == $1 || $0.isNaN && $1.isNaN || ($0 - $1).magnitude <= step * max(1, greatest)
    }
  }
}
