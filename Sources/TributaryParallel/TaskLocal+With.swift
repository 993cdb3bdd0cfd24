extension TaskLocal {
  /// Runs `body` with this value bound to `value`, and throws what `body` throws. Holds in child tasks.
  @inlinable
  package func with<R, E: Error>(
    _ value: Value, _ body: () throws(E) -> R
  ) throws(E) -> R {
    // `withValue` rethrows untyped; the result carries the type across it.
    let result: Result<R, E> = withValue(value) {
      do throws(E) { return .success(try body()) } catch { return .failure(error) }
    }
    return try result.get()
  }

  /// The same for an asynchronous body.
  @inlinable
  package func with<R, E: Error>(
    _ value: Value, isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws(E) -> R
  ) async throws(E) -> R {
    let result: Result<R, E> = await withValue(
      value,
      operation: {
        do throws(E) { return .success(try await body()) } catch { return .failure(error) }
      }, isolation: isolation)
    return try result.get()
  }
}
