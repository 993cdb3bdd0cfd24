import Tributary

private func x() throws -> Tensor { try .ones([2, 3], dtype: .float64) }
private let shapes: [[Shape]] = [[[2, 3]], [[3]], [[]], [[2, 0]], [[2, 3, 2]]]

extension Catalogue {
  static let scans: [CatalogueEntry] = [
    .shaped("cumprod", shapes, refuses: [{ _ = try x().cumprod(2) }]) {
      [try $0[0].cumprod(-1), try $0[0].cumprod(0)]
    },
    .shaped("cummax, cummin", shapes, refuses: [{ _ = try x().cummax(2) }]) {
      [
        try $0[0].cummax(-1).values, try $0[0].cummin(0).values, try $0[0].cummax(0).indices,
        try $0[0].cummin(-1).indices,
      ]
    },
    .shaped(
      "logcumsumexp", shapes,
      refuses: [{ _ = try x().logcumsumexp(2) }, { _ = try Tensor([1]).logcumsumexp(0) }]
    ) { [try $0[0].logcumsumexp(-1), try $0[0].logcumsumexp(0)] },
    .shaped("logcumsumexp from nothing", [[[2, 4]]]) {
      let nothing = try Tensor([true, true, false, true])
      let sums = try $0[0].maskedFill(nothing, -.infinity).logcumsumexp(1)
      return [try sums.slice(1, start: 2)]
    },
  ]

  static let scatters: [CatalogueEntry] =
    [
      .shaped(
        "scatter", [[[3, 2], [2, 2]], [[4, 3], [3, 2]]],
        refuses: [
          { _ = try x().scatter(0, Tensor([[2]]), x()) },
          { _ = try x().scatter(0, Tensor([0]), x()) },
          { _ = try x().scatter(0, Tensor([[0]]), .ones([1, 1])) },
          { _ = try x().scatter(0, Tensor([[0.5]]), 1) },
          { _ = try Tensor([1]).scatter(0, Tensor([0]), 0.5) },
        ]
      ) {
        // Two go to one element.
        [
          try $0[0].scatter(0, Tensor([[2, 0], [2, 1]]), $0[1]),
          try $0[0].scatter(1, Tensor([[-1], [0]]), 2),
        ]
      },
      .shaped(
        "indexCopy, indexFill", [[[3, 2], [3, 2], []], [[4, 1], [3, 1], []]],
        refuses: [
          { _ = try x().indexCopy(0, Tensor([0]), x()) },
          { _ = try x().indexFill(0, Tensor([2]), 1) },
          { _ = try x().indexFill(0, Tensor([0]), Tensor([1.0], dtype: .float64)) },
        ]
      ) {
        [
          try $0[0].indexCopy(0, Tensor([2, 0, 2]), $0[1]),
          try $0[0].indexFill(0, Tensor([1]), 0.5),
          try $0[0].indexFill(0, Tensor([1, 0, 1]), $0[2]),
        ]
      },
      .shaped(
        "indexPut, put", [[[3, 2], [2]]],
        refuses: [
          { _ = try x().indexPut([], x()) }, { _ = try x().indexPut([Tensor([3])], x()) },
          { _ = try x().indexPut([Tensor([0])], .ones([3])) },
          { _ = try x().put(Tensor([6]), .ones([1], dtype: .float64)) },
        ]
      ) {
        let rows = try Tensor([2, 0])
        return [
          try $0[0].indexPut([rows], $0[1]),
          try $0[0].indexPut([rows, Tensor([1, 1])], $0[1], accumulate: true),
          try $0[0].indexPut([Tensor([true, false, true])], $0[1], accumulate: true),
          try $0[0].put(Tensor([5, 0]), $0[1]),
          try $0[0].put(Tensor([5, -1]), $0[1], accumulate: true),
        ]
      },
      .shaped(
        "take, takeAlongDim", [[[3, 2]]],
        refuses: [
          { _ = try x().take(Tensor([6])) }, { _ = try x().take(Tensor([0.5])) },
          { _ = try x().takeAlongDim(Tensor([0]), dim: 0) },
        ]
      ) {
        [
          try $0[0].take(Tensor([[5, 0], [5, -2]])), try $0[0].takeAlongDim(Tensor([1, 1, 4])),
          try $0[0].takeAlongDim(Tensor([[2, 0]]), dim: 0),
        ]
      },
      .shaped(
        "maskedSelect, maskedScatter", [[[3, 2], [4]]],
        refuses: [
          { _ = try x().maskedSelect(x()) },
          { _ = try x().maskedScatter(Tensor(true), .ones([5], dtype: .float64)) },
        ]
      ) {
        let mask = try Tensor([[true, false], [false, true], [true, true]])
        return [
          try $0[0].maskedSelect(mask), try $0[0].maskedSelect(Tensor([true, false])),
          try $0[0].maskedScatter(mask, $0[1]),
        ]
      },
    ] + reductions(includeSelf: true) + reductions(includeSelf: false)

  private static func reductions(includeSelf: Bool) -> [CatalogueEntry] {
    ScatterReduction.allCases.map { reduction in
      .shaped(
        "scatterReduce \(reduction)\(includeSelf ? "" : " without self")",
        [[[3, 2], [3, 2]], [[4, 3], [4, 2]]],
        refuses: [{ _ = try x().scatterReduce(0, Tensor([[2]]), x(), reduction) }]
      ) {
        [
          try $0[0].scatterReduce(
            0, Tensor([[2, 0], [2, 1], [2, 0]]), $0[1], reduction, includeSelf: includeSelf)
        ]
      }
    }
  }

  static let searches: [CatalogueEntry] = [
    .shaped(
      "searchsorted, bucketize", [[[2, 3]]],
      refuses: [
        { _ = try x().searchsorted(.ones([3, 3])) }, { _ = try x().bucketize(x()) },
      ]
    ) {
      let x = $0[0].detach()
      let bounds = try Tensor([-0.5, 0, 0.5], dtype: x.dtype)
      return [
        try x.bucketize(bounds), try x.bucketize(bounds, right: true),
        try x.sort().values.searchsorted(x), try x.searchsorted(x, sorter: x.argsort()),
      ]
    },
    .shaped("unique, histc", [[[2, 3]]], refuses: [{ _ = try x().histc(bins: 0) }]) {
      let (values, inverse, counts) = try ($0[0] * 2).round().unique()
      return [values, inverse, counts, try $0[0].histc(bins: 4, min: -1, max: 1)]
    },
    .shaped(
      "bincount", [[[4]]],
      refuses: [{ _ = try Tensor([-1]).bincount() }, { _ = try x().bincount() }]
    ) {
      let numbers = try Tensor([3, 0, 3, 1])
      return [try numbers.bincount(weights: $0[0]), try numbers.bincount(minlength: 6)]
    },
  ]
}
