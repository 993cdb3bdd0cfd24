import Testing
import Tributary

/// Expects `body` to throw a `TensorError` of the operation `operation` that says something.
func expectError<R>(
  _ operation: String, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws(TensorError) -> R
) {
  do throws(TensorError) {
    _ = try body()
    Issue.record("\(operation) threw nothing", sourceLocation: sourceLocation)
  } catch {
    #expect(error.operation == operation, sourceLocation: sourceLocation)
    #expect(!error.message.isEmpty, sourceLocation: sourceLocation)
  }
}
