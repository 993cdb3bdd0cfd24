import Testing
import Tributary

/// Results so large that they are stored past the caches on some processors are those of their parts, which are not.
@Suite struct LargeResultTests {
  private static let count = 7_000_000

  private func isMadeOfParts(
    _ x: Tensor, _ y: Tensor, _ operation: (Tensor, Tensor) throws -> Tensor
  ) throws -> Bool {
    let whole = try operation(x, y)
    let step = 1_500_000
    for start in stride(from: 0, to: x.count, by: step) {
      let end = min(start + step, x.count)
      let part = try operation(
        x.slice(0, start: start, end: end), y.slice(0, start: start, end: end))
      guard try whole.slice(0, start: start, end: end).equal(part) else { return false }
    }
    return true
  }

  @Test(arguments: [1, 3]) func largeResultsAreThoseOfTheirParts(_ width: Int) throws {
    try withThreads(width) {
      let x = try Tensor.randn([Self.count])
      let y = try Tensor.randn([Self.count])
      #expect(try isMadeOfParts(x, y) { try $0 + $1 })
      #expect(try isMadeOfParts(x, y) { x, _ in try x * 1.7 })
      #expect(try isMadeOfParts(x, y) { x, _ in try x.exp() })
      #expect(try isMadeOfParts(x, y) { x, _ in try x.to(.float64) })
      #expect(try isMadeOfParts(x, y) { x, _ in try x.clone() })
      #expect(try isMadeOfParts(x, y) { try Tensor.where($0.lt($1), $0, $1) })
      #expect(try isMadeOfParts(x, y) { try $0.clone().add_($1) })
      let halves = try Tensor.cat([x, y]).to(.float16)
      #expect(try isMadeOfParts(halves, halves) { x, _ in try x * 1.01 })
      // One element past the start: aligned otherwise.
      let (out, tail) = (try Tensor.empty([Self.count]), try x.slice(0, start: 1))
      _ = try out.slice(0, start: 1).copy_(tail)
      #expect(try out.slice(0, start: 1).equal(tail))
    }
  }
}
