import Tributary

private func x(_ shape: Shape) throws -> Tensor { try .ones(shape, dtype: .float64) }

extension Catalogue {
  static let convolution: [CatalogueEntry] = [
    .shaped(
      "conv1d",
      [
        [[2, 2, 5], [3, 2, 3], [3]], [[2, 4], [1, 2, 1], [1]], [[0, 1, 3], [2, 1, 2], [2]],
      ],
      refuses: [
        { _ = try conv1d(x([1, 2, 5]), x([3, 1, 3])) },
        { _ = try conv1d(x([1, 2, 5]), x([3, 2, 6])) },
        { _ = try conv1d(x([1, 2, 5]), x([3, 2, 3]), x([2])) },
        { _ = try conv1d(x([1, 2, 5]), x([3, 2, 3]), stride: 0) },
        { _ = try conv1d(x([1, 2, 5]), x([3, 2, 3]), padding: -1) },
        { _ = try conv1d(x([1, 2, 5]), x([3, 2, 3]), groups: 0) },
        { _ = try conv1d(x([1, 2, 5]), x([3, 2, 3]).to(.float32)) },
        { _ = try conv1d(x([5]), x([3, 2, 3])) },
        { _ = try conv1d(x([1, 2, 5]), x([3, 2, 0])) },
        { _ = try conv1d(x([1, 2, 5]), x([3, 2, 3]), stride: 2, padding: .same) },
      ]
    ) { [try conv1d($0[0], $0[1], $0[2], padding: 1)] },
    .shaped("conv1d same", [[[1, 2, 5], [2, 2, 4]]]) {
      [try conv1d($0[0], $0[1], padding: .same, dilation: 2)]
    },
    .shaped("conv2d", [[[2, 2, 4, 5], [3, 2, 3, 2], [3]], [[1, 1, 1], [1, 1, 1, 1], [1]]]) {
      [try conv2d($0[0], $0[1], $0[2], stride: [2, 1], padding: [1, 0])]
    },
    .shaped("conv2d groups, dilation", [[[1, 4, 5, 4], [4, 2, 2, 2]]]) {
      [try conv2d($0[0], $0[1], padding: 1, dilation: [1, 2], groups: 2)]
    },
    .shaped("conv2d stride beyond the kernel", [[[1, 1, 7, 7], [2, 1, 2, 2]]]) {
      [try conv2d($0[0], $0[1], stride: 3)]
    },
    .shaped("conv3d", [[[1, 2, 3, 3, 2], [2, 2, 2, 2, 2], [2]]]) {
      [try conv3d($0[0], $0[1], $0[2], padding: [0, 1, 0])]
    },
    .shaped(
      "convTranspose1d", [[[2, 3, 4], [3, 2, 3], [2]], [[1, 1], [1, 1, 1], [1]]],
      refuses: [
        { _ = try convTranspose1d(x([1, 2, 5]), x([3, 2, 3])) },
        { _ = try convTranspose1d(x([1, 3, 5]), x([3, 2, 3]), outputPadding: 1) },
        { _ = try convTranspose1d(x([1, 3, 1]), x([3, 2, 1]), padding: 1) },
        { _ = try convTranspose1d(x([1, 3, 5]), x([3, 2, 3]), x([3])) },
        { _ = try convTranspose1d(x([1, 3, 5]), x([3, 2, 3]), groups: 2) },
      ]
    ) { [try convTranspose1d($0[0], $0[1], $0[2], stride: 2, outputPadding: 1)] },
    .shaped("convTranspose2d", [[[1, 4, 3, 2], [4, 1, 2, 3]]]) {
      [try convTranspose2d($0[0], $0[1], stride: [1, 2], padding: [0, 1], groups: 2, dilation: 2)]
    },
    .shaped("convTranspose2d stride beyond the kernel", [[[1, 1, 2, 2], [1, 2, 2, 1], [2]]]) {
      [try convTranspose2d($0[0], $0[1], $0[2], stride: 3, outputPadding: 2)]
    },
    .shaped("convTranspose3d", [[[1, 2, 2, 2, 2], [2, 1, 2, 2, 1], [1]]]) {
      [try convTranspose3d($0[0], $0[1], $0[2], padding: [1, 0, 0])]
    },
  ]
}
