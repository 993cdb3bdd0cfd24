import TributaryParallel

/// What recording does in the current task: holds for a closure, also across `await`, and never leaks into
/// another task or thread.
package struct AutogradMode: Sendable {
  /// Whether operations on tensors that require a gradient are recorded.
  package var recordsGraph = true

  package init(recordsGraph: Bool = true) { self.recordsGraph = recordsGraph }

  @TaskLocal package static var current = AutogradMode()

  /// Whether an operation on this tensor is to be recorded. The flag is asked first: reading the task-local
  /// mode takes some 15 ns.
  @inline(__always)
  package static func records(_ a: Tensor) -> Bool { a.requiresGrad && current.recordsGraph }

  @inline(__always)
  package static func records(_ a: Tensor, _ b: Tensor) -> Bool {
    (a.requiresGrad || b.requiresGrad) && current.recordsGraph
  }

  @inline(__always)
  package static func records(_ a: Tensor, _ b: Tensor, _ c: Tensor) -> Bool {
    (a.requiresGrad || b.requiresGrad || c.requiresGrad) && current.recordsGraph
  }

  package static func records(_ tensors: [Tensor]) -> Bool {
    tensors.contains(where: \.requiresGrad) && current.recordsGraph
  }

  package static func with<R, E: Error>(
    _ mode: AutogradMode, _ body: () throws(E) -> R
  ) throws(E) -> R {
    try $current.with(mode, body)
  }
}

/// Runs `body` without recording: what it computes requires no gradient.
public func noGrad<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
  try withGradEnabled(false, body)
}

/// Runs `body` with recording on, also inside ``noGrad(_:)``.
public func enableGrad<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
  try withGradEnabled(true, body)
}

/// Runs `body` with recording on or off.
public func withGradEnabled<R, E: Error>(
  _ enabled: Bool, _ body: () throws(E) -> R
) throws(E) -> R {
  var mode = AutogradMode.current
  mode.recordsGraph = enabled
  return try AutogradMode.with(mode, body)
}

/// Runs an asynchronous `body` without recording.
public func noGrad<R, E: Error>(
  isolation: isolated (any Actor)? = #isolation, _ body: () async throws(E) -> R
) async throws(E) -> R {
  try await withGradEnabled(false, isolation: isolation, body)
}

/// Runs an asynchronous `body` with recording on, also inside ``noGrad(_:)``.
public func enableGrad<R, E: Error>(
  isolation: isolated (any Actor)? = #isolation, _ body: () async throws(E) -> R
) async throws(E) -> R {
  try await withGradEnabled(true, isolation: isolation, body)
}

/// Runs an asynchronous `body` with recording on or off.
public func withGradEnabled<R, E: Error>(
  _ enabled: Bool, isolation: isolated (any Actor)? = #isolation,
  _ body: () async throws(E) -> R
) async throws(E) -> R {
  var mode = AutogradMode.current
  mode.recordsGraph = enabled
  return try await AutogradMode.$current.with(mode, isolation: isolation, body)
}

/// Whether operations are being recorded here.
public var isGradEnabled: Bool { AutogradMode.current.recordsGraph }
