/// What may stand between the brackets of a tensor: Int, ranges of Int, tensors, and ``TensorIndex``.
public protocol TensorIndexing {
  /// This value as an index.
  var tensorIndex: TensorIndex { get }
}

/// One index of a tensor's subscript.
public struct TensorIndex: Sendable, TensorIndexing {
  package enum Kind: Sendable {
    case integer(Int)
    case slice(start: Int?, end: Int?, step: Int)
    case all
    case ellipsis
    case newAxis
    case tensor(Tensor)
  }

  package let kind: Kind

  package init(_ kind: Kind) { self.kind = kind }

  /// Itself.
  public var tensorIndex: TensorIndex { self }
}

extension TensorIndexing where Self == TensorIndex {
  /// As many whole dims as the other indices leave.
  public static var ellipsis: TensorIndex { TensorIndex(.ellipsis) }
  /// A new dim of size one.
  public static var newAxis: TensorIndex { TensorIndex(.newAxis) }
  /// A whole dim.
  public static var all: TensorIndex { TensorIndex(.all) }

  /// Positions as Python slices: bounds may be negative, counting from the end, and are drawn in where they
  /// lie past the ends; the step is positive.
  public static func slice(
    _ start: Int? = nil, _ end: Int? = nil, step: Int = 1
  ) -> TensorIndex {
    TensorIndex(.slice(start: start, end: end, step: step))
  }
}

extension Int: TensorIndexing {
  /// One position, whose dim is dropped; a negative one counts from the end.
  public var tensorIndex: TensorIndex { TensorIndex(.integer(self)) }
}

extension Range: TensorIndexing where Bound == Int {
  /// The positions of the range; negative bounds count from the end, those past the ends are drawn in.
  public var tensorIndex: TensorIndex {
    TensorIndex(.slice(start: lowerBound, end: upperBound, step: 1))
  }
}

extension ClosedRange: TensorIndexing where Bound == Int {
  /// The positions of the range, the last included; negative bounds count from the end.
  public var tensorIndex: TensorIndex {
    TensorIndex(.slice(start: lowerBound, end: TensorIndex.end(after: upperBound), step: 1))
  }
}

extension PartialRangeFrom: TensorIndexing where Bound == Int {
  /// The positions from the bound to the end of the dim.
  public var tensorIndex: TensorIndex {
    TensorIndex(.slice(start: lowerBound, end: nil, step: 1))
  }
}

extension PartialRangeUpTo: TensorIndexing where Bound == Int {
  /// The positions before the bound.
  public var tensorIndex: TensorIndex { TensorIndex(.slice(start: nil, end: upperBound, step: 1)) }
}

extension PartialRangeThrough: TensorIndexing where Bound == Int {
  /// The positions up to the bound, which is included: `...(-1)` is all of them.
  public var tensorIndex: TensorIndex {
    TensorIndex(.slice(start: nil, end: TensorIndex.end(after: upperBound), step: 1))
  }
}

extension TensorIndex {
  /// The bound after an included one: the end of the dim after its last position, -1.
  fileprivate static func end(after last: Int) -> Int? {
    last == -1 || last == .max ? nil : last + 1
  }
}

extension Tensor: TensorIndexing {
  /// Positions, of an integer dtype, or, of bool, a mask.
  public var tensorIndex: TensorIndex { TensorIndex(.tensor(self)) }
}
