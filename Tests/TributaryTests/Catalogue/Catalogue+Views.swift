import Tributary

private let two: Shape = [2, 3]
private let three: Shape = [2, 3, 2]

private func x() throws -> Tensor { try .ones([2, 3], dtype: .float64) }

extension Catalogue {
  static let views: [CatalogueEntry] = [
    .shaped("reshape", [[two], [[0, 3]]], refuses: [{ _ = try x().reshape([4]) }]) {
      [try $0[0].reshape([-1, 1])]
    },
    .shaped("view", [[two]], refuses: [{ _ = try x().t().view([6]) }]) {
      [try $0[0].contiguous().view([3, 2])]
    },
    .shaped("flatten", [[three], [[]]], refuses: [{ _ = try x().flatten(startDim: 3) }]) {
      [try $0[0].flatten()]
    },
    .shaped("unflatten", [[[4, 2]]], refuses: [{ _ = try x().unflatten(1, [2, 2]) }]) {
      [try $0[0].unflatten(0, [2, -1])]
    },
    .shaped("expand", [[[2, 1]], [[1]]], refuses: [{ _ = try x().expand([4, 3]) }]) {
      [try $0[0].expand([3, 2, 2])]
    },
    .shaped("broadcastTo", [[[3]]], refuses: [{ _ = try x().broadcastTo([2]) }]) {
      [try $0[0].broadcastTo([2, 3])]
    },
    .shaped("transpose", [[two], [three]], refuses: [{ _ = try x().transpose(0, 2) }]) {
      [try $0[0].transpose(0, -1)]
    },
    .shaped("t", [[two], [[3]]], refuses: [{ _ = try Tensor.ones(three).t() }]) {
      [try $0[0].t()]
    },
    .shaped("mT", [[three]], refuses: [{ _ = try Tensor.ones([2]).mT() }]) { [try $0[0].mT()] },
    .shaped(
      "permute", [[three]],
      refuses: [{ _ = try x().permute([0]) }, { _ = try x().permute([0, 0]) }]
    ) { [try $0[0].permute([2, 0, 1])] },
    .shaped("movedim", [[three]], refuses: [{ _ = try x().movedim(0, 5) }]) {
      [try $0[0].movedim(0, 2)]
    },
    .shaped("squeeze", [[[2, 1, 3, 1]]]) { [try $0[0].squeeze()] },
    .shaped("squeeze dim", [[[2, 1, 3]]], refuses: [{ _ = try x().squeeze(2) }]) {
      [try $0[0].squeeze(1)]
    },
    .shaped("unsqueeze", [[two], [[]]], refuses: [{ _ = try x().unsqueeze(4) }]) {
      [try $0[0].unsqueeze(-1)]
    },
    .shaped("select", [[three]], refuses: [{ _ = try x().select(0, 2) }]) {
      [try $0[0].select(1, -1)]
    },
    .shaped("slice", [[[5, 2]]], refuses: [{ _ = try x().slice(0, step: 0) }]) {
      [try $0[0].slice(0, start: 1, end: -1, step: 2)]
    },
    .shaped("narrow", [[[4, 2]]], refuses: [{ _ = try x().narrow(0, 1, 2) }]) {
      [try $0[0].narrow(0, 1, 2)]
    },
    .shaped(
      "diagonal", [[[3, 3]], [[2, 3, 3]]], refuses: [{ _ = try x().diagonal(dim1: 0, dim2: 0) }]
    ) {
      [try $0[0].diagonal(offset: 1, dim1: -2, dim2: -1)]
    },
    .shaped("asStrided", [[two]], refuses: [{ _ = try x().asStrided([7], strides: [1]) }]) {
      let dense = try $0[0].contiguous()
      return [
        try dense.asStrided([2, 2], strides: [3, 1], offset: 1),
        // Elements that overlap.
        try dense.asStrided([2, 2, 2], strides: [1, 2, 1]),
      ]
    },
  ]

  static let joining: [CatalogueEntry] = [
    .shaped(
      "cat", [[two, [1, 3]], [two, [0, 3]], [[0], [2]]],
      refuses: [{ _ = try Tensor.cat([]) }, { _ = try Tensor.cat([x(), .ones([2, 2])]) }]
    ) { [try Tensor.cat([$0[0], $0[1], $0[0]])] },
    .shaped("cat dim 1", [[two, [2, 1]]]) { [try Tensor.cat($0, dim: -1)] },
    .shaped(
      "stack", [[two, two]],
      refuses: [{ _ = try Tensor.stack([]) }, { _ = try Tensor.stack([x(), .ones([3])]) }]
    ) { [try Tensor.stack([$0[0], $0[1], $0[0]], dim: 1)] },
    .shaped("split", [[[5, 2]]], refuses: [{ _ = try x().split(0) }]) { try $0[0].split(2) },
    .shaped("split sizes", [[[2, 4]]], refuses: [{ _ = try x().split([1, 5]) }]) {
      try $0[0].split([1, 3], dim: 1)
    },
    .shaped("chunk", [[[5]]], refuses: [{ _ = try x().chunk(0) }]) { try $0[0].chunk(3) },
    .shaped("unbind", [[three]], refuses: [{ _ = try x().unbind(2) }]) { try $0[0].unbind(1) },
    .shaped("repeat", [[two]], refuses: [{ _ = try x().repeat([2]) }]) {
      [try $0[0].repeat([2, 1, 2])]
    },
    .shaped("tile", [[two]], refuses: [{ _ = try x().tile([-1]) }]) { [try $0[0].tile([2])] },
    .shaped("flip", [[two]], refuses: [{ _ = try x().flip([2]) }]) { [try $0[0].flip([0, 1])] },
  ]

  static let indexing: [CatalogueEntry] = [
    .shaped("index whole", [[two]], refuses: [{ _ = try x()[0, 0, 0] }]) {
      [try $0[0][TensorIndex.all, TensorIndex.all]]
    },
    .shaped("index integer and range", [[three]], refuses: [{ _ = try x()[5] }]) {
      [try $0[0][-1, 0..<2]]
    },
    .shaped("index ellipsis, new axis", [[three]]) {
      [try $0[0][TensorIndex.ellipsis, TensorIndex.newAxis, 1]]
    },
    .shaped("index tensor", [[[4, 2]]], refuses: [{ _ = try x()[Tensor([7])] }]) {
      [try $0[0][Tensor([0, 2, -1, 2])]]
    },
    .shaped("index two tensors", [[[3, 4]]], refuses: [{ _ = try x()[Tensor([0.5])] }]) {
      [try $0[0][Tensor([[0], [2]]), Tensor([1, 1, 3])]]
    },
    .shaped("index mask", [[[2, 3]]], refuses: [{ _ = try x()[Tensor([true])] }]) {
      [try $0[0][Tensor([[true, false, true], [false, true, true]])]]
    },
    .shaped("indexSelect", [[[2, 4]]], refuses: [{ _ = try x().indexSelect(0, Tensor([2])) }]) {
      [try $0[0].indexSelect(1, Tensor([3, 0, -1, 0]))]
    },
    .shaped("gather", [[[2, 4]]], refuses: [{ _ = try x().gather(0, Tensor([[2]])) }]) {
      [try $0[0].gather(1, Tensor([[3, 0, 3], [1, -1, 1]]))]
    },
  ]
}
