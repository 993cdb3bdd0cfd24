import Tributary

private let two: [[Shape]] = [[[2, 3]], [[3]], [[]], [[0, 3]]]
private let pairs: [[Shape]] = [[[2, 3], [2, 3]], [[2, 3], [3]], [[], [2]], [[0, 3], [3]]]
private func x() throws -> Tensor { try .ones([2, 3], dtype: .float64) }

extension Catalogue {
  /// Differentiable, but not by differences: float32 rounds them away. See `CastTests`.
  static let casts: [CatalogueEntry] = [
    .unary("to another floating dtype") { try $0.to($0.dtype == .float64 ? .float32 : .float64) },
    .unary("to another floating dtype and back") {
      try $0.to($0.dtype == .float64 ? .float32 : .float64).to($0.dtype)
    },
  ]

  /// What has no gradient: only its values are compared, between widths, layouts and kernel paths.
  static let withoutGradient: [CatalogueEntry] =
    comparisons + casting + choices + creation + searches

  private static let comparisons: [CatalogueEntry] = [
    .shaped("eq, ne", pairs, refuses: [{ _ = try x().eq(.ones([4])) }]) {
      [try $0[0].eq($0[1]), try $0[0].ne($0[1]), try $0[0].eq($0[0])]
    },
    .shaped("lt, le", pairs, refuses: [{ _ = try x().lt(.ones([4])) }]) {
      [try $0[0].lt($0[1]), try $0[0].le($0[1]), try $0[0].le($0[0])]
    },
    .shaped("gt, ge", pairs, refuses: [{ _ = try x().gt(.ones([4])) }]) {
      [try $0[0].gt($0[1]), try $0[0].ge($0[1]), try $0[0].ge(0.25), try $0[0].gt(0)]
    },
    .shaped("isclose", pairs, refuses: [{ _ = try x().isclose(.ones([4])) }]) {
      [try $0[0].isclose($0[1], rtol: 0.5, atol: 0.1)]
    },
    .shaped("equal, allclose", pairs, refuses: [{ _ = try x().allclose(.ones([4])) }]) {
      let copy = try $0[0].clone()
      return [
        try Tensor($0[0].equal($0[1])), try Tensor($0[0].equal(copy)),
        try Tensor($0[0].allclose($0[1], rtol: 0.5, atol: 0.1)), try Tensor($0[0].allclose(copy)),
      ]
    },
    .shaped("isnan, isinf, isfinite", two) {
      let x = $0[0].detach()
      let (roots, powers) = (try x.sqrt(), try (x * 1000).exp())
      return [
        try roots.isnan(), try roots.isfinite(), try powers.isinf(), try powers.neg().isinf(),
        try powers.isfinite(),
      ]
    },
    .shaped("logical", pairs) {
      let (a, b) = (try $0[0].gt(0), try $0[1].gt(0))
      return [
        try a.logicalAnd(b), try a.logicalOr(b), try a.logicalXor(b), try a.logicalNot(),
        try a & b, try a | b, try ~a,
      ]
    },
    .shaped(
      "bitwise", pairs, in: -90...90,
      refuses: [{ _ = try x().bitwiseAnd(x()) }, { _ = try x().bitwiseNot() }]
    ) {
      let (a, b) = (try $0[0].detach().to(.int64), try $0[1].detach().to(.int32))
      return [
        try a.bitwiseAnd(b), try a.bitwiseOr(b), try a.bitwiseXor(b), try a.bitwiseNot(),
        try b.bitwiseAnd(12), try b.bitwiseOr(12), try b.bitwiseXor(-1),
        try b.to(.uint8).bitwiseNot(),
      ]
    },
  ]

  private static let casting: [CatalogueEntry] = DType.allCases.map { dtype in
    .shaped("to \(dtype)", two, in: -450...450) { [try $0[0].detach().to(dtype)] }
  }

  private static let choices: [CatalogueEntry] = [
    .shaped("argmax, argmin", [[[2, 3]], [[3]]], refuses: [{ _ = try x().argmax(dim: 2) }]) {
      [try $0[0].argmax(), try $0[0].argmin(), try $0[0].argmax(dim: -1), try $0[0].argmin(dim: 0)]
    },
    .shaped("all, any", two) {
      let positive = try $0[0].gt(0)
      return [try positive.all(), try positive.any()]
    },
    .shaped("nonzero", [[[2, 3]], [[3]], [[0, 3]]]) { [try $0[0].gt(0).nonzero()] },
    .shaped("integer arithmetic", [[[2, 3], [3]]], in: 1...90) {
      let (a, b) = (try $0[0].detach().to(.int64), try $0[1].detach().to(.int32))
      return [
        try a + b, try a * b, try a % b, try a.div(b, roundingMode: .floor), try a / b,
        try a.sum(dim: 0), try a.clamp(min: 7, max: 40), try a.pow(2),
      ]
    },
  ]

  /// The operand lends its dtype.
  private static let creation: [CatalogueEntry] = [
    .shaped("ranges", [[[1]]], refuses: [{ _ = try Tensor.eye(-1) }]) {
      let dtype = $0[0].dtype
      return [
        try .arange(0.5, 3, step: 0.3, dtype: dtype), try .linspace(-1, 1, steps: 7, dtype: dtype),
        try .eye(2, 3, dtype: dtype), try .full([2, 2], 0.1, dtype: dtype), try .zerosLike($0[0]),
      ]
    },
    .shaped("random numbers", [[[1]]]) {
      let (dtype, generator) = ($0[0].dtype, Generator(seed: 3))
      return [
        try .rand([37], dtype: dtype, generator: generator),
        try .randn([37], dtype: dtype, generator: generator),
        try .bernoulli([37], 0.3, dtype: dtype, generator: generator),
        try .randint(-5, 1000, [37], generator: generator), try .randperm(37, generator: generator),
      ]
    },
  ]
}
