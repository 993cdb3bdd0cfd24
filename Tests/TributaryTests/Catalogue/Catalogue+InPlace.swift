import Tributary

private let apart = 0.4...1.4
private func x() throws -> Tensor { try .ones([2, 3], dtype: .float64) }

extension Catalogue {
  /// Operators that write in place, each to a copy of the operand.
  static let inPlace: [CatalogueEntry] = [
    ontoFirst("add_", refuses: [{ _ = try x().add_(.ones([4])) }]) { try $0.add_($1) },
    ontoFirst("sub_", refuses: [{ _ = try x().sub_(.ones([4])) }]) { try $0.sub_($1) },
    ontoFirst("mul_", refuses: [{ _ = try x().mul_(.ones([4])) }]) { try $0.mul_($1) },
    ontoFirst("div_", refuses: [{ _ = try x().div_(.ones([4])) }]) { try $0.div_($1) },
    ontoFirst("copy_", refuses: [{ _ = try x().copy_(.ones([4])) }]) { try $0.copy_($1) },
    .unary("add_ number") { try $0.clone().add_(2.5) },
    .unary("sub_ number") { try $0.clone().sub_(2.5) },
    .unary("mul_ number") { try $0.clone().mul_(2.5) },
    .unary("div_ number") { try $0.clone().div_(2.5) },
    .unary("zero_") { try ($0 * 2).zero_() + $0 },
    .unary("fill_") { try ($0 * 2).fill_(3.0) * $0 },
    .unary("neg_") { try $0.clone().neg_() },
    .unary("relu_", in: apart) { try ($0 - 0.9).relu_() },
    .unary("clamp_", in: apart) { try $0.clone().clamp_(min: 0.625, max: 1.0625) },
    .shaped("add_ to a view", [[[3, 4], [4]]]) {
      let sum = try $0[0] * 2
      _ = try sum[1].add_($0[1])
      return [sum]
    },
  ]

  private static func ontoFirst(
    _ name: String, refuses: [@Sendable () throws -> Void],
    _ call: @escaping @Sendable (Tensor, Tensor) throws -> Tensor
  ) -> CatalogueEntry {
    .shaped(
      name,
      [[[], []], [[2, 3], [2, 3]], [[2, 3], [3]], [[2, 3], [2, 1]], [[0, 3], [3]]],
      in: apart, refuses: refuses
    ) { [try call($0[0].clone(), $0[1])] }
  }
}
