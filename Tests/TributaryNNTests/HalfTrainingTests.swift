import Testing
import Tributary
import TributaryNN

/// Modules and optimizers over bfloat16 and float16 parameters.
@Suite struct HalfTrainingTests {
  private func optimizers(_ parameters: [Tensor]) throws -> [any Optimizer] {
    [
      try SGD(parameters, lr: 0.05, momentum: 0.9, weightDecay: 0.01),
      try Adam(parameters, lr: 0.02, amsgrad: true), try AdamW(parameters, lr: 0.02),
    ]
  }

  /// A step in float32, rounded to the parameter's dtype; what is kept between steps is not rounded.
  @Test func stepsAreFloat32sRounded() throws {
    for dtype in [DType.float16, .bfloat16] {
      for choice in 0..<3 {
        let generator = Generator(seed: 9)
        let half = try Tensor.randn([700], dtype: dtype, generator: generator, requiresGrad: true)
        let wide = try half.detach().to(.float32).requiresGrad_()
        let (one, other) = (try optimizers([half])[choice], try optimizers([wide])[choice])
        for _ in 0..<4 {
          let gradient = try Tensor.randn([700], dtype: dtype, generator: generator)
          try half.setGrad(gradient)
          try wide.setGrad(gradient.to(.float32))
          try one.step()
          try other.step()
          try noGrad { _ = try wide.copy_(wide.to(dtype)) }
          #expect(
            try half.detach().to(.float32).equal(wide.detach()), "\(dtype), optimizer \(choice)")
        }
      }
    }
  }

  /// Float32's of the same draws, rounded once.
  @Test func initialWeightsAreRoundedOnce() throws {
    for dtype in [DType.float16, .bfloat16] {
      let (a, b) = (Generator(seed: 8), Generator(seed: 8))
      let half = try Linear(30, 40, dtype: dtype, generator: a)
      let wide = try Linear(30, 40, generator: b)
      let halfConv = try Conv2d(3, 8, 3, dtype: dtype, generator: a)
      let wideConv = try Conv2d(3, 8, 3, generator: b)
      for (x, y) in zip(
        half.parameters + halfConv.parameters, wide.parameters + wideConv.parameters)
      {
        #expect(x.dtype == dtype && x.isLeaf && x.requiresGrad)
        #expect(try x.detach().equal(y.detach().to(dtype)))
      }
    }
  }

  /// In bfloat16 a mean near 100 would stop short of it, where a tenth of the difference rounds away.
  @Test func runningStatisticsArrive() throws {
    for dtype in [DType.float16, .bfloat16] {
      let layer = try BatchNorm1d(2, dtype: dtype)
      #expect(layer.weight.dtype == dtype && layer.runningMean.dtype == .float32)
      #expect(layer.runningVar.dtype == .float32)
      let x = try Tensor([[99.0, 200], [101, 204]], dtype: dtype)
      for _ in 0..<200 { #expect(try layer(x).dtype == dtype) }
      #expect(try layer.runningMean.allclose(Tensor([100.0, 202])))
      #expect(try layer.runningVar.allclose(Tensor([2.0, 8])))
      layer.eval()
      #expect(try layer(x).dtype == dtype)
    }
  }

  @Test func aModelLearns() throws {
    for dtype in [DType.float16, .bfloat16] {
      let generator = Generator(seed: 4)
      let first = try Linear(3, 16, dtype: dtype, generator: generator)
      let second = try Linear(16, 1, dtype: dtype, generator: generator)
      let parameters = [first, second].flatMap { [$0.weight] + [$0.bias].compactMap { $0 } }
      let optimizer = try Adam(parameters, lr: 0.02)
      let x = try Tensor.randn([64, 3], dtype: dtype, generator: generator)
      let y = try x.sum(dim: 1, keepDim: true)
      var losses: [Double] = []
      for _ in 0..<60 {
        try optimizer.zeroGrad()
        let loss = try mseLoss(second(first(x).relu()), y)
        #expect(loss.dtype == dtype)
        try loss.backward()
        #expect(parameters.allSatisfy { $0.grad?.dtype == dtype })
        try optimizer.step()
        losses.append(try loss.item())
      }
      #expect((losses.last ?? 1) < 0.1 * losses[0], "\(dtype): \(losses)")
    }
  }
}
