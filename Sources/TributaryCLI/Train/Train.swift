import ArgumentParser

/// `tributary train`: complete trainings on real data.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains a model on real data.",
    discussion: """
        tributary train digits       a classifier of handwritten digits
        tributary help train digits  what can be set
      """,
    subcommands: [TrainDigits.self])
}
