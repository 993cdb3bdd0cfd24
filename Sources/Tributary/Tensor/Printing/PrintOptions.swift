import TributaryParallel

/// How tensors are printed. The defaults are PyTorch's.
public struct PrintOptions: Sendable, Equatable {
  /// Digits after the point.
  public var precision: Int
  /// Tensors of more elements are summarised.
  public var threshold: Int
  /// How many positions a summary shows at either end of a dim.
  public var edgeItems: Int
  /// Characters in a line.
  public var lineWidth: Int
  /// Scientific notation always or never; nil: where the numbers ask for it.
  public var sciMode: Bool?

  /// PyTorch's options, but for those that are given.
  public init(
    precision: Int = 4, threshold: Int = 1000, edgeItems: Int = 3, lineWidth: Int = 80,
    sciMode: Bool? = nil
  ) {
    self.precision = precision
    self.threshold = threshold
    self.edgeItems = edgeItems
    self.lineWidth = lineWidth
    self.sciMode = sciMode
  }

  private static let shared = Locked(PrintOptions())
  @TaskLocal fileprivate static var bound: PrintOptions?

  fileprivate static var process: PrintOptions {
    get { shared.withLock { $0 } }
    set { shared.withLock { $0 = newValue } }
  }

  /// Those of the innermost ``withPrintOptions(_:_:)``, else ``printOptions``.
  package static var current: PrintOptions { bound ?? process }
}

/// How tensors are printed in this process, where ``withPrintOptions(_:_:)`` says nothing else: those of its
/// closure are not read here, so that a change made within it does not make them the process's.
public var printOptions: PrintOptions {
  get { PrintOptions.process }
  set { PrintOptions.process = newValue }
}

/// Runs `body`, in which tensors are printed by `options`.
public func withPrintOptions<R, E: Error>(
  _ options: PrintOptions, _ body: () throws(E) -> R
) throws(E) -> R {
  try PrintOptions.$bound.with(options, body)
}
