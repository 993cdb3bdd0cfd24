extension Unmanaged {
  /// Calls `body` with the instance, to which no reference is counted.
  ///
  /// SAFETY: for callers that know the instance to be held by something else until `body` has returned.
  @inline(__always)
  func borrowed<R, E: Error>(_ body: (Instance) throws(E) -> R) throws(E) -> R {
    // The library's own call forgets the error's type.
    try _withUnsafeGuaranteedRef { instance -> Result<R, E> in
      do throws(E) { return .success(try body(instance)) } catch { return .failure(error) }
    }.get()
  }
}
