import Tributary

private func x() throws -> Tensor { try .ones([2, 3], dtype: .float64) }

extension Catalogue {
  static let layers: [CatalogueEntry] =
    lookups + [
      .unary("dropout", refuses: [{ _ = try x().dropout(1.5) }, { _ = try Tensor([1]).dropout() }])
      {
        try $0.dropout(0.4, generator: Generator(seed: 5))
      }
    ]

  private static let lookups: [CatalogueEntry] = [
    .shaped(
      "embedding", [[[4, 3]], [[4, 1]], [[4, 0]]],
      refuses: [
        { _ = try embedding(Tensor([2]), x()) }, { _ = try embedding(Tensor([-1]), x()) },
        { _ = try embedding(Tensor([0.0]), x()) }, { _ = try embedding(Tensor([0]), .ones([3])) },
        { _ = try embedding(Tensor([0]), x(), paddingIdx: 2) },
      ]
    ) { [try embedding(Tensor([[1, 3, 1], [0, 1, 3]]), $0[0])] },
    // The padding is a row that is not looked up: the one that is has no gradient by rule, but differences.
    .shaped("embedding with padding", [[[4, 3]]]) {
      [try embedding(Tensor([1, 3, 1, 0]), $0[0], paddingIdx: -2)]
    },
    .shaped("embedding of nothing", [[[4, 3]]]) {
      [try embedding(.zeros([2, 0], dtype: .int64), $0[0])]
    },
  ]
}
