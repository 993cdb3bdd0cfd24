import Glibc

/// Numbers as text, by the C library's exact rounding and without its locale.
enum NumberText {
  /// `%.{digits}f` or `%.{digits}e`.
  static func text(_ value: Double, digits: Int, scientific: Bool) -> String {
    // Python's spelling, which also drops the sign of a NaN.
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    let format = scientific ? "%.*e" : "%.*f"
    // Past 1,100 digits every double has ended.
    let digits = Int32(Swift.min(Swift.max(digits, 0), 1100))
    return withVaList([digits, value]) { arguments in
      // The sign, 309 digits before the point, the point, those after it, the ending zero.
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(digits) + 320) { text in
        guard let base = text.baseAddress else { return "" }
        // SAFETY: at most the capacity is written, and always a zero at the end.
        vsnprintf(base, text.count, format, arguments)
        return String(cString: base)
      }
    }
  }

  // SAFETY: made once, never changed and never freed.
  private nonisolated(unsafe) static let plainLocale = newlocale(1 << LC_NUMERIC, "C", nil)

  /// Runs `body` with the decimal point that PyTorch prints, whatever the program's locale says.
  static func withPlainLocale<R>(_ body: () -> R) -> R {
    guard let plainLocale else { return body() }
    let previous = uselocale(plainLocale)
    defer { _ = uselocale(previous) }
    return body()
  }
}
