/// What went wrong, where, with which shapes and dtypes, and what to do about it.
///
/// Every operation that checks or allocates throws this type and no other, so that one `try` covers an
/// expression. It is one pointer wide, so a function that can throw it costs its callers nothing.
public struct TensorError: Error, Sendable, CustomStringConvertible {
  /// What sort of thing went wrong, for a program to act on.
  public enum Kind: Sendable {
    /// Shapes that do not fit together.
    case shapeMismatch
    /// A shape that no tensor can have: a negative size, too many dims, more elements than can be addressed.
    case invalidShape
    /// Dtypes that do not fit together, or one that the operation does not take.
    case dtypeMismatch
    case indexOutOfRange
    case invalidArgument
    /// A rule of differentiation broken: a graph used twice, a root without gradient, a leaf changed in place.
    case autograd
    case outOfMemory
    /// A file or text that does not say what it should.
    case malformedData
    /// The pass or task was cancelled; nothing was changed.
    case cancelled
    /// User code (a hook, a branch, a custom function) threw this.
    case underlying(any Error)
    /// The process was forked, and the engine's threads are not in the child.
    case forked
  }

  private final class Contents: Sendable {
    let kind: Kind
    let operation: String
    let shapes: [Shape]
    let dtypes: [DType]
    let message: String

    init(_ kind: Kind, _ operation: String, _ shapes: [Shape], _ dtypes: [DType], _ message: String)
    {
      self.kind = kind
      self.operation = operation
      self.shapes = shapes
      self.dtypes = dtypes
      self.message = message
    }
  }

  private let contents: Contents

  /// An error of one's own, such as one that a custom function throws.
  ///
  /// - Parameters:
  ///   - operation: the operation as it is called.
  ///   - message: a sentence that says what is wrong and what to do.
  public init(
    _ kind: Kind, operation: String, shapes: [Shape] = [], dtypes: [DType] = [], _ message: String
  ) {
    contents = Contents(kind, operation, shapes, dtypes, message)
  }

  package init(
    _ kind: Kind, _ operation: StaticString, shapes: [Shape] = [], dtypes: [DType] = [],
    _ message: String
  ) {
    contents = Contents(kind, "\(operation)", shapes, dtypes, message)
  }

  /// What sort of thing went wrong.
  public var kind: Kind { contents.kind }
  /// The operation as it is called: `matmul`, `add`, ….
  ///
  /// Within a backward pass that of the step that failed: an operation that the derivative is made of (`mul`), one
  /// that only derivatives have, by PyTorch's name (`softmax_backward`), or the node (`MulBackward0`, `CopySlices`).
  public var operation: String { contents.operation }
  /// The shapes of the operands, in order, where shapes matter.
  public var shapes: [Shape] { contents.shapes }
  /// The dtypes of the operands, in order, where dtypes matter.
  public var dtypes: [DType] { contents.dtypes }
  /// A sentence that says what is wrong and what to do.
  public var message: String { contents.message }

  /// The operation, the message, and the shapes and dtypes if there are any, in one line.
  public var description: String {
    var text = "\(operation): \(message)"
    if !shapes.isEmpty { text += " (shapes \(shapes.map(\.description).joined(separator: ", ")))" }
    if !dtypes.isEmpty { text += " (dtypes \(dtypes.map(\.description).joined(separator: ", ")))" }
    return text
  }

  /// What user code threw, as this type; an error that is one already passes through.
  package static func wrapping(_ error: any Error, _ operation: StaticString) -> TensorError {
    if let error = error as? TensorError { return error }
    if error is CancellationError {
      return TensorError(.cancelled, operation, "the task was cancelled; nothing was changed")
    }
    return TensorError(.underlying(error), operation, "user code threw: \(error)")
  }
}
