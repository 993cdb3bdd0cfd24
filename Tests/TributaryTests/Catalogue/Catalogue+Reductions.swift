import Tributary

private let shapes: [[Shape]] = [[[2, 3]], [[2, 3, 2]], [[1]], [[]]]
private func x() throws -> Tensor { try .ones([2, 3], dtype: .float64) }

extension Catalogue {
  static let reductions: [CatalogueEntry] = [
    .shaped("sum", shapes + [[[0]], [[2, 0]]]) { [try $0[0].sum()] },
    .shaped("sum dim", shapes, refuses: [{ _ = try x().sum(dim: 2) }]) { [try $0[0].sum(dim: 0)] },
    .shaped("sum dims kept", [[[2, 3, 2]]], refuses: [{ _ = try x().sum(dim: [0, 0]) }]) {
      [try $0[0].sum(dim: [0, -1], keepDim: true)]
    },
    .shaped("mean", shapes) { [try $0[0].mean()] },
    .shaped("mean dim", shapes, refuses: [{ _ = try Tensor.ones([2], dtype: .int64).mean() }]) {
      [try $0[0].mean(dim: -1)]
    },
    .shaped("mean dims kept", [[[2, 3, 2]]]) { [try $0[0].mean(dim: [0, 2], keepDim: true)] },
    .shaped("amax", shapes, refuses: [{ _ = try Tensor.ones([0]).amax() }]) { [try $0[0].amax()] },
    .shaped("amin dim", shapes, refuses: [{ _ = try x().amin(dim: [3]) }]) {
      [try $0[0].amin(dim: [-1], keepDim: true)]
    },
    .shaped("max", shapes, refuses: [{ _ = try Tensor.ones([0]).max() }]) { [try $0[0].max()] },
    .shaped("min", shapes) { [try $0[0].min()] },
    .shaped("max dim", shapes, refuses: [{ _ = try x().max(dim: 2) }]) {
      [try $0[0].max(dim: 0).values]
    },
    .shaped("min dim", [[[2, 3, 2]]]) { [try $0[0].min(dim: 1, keepDim: true).values] },
    .shaped("logsumexp", shapes, refuses: [{ _ = try x().logsumexp(dim: 2) }]) {
      [try $0[0].logsumexp(dim: -1)]
    },
    .shaped("softmax", shapes + [[[0, 3]]], refuses: [{ _ = try x().softmax(dim: 2) }]) {
      [try $0[0].softmax(dim: -1)]
    },
    .shaped("softmax dim 0", [[[2, 3, 2]]]) { [try $0[0].softmax(dim: 0)] },
    .shaped("logSoftmax", shapes + [[[0, 3]]], refuses: [{ _ = try x().logSoftmax(dim: 2) }]) {
      [try $0[0].logSoftmax(dim: -1)]
    },
    .shaped("logSoftmax dim 0", [[[2, 3, 2]]]) { [try $0[0].logSoftmax(dim: 0)] },
  ]

  static let products: [CatalogueEntry] = [
    .shaped(
      "matmul",
      [
        [[3], [3]], [[2, 3], [3, 2]], [[2, 3], [3]], [[3], [3, 2]], [[2, 2, 3], [3, 2]],
        [[2, 2, 3], [2, 3, 1]], [[2, 1, 1, 3], [2, 3, 2]], [[0, 3], [3, 2]], [[2, 0], [0, 2]],
        [[1, 1], [1, 1]],
      ],
      refuses: [
        { _ = try x().matmul(x()) }, { _ = try x().matmul(.ones([], dtype: .float64)) },
        { _ = try x().matmul(.ones([3, 2], dtype: .int64)) },
      ]
    ) { [try $0[0].matmul($0[1])] },
    .shaped("mm", [[[2, 3], [3, 2]]], refuses: [{ _ = try x().mm(.ones([3])) }]) {
      [try $0[0].mm($0[1])]
    },
    .shaped("bmm", [[[2, 2, 3], [2, 3, 1]]], refuses: [{ _ = try x().bmm(x()) }]) {
      [try $0[0].bmm($0[1])]
    },
    .shaped("mv", [[[2, 3], [3]]], refuses: [{ _ = try x().mv(.ones([2], dtype: .float64)) }]) {
      [try $0[0].mv($0[1])]
    },
    .shaped("dot", [[[3], [3]], [[0], [0]]], refuses: [{ _ = try x().dot(x()) }]) {
      [try $0[0].dot($0[1])]
    },
    .shaped(
      "linear", [[[2, 3], [2, 3], [2]], [[3], [2, 3], [2]], [[2, 2, 3], [1, 3], [1]]],
      refuses: [{ _ = try linear(x(), .ones([2, 2], dtype: .float64)) }]
    ) { [try linear($0[0], $0[1], $0[2])] },
    .shaped("linear without bias", [[[2, 3], [2, 3]]]) { [try linear($0[0], $0[1])] },
  ]

  static let losses: [CatalogueEntry] = [
    .shaped(
      "mseLoss", [[[2, 3], [2, 3]], [[], []]], refuses: [{ _ = try mseLoss(x(), .ones([4])) }]
    ) {
      [try mseLoss($0[0], $0[1])]
    },
    .shaped("mseLoss none", [[[2, 3], [2, 3]]]) { [try mseLoss($0[0], $0[1], reduction: .none)] },
    .shaped(
      "binaryCrossEntropyWithLogits", [[[2, 3], [2, 3]]], in: 0.1...0.9,
      refuses: [{ _ = try binaryCrossEntropyWithLogits(x(), .ones([4])) }]
    ) { [try binaryCrossEntropyWithLogits($0[0], $0[1])] },
    .shaped("binaryCrossEntropyWithLogits sum", [[[2, 3]]]) {
      [try binaryCrossEntropyWithLogits($0[0], .onesLike($0[0]), reduction: .sum)]
    },
    .shaped(
      "crossEntropy", [[[3, 4]]],
      refuses: [
        { _ = try crossEntropy(x(), Tensor([0, 3])) }, { _ = try crossEntropy(x(), Tensor([0])) },
        { _ = try crossEntropy(x(), Tensor([0.0, 1.0])) },
      ]
    ) { [try crossEntropy($0[0], Tensor([0, 3, 1]))] },
    .shaped("crossEntropy ignoring", [[[3, 4]]]) {
      [try crossEntropy($0[0], Tensor([0, -100, 1]), reduction: .sum)]
    },
    .shaped("crossEntropy none", [[[3, 4]]]) {
      [try crossEntropy($0[0], Tensor([0, 3, 1]), reduction: .none)]
    },
    .shaped("crossEntropy of one row", [[[4]]]) {
      [try crossEntropy($0[0], Tensor(2))]
    },
  ]
}
