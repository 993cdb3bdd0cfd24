import Tributary

private let apart = 0.4...1.4

extension Catalogue {
  static let elementwise: [CatalogueEntry] = [
    .unary("neg") { try $0.neg() },
    .unary("-x") { try -$0 },
    .unary("abs", in: apart) { try $0.abs() },
    .unary("abs of negative", in: -1.4...(-0.4)) { try $0.abs() },
    .unary("sign", in: apart) { try $0.sign() },
    .unary("exp") { try $0.exp() },
    .unary("expm1") { try $0.expm1() },
    .unary("log", in: apart) { try $0.log() },
    .unary("log1p") { try ($0 * 0.5).log1p() },
    .unary("sqrt", in: apart) { try $0.sqrt() },
    .unary("rsqrt", in: apart) { try $0.rsqrt() },
    .unary("square") { try $0.square() },
    .unary("reciprocal", in: apart) { try $0.reciprocal() },
    .unary("tanh") { try $0.tanh() },
    .unary("sigmoid") { try $0.sigmoid() },
    .unary("erf") { try $0.erf() },
    .unary("relu", in: apart) { try ($0 - 0.9).relu() },
    .unary("leakyRelu", in: -1.4...(-0.4)) { try $0.leakyRelu(negativeSlope: 0.2) },
    .unary("silu") { try $0.silu() },
    .unary("gelu") { try $0.gelu() },
    .unary("gelu tanh") { try $0.gelu(approximate: .tanh) },
    .unary("softplus") { try $0.softplus() },
    .unary("softplus beta") { try $0.softplus(beta: 2, threshold: 1) },
    .unary("clamp", in: apart, refuses: [{ _ = try Tensor.ones([2]).clamp(min: nil as Double?) }]) {
      // Bounds that halves hold: in them others are rounded first.
      try $0.clamp(min: 0.625, max: 1.0625)
    },
    .unary("clamp by whole bounds", in: apart) { try $0.clamp(min: 0, max: 1) },
    .unary("floor", in: 0.2...0.8) { try $0.floor() },
    .unary("ceil", in: 0.2...0.8) { try $0.ceil() },
    .unary("round", in: 0.1...0.4) { try $0.round() },
    .unary("trunc", in: 0.2...0.8) { try $0.trunc() },
    .unary("pow 3") { try $0.pow(3) },
    .unary("pow 0") { try $0.pow(0) },
    .unary("pow -1.5", in: apart) { try $0.pow(-1.5) },
    .unary("2 pow") { try Tensor.pow(2, $0) },
    .unary("2.5 pow") { try Tensor.pow(2.5, $0) },
    .unary("add number") { try $0 + 2.5 },
    .unary("number add") { try 2 + $0 },
    .unary("sub number") { try $0 - 2.5 },
    .unary("number sub") { try 2.5 - $0 },
    .unary("mul number") { try $0 * 2.5 },
    .unary("number mul") { try 3 * $0 },
    .unary("div number") { try $0 / 2.5 },
    .unary("number div", in: apart) { try 2.5 / $0 },
    .unary("div number floor", in: 0.2...0.8) { try $0.div(2.0, roundingMode: .floor) },
    .unary("remainder number", in: 0.2...0.8) { try $0.remainder(1.0) },
    .unary("fmod number", in: 0.2...0.8) { try $0.fmod(1.0) },
    .unary("where number") { try Tensor.where($0.gt(0.0), $0 * $0, 0.0) },
    .unary("number where") { try Tensor.where($0.gt(0.0), 0.0, $0 * $0) },
    .unary("clone") { try $0.clone() },
    .unary("contiguous") { try $0.contiguous() * 1 },
  ]

  static let binaries: [CatalogueEntry] = [
    .binary("add", refuses: [{ _ = try Tensor.ones([2]) + Tensor.ones([3]) }]) { try $0 + $1 },
    .binary("add alpha") { try $0.add($1, alpha: 1.5) },
    .binary("sub") { try $0 - $1 },
    .binary("sub alpha") { try $0.sub($1, alpha: 1.5) },
    .binary("mul") { try $0 * $1 },
    .binary("div", in: -1.5...1.5, apart) { try $0 / $1 },
    .binary("div floor", in: 0.5...0.9, 1.1...1.4) { try $0.div($1, roundingMode: .floor) },
    .binary("div trunc", in: 0.5...0.9, 1.1...1.4) { try $0.div($1, roundingMode: .trunc) },
    .binary("remainder", in: 1.5...1.9, 1.1...1.4) { try $0.remainder($1) },
    .binary("fmod", in: 1.5...1.9, 1.1...1.4) { try $0.fmod($1) },
    .binary("pow", in: apart) { try $0.pow($1) },
    .binary("maximum") { try $0.maximum($1) },
    .binary("minimum") { try $0.minimum($1) },
    .binary("lerp number") { try $0.lerp($1, weight: 0.3) },
    .binary("where", refuses: [{ _ = try Tensor.where(.ones([2]), .ones([2]), .ones([2])) }]) {
      try Tensor.where($0.detach().gt(0.0), $0, $1)
    },
    ternary("lerp") { try $0.lerp($1, weight: $2) },
    ternary("addcmul") { try $0.addcmul($1, $2, value: 0.7) },
    ternary("addcdiv") { try $0.addcdiv($1, $2, value: 0.7) },
  ]

  private static func ternary(
    _ name: String, _ call: @escaping @Sendable (Tensor, Tensor, Tensor) throws -> Tensor
  ) -> CatalogueEntry {
    .shaped(
      name,
      [[[], [], []], [[2, 3], [2, 3], [2, 3]], [[2, 3], [3], [2, 1]], [[0], [1], [0]]],
      in: 0.4...1.4,
      refuses: [{ _ = try call(.ones([2]), .ones([3]), .ones([4])) }]
    ) { [try call($0[0], $0[1], $0[2])] }
  }
}
