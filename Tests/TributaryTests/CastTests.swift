import Testing
import Tributary
import TributaryStress

/// Gradients through a change of dtype, where differences are too coarse.
@Suite struct CastTests {
  @Test(arguments: [(DType.float64, DType.float32), (.float32, .float64)])
  func theGradientIsCastBack(from: DType, to: DType) throws {
    let x = try Tensor([0.1, -2.5, 3e9], dtype: from, requiresGrad: true)
    let y = try x.to(to)
    #expect(y.dtype == to)
    #expect(y.gradFn?.name == "ToCopyBackward0")
    #expect(try y.scalars(as: Float.self) == x.scalars(as: Float.self))
    let seed = try Tensor([0.3, 1e-3, -7], dtype: to)
    try y.backward(gradient: seed)
    #expect(try #require(x.grad).hasBits(of: seed.to(from)))
  }

  @Test func float32AndBackRounds() throws {
    let x = try Tensor([0.1, 1.0 / 3, 2.0], dtype: .float64, requiresGrad: true)
    let y = try x.to(.float32).to(.float64)
    #expect(try y.scalars(as: Double.self) == [0.1, 1.0 / 3, 2].map { Double(Float($0)) })
    let first = try #require(
      Tensor.grad(of: [(y * y * y).sum()], withRespectTo: [x], createGraph: true)[0])
    let second = try #require(Tensor.grad(of: [first.sum()], withRespectTo: [x])[0])
    // Of x³, by the rounded x, each rounded once more on its way back.
    let rounded = try y.detach().scalars(as: Double.self)
    #expect(
      try first.scalars(as: Double.self) == rounded.map { Double(Float(3 * $0 * $0)) })
    for (value, at) in zip(try second.scalars(as: Double.self), rounded) {
      #expect(abs(value - 6 * at) < 1e-6)
    }
  }
}
