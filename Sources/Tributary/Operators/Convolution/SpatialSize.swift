/// A number for each spatial dim of a convolution or pooling, or one for all: `2`, `[2, 1]`.
public struct SpatialSize: Sendable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  private let values: Shape

  /// One number for all dims.
  public init(_ value: Int) { values = [value] }

  /// A number for each dim, outermost first; one stands for all.
  public init(_ values: some Collection<Int>) { self.values = Shape(values) }

  /// As ``init(_:)``.
  public init(integerLiteral value: Int) { values = [value] }

  /// As ``init(_:)``.
  public init(arrayLiteral values: Int...) { self.values = Shape(values) }

  /// One number for each of `dims` dims, unchecked but for how many they are.
  package func perDim(_ dims: Int, _ operation: String) throws(TensorError) -> [Int] {
    guard values.rank == 1 || values.rank == dims else {
      throw TensorError(
        .invalidArgument, operation: operation,
        "\(values.rank) numbers were given; give one, or \(dims) for \(dims) spatial dims")
    }
    return values.rank == dims ? Array(values) : Array(repeating: values[0], count: dims)
  }

  /// One number for each of `dims` dims, each in `least` … 2³¹ − 1: so that sums and products of a few do not overflow.
  package func sizes(
    _ dims: Int, atLeast least: Int, _ name: String, _ operation: StaticString
  ) throws(TensorError) -> Shape {
    guard values.rank == 1 || values.rank == dims else {
      throw TensorError(
        .invalidArgument, operation,
        "\(name) has \(values.rank) numbers; give one, or \(dims) for \(dims) spatial dims")
    }
    for value in values where value < least || value > Int(Int32.max) {
      throw TensorError(
        .invalidArgument, operation,
        "\(name) \(value) is out of range; it must be at least \(least) and below 2³¹")
    }
    return values.rank == dims ? values : Shape(repeating: values[0], rank: dims)
  }
}

/// What a convolution puts around its input: numbers of zeros for each spatial dim (`1`, `[1, 2]`), or a rule.
public struct ConvolutionPadding: Sendable, ExpressibleByIntegerLiteral,
  ExpressibleByArrayLiteral
{
  enum Rule {
    case zeros(SpatialSize), same
  }

  let rule: Rule

  /// None.
  public static var valid: ConvolutionPadding { ConvolutionPadding(0) }

  /// As many zeros as give the result the input's size; for a stride of 1. An odd one comes behind.
  public static var same: ConvolutionPadding { ConvolutionPadding(rule: .same) }

  private init(rule: Rule) { self.rule = rule }

  /// So many zeros on both sides of each dim.
  public init(_ size: SpatialSize) { rule = .zeros(size) }

  /// As ``init(_:)``.
  public init(integerLiteral value: Int) { rule = .zeros(SpatialSize(value)) }

  /// As ``init(_:)``.
  public init(arrayLiteral values: Int...) { rule = .zeros(SpatialSize(values)) }
}
