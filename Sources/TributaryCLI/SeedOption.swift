import ArgumentParser

/// What `--seed` takes, the same for every subcommand.
enum SeedOption {
  static func seed(_ text: String) throws -> UInt64 {
    guard let seed = UInt64(text) else {
      throw ValidationError("--seed takes a whole number of 0 to \(UInt64.max)")
    }
    return seed
  }
}
