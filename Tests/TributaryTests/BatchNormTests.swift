import Foundation
import TestSupport
import Testing
import Tributary

/// Values are PyTorch's.
@Suite struct BatchNormTests {
  private let x, mean, variance, weight, bias: Tensor

  init() throws {
    x = try Tensor((0..<12).map { sin(Double($0)) }, dtype: .float64).reshape([2, 3, 2])
    mean = try Tensor([0.1, 0.2, 0.3], dtype: .float64)
    variance = try Tensor([1.0, 2, 3], dtype: .float64)
    weight = try Tensor([1.0, 2, 3], dtype: .float64)
    bias = try Tensor([0.5, 0, -0.5], dtype: .float64)
  }

  private func expect(
    _ x: Tensor, _ values: [Double], _ location: SourceLocation = #_sourceLocation
  ) throws {
    let expected = try Tensor(values, dtype: .float64)
    #expect(
      try x.reshape([-1]).isNear(expected, absolute: 1e-5, relative: 0), sourceLocation: location)
  }

  @Test func training() throws {
    let y = try batchNorm(
      x, runningMean: mean, runningVar: variance, weight: weight, bias: bias, training: true,
      momentum: 0.3)
    try expect(
      y,
      [
        -0.16256128251552582, 1.6668294668197632, 1.688973307609558, -2.689448833465576,
        0.46077635884284973, -2.8797874450683594, -0.7700214982032776, 1.2657532691955566,
        2.1453003883361816, -1.1448240280151367, 3.977515935897827, -3.5585036277770996,
      ])
    try expect(mean, [0.16142815351486206, 0.3238920569419861, -0.03448036313056946])
    try expect(variance, [0.7846261858940125, 1.4492461681365967, 2.1131751537323])
  }

  /// Few channels are shared by their parts, many are not.
  @Test(arguments: [[4, 2, 9000], [9, 3, 4099], [40_000, 2, 1]] as [Shape])
  func fewChannelsHaveTheBitsOfMany(shape: Shape) throws {
    let channels = shape[1]
    let few = try Tensor.randn(shape, generator: Generator(seed: 5), requiresGrad: true)
    let g = try Tensor.randn(shape, generator: Generator(seed: 6))
    func spread(_ x: Tensor, _ dim: Int) throws -> Tensor {
      try Tensor.cat(Array(repeating: x.detach(), count: 16), dim: dim)
    }
    let many = try spread(few, 1).requiresGrad_()
    let weight = try Tensor.randn([channels], generator: Generator(seed: 7), requiresGrad: true)
    let weights = try spread(weight, 0).requiresGrad_()
    for training in [true, false] {
      func run(_ x: Tensor, _ w: Tensor, _ g: Tensor) throws -> [Tensor] {
        let (mean, variance) = (try Tensor.zeros(w.shape), try Tensor.ones(w.shape))
        let y = try batchNorm(
          x, runningMean: mean, runningVar: variance, weight: w, bias: w, training: training)
        return try [y.detach()]
          + Tensor.grad(of: [y], withRespectTo: [x, w], gradients: [g]).compactMap(\.self)
          + [mean, variance]
      }
      let found = try run(few, weight, g)
      let expected = try run(many, weights, spread(g, 1))
      for (place, (a, b)) in zip(found, expected).enumerated() {
        #expect(try a.equal(b.narrow(place < 2 ? 1 : 0, 0, channels)), "\(place), \(training)")
      }
    }
  }

  @Test func byRunningStatistics() throws {
    _ = try batchNorm(
      x, runningMean: mean, runningVar: variance, weight: weight, bias: bias, training: true,
      momentum: 0.3)
    let y = try batchNorm(x, runningMean: mean, runningVar: variance, weight: weight, bias: bias)
    try expect(
      y,
      [
        0.3177593946456909, 1.2677186727523804, 0.9725548624992371, -0.3036457896232605,
        -1.9906765222549438, -2.4078009128570557, 0.0023197077680379152, 1.059449315071106,
        1.1055628061294556, 0.14657370746135712, -1.5515536069869995, -2.4925498962402344,
      ])
  }

  /// Long channels, whose samples end in the middle of lanes and of blocks or on their edges, against the definition.
  @Test(arguments: [(3, 7, 613), (9, 5, 1024), (2, 3, 4096), (300, 2, 17)])
  func longChannels(_ n: Int, _ channels: Int, _ size: Int) throws {
    for dtype in [DType.float64, .float32] {
      let generator = Generator(seed: 3)
      let x = try Tensor.randn([n, channels, size], dtype: dtype, generator: generator)
      let leaf = try (x + 3).requiresGrad_()
      let other = try (x + 3).requiresGrad_()
      let g = try Tensor.randn(x.shape, dtype: dtype, generator: generator)
      let y = try batchNorm(leaf, runningMean: nil, runningVar: nil, training: true)
      let d = try other - other.mean(dim: [0, 2], keepDim: true)
      let expected = try d / (d.square().mean(dim: [0, 2], keepDim: true) + 1e-5).sqrt()
      let (absolute, relative) = dtype == .float64 ? (1e-12, 1e-10) : (2e-5, 1e-4)
      #expect(try y.isNear(expected, absolute: absolute, relative: relative))
      try y.backward(gradient: g)
      try expected.backward(gradient: g)
      #expect(
        try #require(leaf.grad).isNear(
          #require(other.grad), absolute: absolute, relative: relative))
    }
  }

  @Test func name() throws {
    let leaf = try x.requiresGrad_()
    let y = try batchNorm(leaf, runningMean: nil, runningVar: nil, training: true)
    #expect(y.gradFn?.name == "NativeBatchNormBackward0")
  }
}
