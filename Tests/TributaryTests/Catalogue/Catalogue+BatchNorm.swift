import Tributary

private func x(_ shape: Shape) throws -> Tensor { try .ones(shape, dtype: .float64) }

extension Catalogue {
  static let batchNormalization: [CatalogueEntry] = [
    .shaped(
      "batchNorm", [[[4, 2, 3], [2], [2]], [[5, 3], [3], [3]], [[2, 1, 3, 2], [1], [1]]],
      refuses: [
        { _ = try batchNorm(x([1, 2]), runningMean: nil, runningVar: nil, training: true) },
        { _ = try batchNorm(x([3, 2]), runningMean: nil, runningVar: nil) },
        { _ = try batchNorm(x([3]), runningMean: nil, runningVar: nil, training: true) },
        {
          _ = try batchNorm(
            x([3, 2]), runningMean: nil, runningVar: nil, weight: x([3]), training: true)
        },
        {
          _ = try batchNorm(
            x([3, 2]).to(.float32), runningMean: nil, runningVar: nil, weight: x([2]),
            training: true)
        },
        {
          _ = try batchNorm(
            x([3, 2]).to(.int64), runningMean: nil, runningVar: nil, training: true)
        },
      ]
    ) {
      [
        try batchNorm(
          $0[0], runningMean: nil, runningVar: nil, weight: $0[1], bias: $0[2], training: true,
          eps: 0.1)
      ]
    },
    .shaped("batchNorm without scale", [[[4, 2, 3]]]) {
      [try batchNorm($0[0], runningMean: nil, runningVar: nil, training: true, eps: 0.1)]
    },
    .shaped("batchNorm by running statistics", [[[2, 2, 3], [2], [2]], [[0, 2], [2], [2]]]) {
      let mean = try Tensor([0.25, -0.5]).to($0[0].dtype)
      let variance = try Tensor([1.5, 0.5]).to($0[0].dtype)
      return [
        try batchNorm(
          $0[0], runningMean: mean, runningVar: variance, weight: $0[1], bias: $0[2])
      ]
    },
  ]
}
