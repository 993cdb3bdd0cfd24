extension Tensor {
  /// For each of these class numbers a row of zeros with a one at it: int64, [...shape, numClasses].
  ///
  /// - Parameter numClasses: nil: the greatest number and one more
  /// - Throws: unless the numbers are int64 or int32, and 0 or more and below `numClasses`; and, without `numClasses`,
  ///   for a tensor without elements.
  public func oneHot(numClasses: Int? = nil) throws(TensorError) -> Tensor {
    guard dtype == .int64 || dtype == .int32 else {
      throw TensorError(
        .dtypeMismatch, "oneHot", dtypes: [dtype],
        "class numbers are int64 or int32; convert with to(_:) first")
    }
    guard count > 0 || numClasses != nil else {
      throw TensorError(
        .invalidArgument, "oneHot", shapes: [shape],
        "of no class numbers the greatest is not known; say numClasses")
    }
    let least = count > 0 ? try amin().item(as: Int.self) : 0
    let greatest = count > 0 ? try amax().item(as: Int.self) : -1
    let classes = numClasses ?? greatest.addingReportingOverflow(1).partialValue
    guard classes >= 0, greatest < classes, least >= 0 else {
      throw TensorError(
        .indexOutOfRange, "oneHot", shapes: [shape],
        "class numbers must be 0 or more and below \(classes); they are \(least) to \(greatest)")
    }
    return try unsqueeze(-1).eq(Tensor.arange(classes)).to(.int64)
  }
}
