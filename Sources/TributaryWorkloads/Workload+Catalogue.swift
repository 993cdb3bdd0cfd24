import Glibc
import Tributary
import TributaryNN

func sine(_ x: Double) -> Double { sin(x) }

extension Workload {
  /// By name, in the order in which they are listed. `make` takes how many times the batch is to be made larger (of
  /// the batch, the contributions, the repeats or the length).
  public static let catalogue:
    [(name: String, about: String, make: @Sendable (_ times: Int) throws -> Workload)] = [
      ("mlp", "large matrix products: 784 → 1024 → 1024 → 10, batch 4096", mlp),
      ("towers", "64 independent small networks, one loss: the branchy graph", towers),
      ("wide_towers", "16 independent middle-sized networks, batch 512", wideTowers),
      ("fan_in", "one leaf used in 1,024 branches", fanIn),
      (
        "convnet", "convolutions and batch normalisation: five layers on 128 images of 32 × 32",
        convnet
      ),
      ("transformer", "four blocks of attention and two layers, 32 × 128 × 256", transformer),
      ("rnn", "a hundred steps of a recurrent network: a long chain of small products", rnn),
      ("elementwise", "fifteen memory-bound operators on 8 M elements, and back", elementwise),
      ("embedding", "scattered reads and sums: 131,072 rows of a table of 100,000", embedding),
      ("tutorial", "the autograd tutorial's five-node graph, 1,000 times a step", tutorial),
      ("chain", "100,000 nodes in a row on ten elements", chain),
    ]

  @Sendable static func mlp(_ times: Int) throws -> Workload {
    let x = try Tensor.randn([4096 * times, 784])
    let y = try Tensor.randint(0, 10, [4096 * times])
    let relu = Activation { x throws(TensorError) in try x.relu() }
    let model = Sequential([
      try Linear(784, 1024), relu, try Linear(1024, 1024), relu, try Linear(1024, 10),
    ])
    return Workload(
      "mlp", inputs: [x, y], parameters: model.parameters,
      optimizer: try SGD(model.parameters, lr: 0.01, momentum: 0.9),
      // The first layer's input needs no gradient.
      operations: Double(4096 * times) * (4 * 784 * 1024 + 6 * (1024 * 1024 + 1024 * 10))
    ) { try crossEntropy(model(x), y) }
  }

  /// The workload called `name`; nil where there is none.
  ///
  /// - Parameter branches: how many independent networks it is to have; nil: as many as its definition says. Only for
  ///   those of ``branched``.
  public static func named(_ name: String, branches: Int? = nil) throws -> Workload? {
    switch (name, branches) {
    case ("towers", let count?): try towers(1, count: count)
    case ("wide_towers", let count?): try wideTowers(1, count: count)
    default: try catalogue.first { $0.name == name }?.make(1)
    }
  }

  /// The workloads that can have any number of branches.
  public static let branched = ["towers", "wide_towers"]

  @Sendable static func towers(_ times: Int) throws -> Workload { try towers(times, count: 64) }

  @Sendable static func wideTowers(_ times: Int) throws -> Workload {
    try wideTowers(times, count: 16)
  }

  static func towers(_ times: Int, count: Int) throws -> Workload {
    try towers(
      "towers", count, 64, 64 * times, Activation { x throws(TensorError) in try x.tanh() })
  }

  static func wideTowers(_ times: Int, count: Int) throws -> Workload {
    try towers(
      "wide_towers", count, 256, 512 * times, Activation { x throws(TensorError) in try x.gelu() })
  }

  /// Networks of two hidden layers, recorded at the same time; their outputs are summed.
  static func towers(
    _ name: String, _ count: Int, _ width: Int, _ batch: Int, _ activation: Activation
  ) throws -> Workload {
    let x = try Tensor.randn([batch, width])
    let y = try Tensor.randn([batch, 1])
    let towers = try (0..<count).map { _ in
      Sequential([
        try Linear(width, width), activation, try Linear(width, width), activation,
        try Linear(width, 1),
      ])
    }
    let parameters = towers.flatMap(\.parameters)
    return Workload(
      name, inputs: [x, y], parameters: parameters,
      optimizer: try SGD(parameters, lr: 1e-4, momentum: 0.9),
      operations: Double(count * batch) * (4.0 + 6 + 6 / Double(width)) * Double(width * width)
    ) {
      let outputs = try concurrentMap(towers) { tower throws(TensorError) in try tower(x) }
      return try mseLoss(Tensor.stack(outputs).sum(dim: 0), y)
    }
  }

  @Sendable static func fanIn(_ times: Int) throws -> Workload {
    let w = try Tensor.randn([256, 256], requiresGrad: true)
    let xs = try (0..<1024 * times).map { _ in try Tensor.randn([256, 1]) }
    // Forward reads the leaf, writes the product and reads it for the sum; back it writes a gradient and adds it.
    return Workload(
      "fan_in", inputs: xs, parameters: [w], bytes: Double(xs.count) * 256 * 256 * 4 * 7
    ) {
      let sums = try concurrentMap(xs) { x throws(TensorError) in try (w * x).sum() }
      return try Tensor.stack(sums).sum()
    }
  }

  @Sendable static func tutorial(_ times: Int) throws -> Workload {
    let (x, y) = (try Tensor.ones([5]), try Tensor.zeros([3]))
    let w = try Tensor.randn([5, 3], requiresGrad: true)
    let b = try Tensor.randn([3], requiresGrad: true)
    return Workload("tutorial", inputs: [x, y], parameters: [w, b], repeats: 1000 * times) {
      try binaryCrossEntropyWithLogits(x.matmul(w) + b, y)
    }
  }

  @Sendable static func chain(_ times: Int) throws -> Workload {
    let x = try Tensor.randn([10], requiresGrad: true)
    return Workload("chain", inputs: [], parameters: [x]) {
      var z = x
      for _ in 0..<50_000 * times { z = try z * 1.0001 + 0.1 }
      return try z.sum()
    }
  }
}
