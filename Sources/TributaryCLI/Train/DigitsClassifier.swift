import Tributary
import TributaryData
import TributaryNN

/// Three towers over different views of an image, joined by a last layer.
struct DigitsClassifier: Module {
  private let towers: [any Module]
  private let head: Linear

  /// The first parameters: drawn from `generator`, and digits of the training data.
  init(_ training: DigitsDataset, generator: Generator) throws(TensorError) {
    let features = 32
    towers = [
      try ExampleTower(training, generator), try PatchTower(features, generator),
      try LineTower(features, generator),
    ]
    head = try Linear(
      ExampleTower.exampleCount + 2 * features, DigitsDataset.classCount, generator: generator)
  }

  var parameters: [Tensor] { towers.flatMap(\.parameters) + head.parameters }

  /// Images [n, 1, 8, 8]; logits [n, 10].
  func callAsFunction(_ images: Tensor) throws(TensorError) -> Tensor {
    let views = try concurrentMap(towers) { (tower: any Module) throws(TensorError) -> Tensor in
      try tower(images)
    }
    return try head(Tensor.cat(views, dim: 1))
  }
}

/// How near the whole image is to each of some examples, which are moved as it learns: a layer of radial
/// basis functions (Broomhead and Lowe 1988).
private struct ExampleTower: Module {
  static let exampleCount = 1024
  /// Neighbours of one class, at a squared distance of some five, have a likeness of one half.
  private static let sharpness = 0.15
  private let examples: Tensor

  /// Begins from digits that `generator` chooses.
  init(_ digits: DigitsDataset, _ generator: Generator) throws(TensorError) {
    let chosen = try Tensor.randint(0, digits.count, [Self.exampleCount], generator: generator)
    examples = try digits.images[chosen].flatten(startDim: 1).requiresGrad_()
  }

  var parameters: [Tensor] { [examples] }

  /// exp(-sharpness |x - e|²), with the square multiplied out so that a matrix product does the work.
  func callAsFunction(_ images: Tensor) throws(TensorError) -> Tensor {
    let x = try images.flatten(startDim: 1)
    let lengths = try (x * x).sum(dim: 1, keepDim: true) + (examples * examples).sum(dim: 1)
    let distances = try lengths - x.matmul(examples.t()) * 2
    return try (distances * -Self.sharpness).exp()
  }
}

/// The 36 patches of 3 x 3 pixels, each seen by the same layer, and the strongest answer of each 2 x 2
/// neighbouring patches: a convolution and its pooling, as a product of matrices.
private struct PatchTower: Module {
  private static let channels = 16
  private let patch, joined: Linear

  init(_ features: Int, _ generator: Generator) throws(TensorError) {
    patch = try Linear(9, Self.channels, generator: generator)
    joined = try Linear(9 * Self.channels, features, generator: generator)
  }

  var parameters: [Tensor] { patch.parameters + joined.parameters }

  func callAsFunction(_ images: Tensor) throws(TensorError) -> Tensor {
    let n = images.shape[0]
    let patches = try images.contiguous().asStrided(
      [n, 6, 6, 3, 3], strides: [64, 8, 1, 8, 1])
    let seen = try patch(patches.reshape([n * 36, 9]))
    let pooled = try seen.reshape([n, 3, 2, 3, 2, Self.channels]).amax(dim: [2, 4]).relu()
    return try joined(pooled.flatten(startDim: 1)).relu()
  }
}

/// The eight rows and the eight columns, each seen by the same layer.
private struct LineTower: Module {
  private static let channels = 12
  private let line, joined: Linear

  init(_ features: Int, _ generator: Generator) throws(TensorError) {
    line = try Linear(8, Self.channels, generator: generator)
    joined = try Linear(16 * Self.channels, features, generator: generator)
  }

  var parameters: [Tensor] { line.parameters + joined.parameters }

  func callAsFunction(_ images: Tensor) throws(TensorError) -> Tensor {
    let rows = try images.squeeze(1)
    let lines = try Tensor.cat([rows, rows.transpose(1, 2)], dim: 1)
    let seen = try line(lines.reshape([-1, 8])).relu()
    return try joined(seen.reshape([-1, 16 * Self.channels])).relu()
  }
}
