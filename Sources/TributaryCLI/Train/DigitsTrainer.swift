import Tributary
import TributaryData
import TributaryNN

/// The training loop: batches in a new order each epoch, micro-batches forward at the same time and back in
/// one pass, a step of Adam.
struct DigitsTrainer {
  private static let firstRate = 1e-2

  private let model: DigitsClassifier
  private let optimizer: Adam
  private let epochs: Int
  private let batchSize: Int
  private let microBatches: Int
  private let generator: Generator

  init(
    _ model: DigitsClassifier, epochs: Int, batchSize: Int, microBatches: Int, generator: Generator
  ) throws(TensorError) {
    self.model = model
    self.optimizer = try Adam(model.parameters, lr: Self.firstRate)
    self.epochs = epochs
    self.batchSize = batchSize
    self.microBatches = microBatches
    self.generator = generator
  }

  /// One pass over the digits; returns the mean loss.
  func runEpoch(_ epoch: Int, _ digits: DigitsDataset) throws(TensorError) -> Double {
    // Falls to 0 along a line: no function of the C library, which differs between machines, may reach a
    // parameter.
    optimizer.lr = Self.firstRate * Double(epochs - epoch) / Double(epochs)
    var total = 0.0
    for batch in try digits.shuffled(generator).batches(of: batchSize) {
      total += try step(batch) * Double(batch.count)
    }
    return total / Double(digits.count)
  }

  /// One step of the optimizer; returns the batch's mean loss.
  private func step(_ batch: DigitsDataset) throws(TensorError) -> Double {
    try optimizer.zeroGrad()
    let model = model
    let losses = try concurrentMap(batch.pieces(microBatches)) {
      (piece: DigitsDataset) throws(TensorError) -> Tensor in
      // Each part's sum over the whole batch's count: together they are the batch's mean.
      try crossEntropy(model(piece.images), piece.labels, reduction: .sum) / Double(batch.count)
    }
    try Tensor.backward(losses)
    try optimizer.step()
    var mean = 0.0
    for loss in losses { mean += try loss.item() }
    return mean
  }

  /// The share of the digits, of which there is at least one, that the model names rightly.
  func accuracy(on digits: DigitsDataset) throws(TensorError) -> Double {
    let right = try noGrad { () throws(TensorError) in
      try model(digits.images).argmax(dim: 1).eq(digits.labels).sum().item()
    }
    return right / Double(digits.count)
  }
}
