import Tributary
import TributaryNN

extension Workload {
  @Sendable static func rnn(_ times: Int) throws -> Workload {
    let (steps, batch, width) = (100, 64 * times, 256)
    let x = try Tensor.randn([steps, batch, 128])
    let (input, hidden) = (try Linear(128, width), try Linear(width, width))
    let parameters = input.parameters + hidden.parameters
    return Workload(
      "rnn", inputs: [x], parameters: parameters,
      optimizer: try SGD(parameters, lr: 1e-3, momentum: 0.9),
      // The input needs no gradient.
      operations: Double(steps * batch * width) * (4 * 128 + 6 * Double(width))
    ) {
      var h = try Tensor.zeros([batch, width])
      for step in 0..<steps {
        h = try (input(x.select(0, step)) + hidden(h)).tanh()
      }
      return try h.square().mean()
    }
  }

  @Sendable static func elementwise(_ times: Int) throws -> Workload {
    let count = 8_000_000 * times
    let x = try Tensor.randn([count], requiresGrad: true)
    // Each operator reads one tensor and writes one; back, tanh's reads two.
    return Workload(
      "elementwise", inputs: [], parameters: [x], gradient: try Tensor.ones([count]),
      bytes: Double(count) * 4 * 5 * (6 + 5)
    ) {
      var z = x
      for _ in 0..<5 { z = try (z * 1.01 + 0.1).tanh() }
      return z
    }
  }

  @Sendable static func embedding(_ times: Int) throws -> Workload {
    let (rows, width, batch) = (100_000, 64, 4096 * times)
    let indices = try Tensor.randint(0, rows, [batch, 32])
    let y = try Tensor.randn([batch, 1])
    let table = try Embedding(rows, width)
    let (hidden, output) = (try Linear(width, 256), try Linear(256, 1))
    let parameters = table.parameters + hidden.parameters + output.parameters
    // Forward reads rows, writes them and reads them for the mean; back it reads and writes rows of the gradient, which
    // is first written whole, and the step reads two tables and writes one.
    let bytes = Double(batch * 32 * width * 4 * 5) + Double(rows * width * 4 * 4)
    return Workload(
      "embedding", inputs: [indices, y], parameters: parameters,
      optimizer: try SGD(parameters, lr: 1e-3), rows: rows, bytes: bytes
    ) {
      try mseLoss(output(hidden(table(indices).mean(dim: 1)).relu()), y)
    }
  }
}
