import Tributary

private func x() throws -> Tensor { try .ones([2, 3], dtype: .float64) }
private let heads: [[Shape]] = [
  [[2, 3, 4], [2, 5, 4], [2, 5, 2]], [[3, 2], [3, 2], [3, 2]],
  [[2, 1, 3, 2], [2, 4, 2], [4, 1]], [[1, 1], [1, 1], [1, 1]],
]
/// Without queries, and without keys.
private let emptyHeads: [[Shape]] = [[[0, 2], [3, 2], [3, 2]], [[2, 2], [0, 2], [0, 2]]]

extension Catalogue {
  static let layers: [CatalogueEntry] =
    normalizations + lookups + attentions + placements + [
      .unary("dropout", refuses: [{ _ = try x().dropout(1.5) }, { _ = try Tensor([1]).dropout() }])
      {
        try $0.dropout(0.4, generator: Generator(seed: 5))
      }
    ]

  static let placements: [CatalogueEntry] = [
    .shaped("cumsum", [[[2, 3]], [[3]], [[]], [[2, 0]]], refuses: [{ _ = try x().cumsum(2) }]) {
      [try $0[0].cumsum(-1), try $0[0].cumsum(0)]
    },
    .shaped(
      "maskedFill", [[[2, 3]], [[3]], [[]]],
      refuses: [
        { _ = try x().maskedFill(x(), 1) },
        { _ = try Tensor([1]).maskedFill(Tensor([true]), 0.5) },
      ]
    ) { [try $0[0].maskedFill(Tensor([[true], [false]]), -2)] },
    .shaped(
      "scatterAdd", [[[3, 2], [2, 2]], [[4, 3], [3, 2]]],
      refuses: [
        { _ = try x().scatterAdd(0, Tensor([[2]]), x()) },
        { _ = try x().scatterAdd(0, Tensor([0]), x()) },
        { _ = try x().scatterAdd(0, Tensor([[0]]), .ones([1, 1])) },
        { _ = try x().scatterAdd(2, Tensor([[0]]), x()) },
      ]
    ) { [try $0[0].scatterAdd(0, Tensor([[2, 0], [2, 1]]), $0[1])] },
    .shaped(
      "indexAdd", [[[3, 2], [3, 2]], [[4, 1], [3, 1]]],
      refuses: [
        { _ = try x().indexAdd(0, Tensor([0]), x()) },
        { _ = try x().indexAdd(0, Tensor([0, 2]), x()) },
      ]
    ) { [try $0[0].indexAdd(0, Tensor([2, 0, 2]), $0[1], alpha: 0.5)] },
    .shaped(
      "sort", [[[2, 3]], [[3]], [[]], [[2, 0]]], refuses: [{ _ = try x().sort(dim: 2) }]
    ) { [try $0[0].sort().values, try $0[0].sort(dim: 0, descending: true).values] },
    .shaped(
      "topk", [[[3, 2]]], refuses: [{ _ = try x().topk(4) }, { _ = try x().topk(-1) }]
    ) { [try $0[0].topk(2, dim: 0).values, try $0[0].topk(1, largest: false).values] },
    .shaped(
      "oneHot", [[[1]]],
      refuses: [
        { _ = try Tensor([3]).oneHot(numClasses: 3) }, { _ = try Tensor([-1]).oneHot() },
        { _ = try Tensor([0.5]).oneHot() }, { _ = try Tensor.zeros([0], dtype: .int64).oneHot() },
      ]
    ) { try $0[0].count == 1 ? [Tensor([[2, 0], [1, 1]]).oneHot()] : [] },
  ]

