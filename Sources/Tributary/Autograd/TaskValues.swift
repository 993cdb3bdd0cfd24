/// The engine's task-local values, for threads that do not inherit them: what a task's pass or branches run on
/// another thread must see what holds in the task.
struct TaskValues: Sendable {
  var mode: AutogradMode
  /// Nil: the process's.
  var generator: Generator?

  static var current: TaskValues {
    TaskValues(mode: .current, generator: Generator.bound)
  }

  func bind<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
    try AutogradMode.with(mode) { () throws(E) in try Generator.with(generator, body) }
  }
}
