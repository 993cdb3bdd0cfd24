import Foundation
import TestSupport
import Testing
import Tributary

/// Values are PyTorch's.
@Suite struct PoolingTests {
  private let x: Tensor

  init() throws {
    x = try Tensor((0..<20).map { sin(Double($0) * 1.7) }, dtype: .float64).reshape([1, 1, 4, 5])
  }

  private func expect(
    _ x: Tensor, _ values: [Double], _ location: SourceLocation = #_sourceLocation
  ) throws {
    let expected = try Tensor(values, dtype: .float64)
    #expect(
      try x.reshape([-1]).isNear(expected, absolute: 1e-5, relative: 0), sourceLocation: location)
  }

  @Test func maximaAndTheirPlaces() throws {
    let (values, indices) = try x.maxPool2dWithIndices(
      [2, 3], stride: 2, padding: 1, ceilMode: true)
    #expect(try indices.equal(Tensor([[[[1, 1, 4], [5, 12, 8], [16, 16, 19]]]])))
    #expect(try values.reshape([-1]).equal(x.reshape([-1]).indexSelect(0, indices.reshape([-1]))))
    let dilated = try x.maxPool2dWithIndices(2, stride: 1, dilation: 2)
    #expect(try dilated.indices.equal(Tensor([[[[12, 1, 12], [5, 16, 19]]]])))
    let adaptive = try x.adaptiveMaxPool2d([3, 2])
    #expect(try adaptive.indices.equal(Tensor([[[[1, 8], [12, 12], [12, 12]]]])))
  }

  /// Few planes are shared by their rows, many are not.
  @Test func aPlaneAloneHasTheBitsOfMany() throws {
    let many = try Tensor.randn(
      [16, 1, 150, 230], generator: Generator(seed: 3), requiresGrad: true)
    let one = try many.detach().narrow(0, 5, 1).clone().requiresGrad_()
    let calls: [(Tensor) throws -> Tensor] = [
      { try $0.maxPool2d(3, stride: 2, padding: 1) }, { try $0.avgPool2d([5, 3], stride: 2) },
      { try $0.maxPool2d(2, stride: 1, dilation: 7) }, { try $0.adaptiveAvgPool2d([31, 17]) },
      { try $0.reshape([-1, 1, 10, 15, 230]).avgPool3d(3, stride: 2, padding: 1) },
    ]
    for (number, call) in calls.enumerated() {
      let (whole, alone) = (try call(many), try call(one))
      #expect(try alone.equal(whole.narrow(0, 5, 1)), "\(number)")
      let g = try Tensor.randn(whole.shape, generator: Generator(seed: 4))
      let back = try Tensor.grad(of: [whole], withRespectTo: [many], gradients: [g])[0]
      let own = try Tensor.grad(
        of: [alone], withRespectTo: [one], gradients: [g.narrow(0, 5, 1)])[0]
      #expect(try #require(own).equal(#require(back).narrow(0, 5, 1)), "\(number)")
    }
  }

  @Test func nanIsTheGreatest() throws {
    let y = try Tensor([[[1, Double.nan, 3, -Double.infinity, -Double.infinity, -Double.infinity]]])
    let (values, indices) = try y.maxPool1dWithIndices(3)
    #expect(try values[0, 0, 0].item().isNaN)
    #expect(try indices.equal(Tensor([[[1, 3]]])))
  }

  @Test func averages() throws {
    try expect(
      x.avgPool2d([2, 3], stride: 2, padding: 1, ceilMode: true),
      [
        0.16527746617794037, -0.031615156680345535, -0.07195017486810684, -0.16863064467906952,
        0.04721797630190849, 0.029244542121887207, 0.20638851821422577, -0.07245439291000366,
        0.007494489196687937,
      ])
    try expect(
      x.avgPool2d([2, 3], stride: 2, padding: 1, ceilMode: true, countIncludePad: false),
      [
        0.4958324134349823, -0.06323031336069107, -0.21585053205490112, -0.2529459595680237,
        0.04721797630190849, 0.04386681318283081, 0.6191655397415161, -0.14490878582000732,
        0.022483468055725098,
      ])
    try expect(
      x.avgPool2d(2, divisorOverride: 3),
      [0.3634255826473236, -0.31344345211982727, 0.04264509677886963, -0.14094769954681396])
    try expect(
      x.adaptiveAvgPool2d([3, 2]),
      [
        0.036099810153245926, -0.008246079087257385, -0.10502126067876816, 0.09285392612218857,
        0.0903482735157013, -0.10355231165885925,
      ])
  }

  @Test func names() throws {
    let signal = try Tensor.ones([1, 2, 4], requiresGrad: true)
    let image = try Tensor.ones([1, 2, 4, 4], requiresGrad: true)
    let volume = try Tensor.ones([1, 2, 4, 4, 4], requiresGrad: true)
    #expect(try signal.maxPool1d(2).gradFn?.name == "SqueezeBackward1")
    #expect(try image.maxPool2d(2).gradFn?.name == "MaxPool2DWithIndicesBackward0")
    #expect(try volume.maxPool3d(2).gradFn?.name == "MaxPool3DWithIndicesBackward0")
    #expect(try signal.avgPool1d(2).gradFn?.name == "SqueezeBackward1")
    #expect(try image.avgPool2d(2).gradFn?.name == "AvgPool2DBackward0")
    #expect(try volume.avgPool3d(2).gradFn?.name == "AvgPool3DBackward0")
    #expect(try signal.adaptiveAvgPool1d(1).gradFn?.name == "SqueezeBackward1")
    #expect(try image.adaptiveAvgPool2d(3).gradFn?.name == "AdaptiveAvgPool2DBackward0")
    #expect(try image.adaptiveAvgPool2d(1).gradFn?.name == "MeanBackward1")
    #expect(try volume.adaptiveAvgPool3d(3).gradFn?.name == "AdaptiveAvgPool3DBackward0")
    #expect(try signal.adaptiveMaxPool1d(3).values.gradFn?.name == "SqueezeBackward1")
    #expect(try image.adaptiveMaxPool2d(3).values.gradFn?.name == "AdaptiveMaxPool2DBackward0")
  }

  /// A dilated window can step over a small image: nothing is the greatest of nothing.
  @Test func aWindowWithoutElementsIsAnError() throws {
    #expect(throws: TensorError.self) {
      try Tensor.ones([1, 1, 1]).maxPool1d(2, padding: 2, dilation: 3)
    }
    #expect(throws: TensorError.self) {
      try Tensor.ones([1, 1, 2]).maxPool1d(2, padding: 2, dilation: 4)
    }
    let x = try Tensor.ones([1, 2, 7], requiresGrad: true)
    try x.maxPool1d(2, stride: 1, padding: 1, dilation: 2).sum().backward()
    #expect(try #require(x.grad).sum().item() == 14)
  }

  @Test func moreWindowsThanMemoryAreAnError() throws {
    #expect(throws: TensorError.self) {
      try Tensor.ones([1, 1, 4]).adaptiveAvgPool1d(2_147_483_647)
    }
    #expect(throws: TensorError.self) {
      try Tensor.ones([1, 1, 1]).expand([1, 1, 1 << 40]).maxPool1d(1)
    }
  }
}