  // A large eps keeps the third derivative of short rows within reach of differences.
  private static let normalizations: [CatalogueEntry] = [
    .shaped(
      "layerNorm",
      [
        [[2, 3], [3], [3]], [[4], [4], [4]], [[2, 2, 3], [2, 3], [2, 3]], [[0, 3], [3], [3]],
      ],
      refuses: [
        { _ = try layerNorm(x(), [2]) }, { _ = try layerNorm(x(), []) },
        { _ = try layerNorm(x(), [1, 2, 3]) },
        { _ = try layerNorm(x(), [3], weight: .ones([2], dtype: .float64)) },
        { _ = try layerNorm(x(), [3], bias: .ones([3])) },
        { _ = try layerNorm(.ones([3], dtype: .int64), [3]) },
        { _ = try layerNorm(x(), [3], eps: -1) },
      ]
    ) { [try layerNorm($0[0], $0[1].shape, weight: $0[1], bias: $0[2], eps: 0.3)] },
    .shaped("layerNorm alone", [[[2, 3]], [[1]], [[2, 0]], [[70, 2]]]) {
      [try layerNorm($0[0], [$0[0].shape[$0[0].rank - 1]], eps: 0.3)]
    },
    .shaped("layerNorm with a bias alone", [[[2, 3], [3]]]) {
      [try layerNorm($0[0], [3], bias: $0[1], eps: 0.3)]
    },
    .shaped(
      "rmsNorm", [[[2, 3], [3]], [[2, 2, 3], [2, 3]]],
      refuses: [{ _ = try rmsNorm(x(), [2]) }, { _ = try rmsNorm(x(), [3], weight: .ones([3])) }]
    ) { [try rmsNorm($0[0], $0[1].shape, weight: $0[1], eps: 0.3)] },
    .shaped("rmsNorm alone", [[[2, 3]]], in: 0.5...1.5) { [try rmsNorm($0[0], [3])] },
    .shaped(
      "groupNorm", [[[2, 4, 3], [4], [4]], [[2, 4], [4], [4]], [[0, 4, 2], [4], [4]]],
      refuses: [
        { _ = try groupNorm(x(), 2) }, { _ = try groupNorm(x(), 0) },
        { _ = try groupNorm(.ones([3]), 1) }, { _ = try groupNorm(x(), 1, weight: .ones([3])) },
      ]
    ) { [try groupNorm($0[0], 2, weight: $0[1], bias: $0[2], eps: 0.3)] },
    .shaped(
      "instanceNorm", [[[2, 2, 3]]],
      refuses: [{ _ = try instanceNorm(x()) }, { _ = try instanceNorm(.ones([3])) }]
    ) { [try instanceNorm($0[0], eps: 0.3)] },
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

  private static let attentions: [CatalogueEntry] = [
    .shaped(
      "scaledDotProductAttention", heads + emptyHeads,
      refuses: [
        { _ = try scaledDotProductAttention(x(), .ones([2, 2], dtype: .float64), x()) },
        { _ = try scaledDotProductAttention(x(), x(), .ones([3, 3], dtype: .float64)) },
        { _ = try scaledDotProductAttention(x(), x(), .ones([2, 3])) },
        { _ = try scaledDotProductAttention(.ones([3]), .ones([3]), .ones([3])) },
        { _ = try scaledDotProductAttention(x(), x(), x(), attnMask: .ones([2, 3])) },
        { _ = try scaledDotProductAttention(x(), x(), x(), attnMask: .ones([2, 2])) },
        { _ = try scaledDotProductAttention(x(), x(), x(), dropoutP: 2) },
        {
          _ = try scaledDotProductAttention(
            x(), x(), x(), attnMask: .ones([2, 2], dtype: .bool), isCausal: true)
        },
      ]
    ) { [try scaledDotProductAttention($0[0], $0[1], $0[2])] },
    .shaped("scaledDotProductAttention causal", heads) {
      [try scaledDotProductAttention($0[0], $0[1], $0[2], isCausal: true, scale: 0.7)]
    },
    .shaped("scaledDotProductAttention masked", [[[2, 3, 2], [2, 3, 2], [2, 3, 1]]]) {
      let mask = try Tensor([[true, false, true], [true, true, false], [false, true, true]])
      return [try scaledDotProductAttention($0[0], $0[1], $0[2], attnMask: mask)]
    },
    .shaped(
      "scaledDotProductAttention with an addend", [[[2, 3, 2], [2, 4, 2], [2, 4, 1], [3, 1]]]
    ) {
      [try scaledDotProductAttention($0[0], $0[1], $0[2], attnMask: $0[3].detach())]
    },
    .shaped("scaledDotProductAttention by a mask", [[[2, 3, 2], [2, 4, 2], [2, 4, 1], [3, 4]]]) {
      [try scaledDotProductAttention($0[0], $0[1], $0[2], attnMask: $0[3])]
    },
  ]
}
