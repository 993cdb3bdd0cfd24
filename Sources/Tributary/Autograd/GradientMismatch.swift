/// Where a gradient differs from the slope that differences of the function's values give.
public struct GradientMismatch: Error, Sendable, CustomStringConvertible {
  /// By which input the derivative is.
  public let input: Int
  /// By which element of it, in row-major order.
  public let inputElement: Int
  /// Of which output the derivative is.
  public let output: Int
  /// Of which element of it, in row-major order.
  public let outputElement: Int
  /// What the backward pass gave.
  public let analytic: Double
  /// What central differences gave.
  public let numeric: Double

  /// Which derivative, and both of its values, in a sentence.
  public var description: String {
    "the derivative of output \(output), element \(outputElement), by input \(input), element "
      + "\(inputElement): backward gives \(analytic), differences give \(numeric)"
  }
}
