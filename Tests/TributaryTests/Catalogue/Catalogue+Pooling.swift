import Tributary

private func x(_ shape: Shape) throws -> Tensor { try .ones(shape, dtype: .float64) }

extension Catalogue {
  static let pooling: [CatalogueEntry] = [
    .shaped(
      "maxPool1d", [[[2, 2, 6]], [[1, 3]], [[1, 1, 2]], [[0, 1, 4]]],
      refuses: [
        { _ = try x([1, 1, 4]).maxPool1d(5) }, { _ = try x([1, 1, 4]).maxPool1d(0) },
        { _ = try x([1, 1, 4]).maxPool1d(2, padding: 2) }, { _ = try x([4]).maxPool1d(2) },
        { _ = try x([1, 1, 4]).maxPool1d(2, stride: 0) },
        { _ = try x([1, 1, 4]).to(.int64).maxPool1d(2) },
        { _ = try x([1, 0, 4]).maxPool1d(2) }, { _ = try x([1, 1, 4]).maxPool1d([1, 2]) },
      ]
    ) { [try $0[0].maxPool1d(2)] },
    .shaped("maxPool2d", [[[1, 2, 5, 4]], [[2, 5, 4]]]) {
      [try $0[0].maxPool2d([2, 3], stride: [2, 1], padding: 1, ceilMode: true)]
    },
    .shaped("maxPool2d dilation", [[[1, 2, 5, 4]]]) {
      [try $0[0].maxPool2d(2, stride: 1, dilation: [2, 3])]
    },
    .shaped("maxPool3d", [[[1, 2, 3, 4, 2]]]) { [try $0[0].maxPool3d(2, stride: 1)] },
    .shaped(
      "avgPool1d", [[[2, 2, 6]], [[1, 3]], [[1, 1, 2]], [[0, 1, 4]]],
      refuses: [
        { _ = try x([1, 1, 4]).avgPool1d(5) }, { _ = try x([1, 1, 4]).avgPool1d(2, padding: 2) },
        { _ = try x([4]).avgPool1d(2) },
      ]
    ) { [try $0[0].avgPool1d(2, padding: 1)] },
    .shaped(
      "avgPool2d", [[[1, 2, 5, 4]], [[2, 5, 4]]],
      refuses: [{ _ = try x([1, 4, 4]).avgPool2d(2, divisorOverride: 0) }]
    ) {
      [
        try $0[0].avgPool2d([2, 3], stride: 2, padding: 1, ceilMode: true),
        try $0[0].avgPool2d([2, 3], stride: 1, padding: 1, countIncludePad: false),
        try $0[0].avgPool2d(2, divisorOverride: 3),
      ]
    },
    .shaped("avgPool3d", [[[1, 2, 3, 4, 2]]]) { [try $0[0].avgPool3d([2, 3, 1])] },
    .shaped(
      "adaptiveAvgPool1d", [[[2, 2, 5]], [[0, 2, 5]]],
      refuses: [{ _ = try x([1, 1, 4]).adaptiveAvgPool1d(-1) }]
    ) { [try $0[0].adaptiveAvgPool1d(3), try $0[0].adaptiveAvgPool1d(1)] },
    .shaped(
      "adaptiveAvgPool2d", [[[1, 2, 5, 3]]],
      refuses: [{ _ = try x([4]).adaptiveAvgPool2d(1) }]
    ) {
      [
        try $0[0].adaptiveAvgPool2d([3, 4]), try $0[0].adaptiveAvgPool2d(1),
        try $0[0].adaptiveAvgPool2d(0),
      ]
    },
    .shaped("adaptiveAvgPool3d", [[[1, 1, 2, 3, 3]]]) { [try $0[0].adaptiveAvgPool3d(2)] },
    .shaped("adaptiveMaxPool1d", [[[1, 2, 5]]]) { [try $0[0].adaptiveMaxPool1d(3).values] },
    .shaped(
      "adaptiveMaxPool2d", [[[1, 2, 5, 3]]],
      refuses: [{ _ = try x([1, 1, 2, 2]).adaptiveMaxPool2d([1, 1, 1]) }]
    ) { [try $0[0].adaptiveMaxPool2d([3, 4]).values] },
    .shaped("adaptiveMaxPool3d", [[[1, 1, 2, 3, 3]]]) { [try $0[0].adaptiveMaxPool3d(2).values] },
  ]
}
