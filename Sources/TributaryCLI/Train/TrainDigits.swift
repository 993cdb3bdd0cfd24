import ArgumentParser
import Foundation
import Tributary
import TributaryData

/// `tributary train digits`.
struct TrainDigits: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "digits",
    abstract: "Trains a classifier of handwritten digits.",
    discussion: """
      1,797 digits of 8 x 8 pixels; a fixed fifth of them is held out for the test. Three towers look at \
      each image in their own way (likeness to examples; patches of 3 x 3; rows and columns), and a last layer \
      joins them. Each batch is cut into micro-batches, which go forward at the same time and back in \
      one pass; the loss is the mean over the batch, however it is cut.

      The last two lines are the accuracy on the held-out digits and a digest (SHA-256) of all \
      parameters. The digest depends on the data, --seed, --epochs, --batch and --micro-batches alone: \
      not on --threads, and not on TRIBUTARY_KERNEL_PATH.

        tributary train digits
        tributary train digits --threads 1 --seed 7
        tributary train digits --data my-digits.csv --epochs 60

      A data file has the columns p0 ... p63 (whole numbers 0 to 16, in reading order) and label (0 to 9).
      """)

  @Option(parsing: .unconditional, help: "Passes over the training digits.")
  var epochs = 30

  @Option(help: "A file of digits to use instead of those that the program carries.")
  var data: String?

  @Option(
    parsing: .unconditional, help: "Decides the first parameters and the order of the digits.",
    transform: SeedOption.seed)
  var seed: UInt64 = 0

  @Option(parsing: .unconditional, help: "Digits to a step of the optimizer.")
  var batch = 32

  @Option(parsing: .unconditional, help: "Parts of a batch that go forward at the same time.")
  var microBatches = 4

  @OptionGroup var threading: ThreadOptions

  func validate() throws {
    for (name, value) in [
      ("--epochs", epochs), ("--batch", batch), ("--micro-batches", microBatches),
    ] where value < 1 {
      throw ValidationError("\(name) takes a number of at least 1")
    }
  }

  func run() throws {
    try threading.with {
      let digits =
        if let data { try DigitsDataset(path: data) } else { try DigitsDataset.bundled() }
      let (training, test) = try digits.split()
      guard test.count > 0 else {
        throw TensorError(
          .malformedData, operation: "train digits",
          "\(data.map(FileName.shown) ?? "the data") holds \(digits.count) digits; at least five are needed, so that "
            + "one can be held out")
      }
      print("\(training.count) digits for training, \(test.count) held out; \(Surroundings.line)")
      let generator = Generator(seed: seed)
      let model = try DigitsClassifier(training, generator: generator)
      let trainer = try DigitsTrainer(
        model, epochs: epochs, batchSize: batch, microBatches: microBatches, generator: generator)
      let progress = ProgressLine(steps: epochs)
      let clock = ContinuousClock()
      let began = clock.now
      for epoch in 0..<epochs {
        let loss = try trainer.runEpoch(epoch, training)
        progress.show(epoch + 1, "loss \(String(format: "%.4f", loss))")
      }
      progress.finish()
      let seconds = (clock.now - began) / .seconds(1)
      print("\(Surroundings.counted(epochs, "epoch")) in \(String(format: "%.2f", seconds)) s")
      print("test accuracy \(String(format: "%.4f", try trainer.accuracy(on: test)))")
      print("digest \(try ParameterDigest.of(model.parameters))")
    }
  }
}
