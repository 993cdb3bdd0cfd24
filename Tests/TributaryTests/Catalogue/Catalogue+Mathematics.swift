import Tributary

extension Catalogue {
  /// Elementary and special functions.
  static let mathematics: [CatalogueEntry] = [
    .unary("exp2") { try $0.exp2() },
    .unary("log2", in: 0.4...1.4) { try $0.log2() },
    .unary("log10", in: 0.4...1.4) { try $0.log10() },
    .unary("sin", in: -3...3) { try $0.sin() },
    .unary("cos", in: -3...3) { try $0.cos() },
    .unary("tan", in: -1.2...1.2) { try $0.tan() },
    .unary("asin", in: -0.8...0.8) { try $0.asin() },
    .unary("acos", in: -0.8...0.8) { try $0.acos() },
    .unary("atan", in: -3...3) { try $0.atan() },
    .unary("sinh") { try $0.sinh() },
    .unary("cosh") { try $0.cosh() },
    .unary("asinh", in: -3...3) { try $0.asinh() },
    .unary("acosh", in: 1.3...3) { try $0.acosh() },
    .unary("atanh", in: -0.8...0.8) { try $0.atanh() },
    .unary("cbrt", in: 0.4...1.4) { try $0.cbrt() },
    .unary("cbrt of negative", in: -1.4...(-0.4)) { try $0.cbrt() },
    .unary("erfc") { try $0.erfc() },
    .unary("erfinv", in: -0.8...0.8) { try $0.erfinv() },
    .unary("lgamma", in: 0.3...4) { try $0.lgamma() },
    .unary("lgamma of negative", in: -1.7...(-1.3)) { try $0.lgamma() },
    .unary("digamma", in: 0.5...4) { try $0.digamma() },
    .unary("digamma of negative", in: -1.7...(-1.3)) { try $0.digamma() },
    .unary(
      "polygamma", in: 0.8...4,
      refuses: [
        { _ = try Tensor.ones([2]).polygamma(-1) }, { _ = try Tensor.ones([2]).polygamma(101) },
      ]
    ) { try $0.polygamma(2) },
    .unary("mish", in: -3...3, refuses: [{ _ = try Tensor.ones([2], dtype: .int64).mish() }]) {
      try $0.mish()
    },
    .binary("atan2", in: 0.4...1.4) { try $0.atan2($1) },
    .binary("atan2 to the left", in: 0.4...1.4, -1.4...(-0.4)) { try $0.atan2($1) },
    .binary(
      "hypot", in: 0.4...1.4,
      refuses: [{ _ = try Tensor.ones([2], dtype: .int64).hypot(.ones([2], dtype: .int64)) }]
    ) { try $0.hypot($1) },
  ]
}
