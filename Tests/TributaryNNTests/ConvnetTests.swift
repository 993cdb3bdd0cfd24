import Foundation
import Testing
import Tributary
import TributaryNN

/// A convolutional network trained for three steps in float64, against PyTorch's own numbers. (In float32 the steps
/// are not to be compared: PyTorch with and without oneDNN differs by a hundredth after two.)
@Suite struct ConvnetTests {
  @Test func threeStepsGivePyTorchsNumbers() throws {
    let x = try Tensor.zeros([128, 3, 32, 32], dtype: .float64)
    let y = try Tensor((0..<128).map { $0 % 10 })
    let relu = Activation { x throws(TensorError) in try x.relu() }
    var modules: [any Module] = []
    for (input, output, stride) in [
      (3, 32, 1), (32, 64, 2), (64, 64, 1), (64, 128, 2), (128, 128, 1),
    ] {
      modules.append(
        try Conv2d(
          input, output, 3, stride: SpatialSize(stride), padding: 1, bias: false, dtype: .float64))
      modules += [try BatchNorm2d(output, dtype: .float64), relu]
    }
    modules += [AdaptiveAvgPool2d(1), Flatten(), try Linear(128, 10, dtype: .float64)]
    let model = Sequential(modules)
    // The comparison's filling: the labels are its second tensor.
    try noGrad {
      for (place, tensor) in ([x] + model.parameters).enumerated() {
        let t = place == 0 ? 0 : place + 1
        let values = (0..<tensor.count).map { 0.05 * sin(Double($0 + 17 * t)) }
        _ = try tensor.copy_(Tensor(values, dtype: .float64).reshape(tensor.shape))
      }
    }
    let optimizer = try SGD(model.parameters, lr: 0.01, momentum: 0.9)
    for (loss, gradient) in [
      (2.30562996, 4.066986028895642), (2.30561805, 4.272480061102302),
      (2.30559752, 4.186382303755349),
    ] {
      try optimizer.zeroGrad()
      let value = try crossEntropy(model(x), y)
      try value.backward()
      let sum = try model.parameters.reduce(0.0) { try $0 + #require($1.grad).abs().sum().item() }
      #expect(try abs(value.item() - loss) < 1e-8)
      #expect(abs(sum - gradient) < 1e-6 * gradient)
      try optimizer.step()
    }
  }
}
