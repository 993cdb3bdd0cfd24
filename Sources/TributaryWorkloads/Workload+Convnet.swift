import Tributary
import TributaryNN

extension Workload {
  @Sendable static func convnet(_ times: Int) throws -> Workload {
    let batch = 128 * times
    let x = try Tensor.randn([batch, 3, 32, 32])
    let y = try Tensor.randint(0, 10, [batch])
    let relu = Activation { x throws(TensorError) in try x.relu() }
    // Channels in and out, stride, and the side of the map.
    let layers = [
      (3, 32, 1, 32), (32, 64, 2, 16), (64, 64, 1, 16), (64, 128, 2, 8), (128, 128, 1, 8),
    ]
    var modules: [any Module] = []
    var multiplications = 0.0
    for (input, output, stride, side) in layers {
      modules.append(
        try Conv2d(input, output, 3, stride: SpatialSize(stride), padding: 1, bias: false))
      modules += [try BatchNorm2d(output), relu]
      // Forward and both gradients; the first layer's input needs none.
      multiplications += Double(batch * side * side * input * output * 9) * (input == 3 ? 2 : 3)
    }
    modules += [AdaptiveAvgPool2d(1), Flatten(), try Linear(128, 10)]
    let model = Sequential(modules)
    return Workload(
      "convnet", inputs: [x, y], parameters: model.parameters,
      optimizer: try SGD(model.parameters, lr: 0.01, momentum: 0.9),
      operations: 2 * multiplications + Double(batch * 128 * 10 * 6)
    ) { try crossEntropy(model(x), y) }
  }
}
