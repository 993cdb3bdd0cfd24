import Synchronization

/// Whether a module trains, shared by all copies of the module: a model holds one, the program another.
///
/// Change it between steps, not while another thread applies the module.
final class TrainingMode: Sendable {
  // Relaxed: nothing else is published by the mode.
  private let training = Atomic<Bool>(true)

  var isTraining: Bool { training.load(ordering: .relaxed) }
  func set(_ mode: Bool) { training.store(mode, ordering: .relaxed) }
}
