import Testing
import Tributary

/// A node of several outputs may have one only: the gradient must go through it all the same.
@Suite struct SplitIntoOneTests {
  @Test func gradientReachesTheLeaf() throws {
    let x = try Tensor([[1.0, 2, 3]], requiresGrad: true)
    for parts in [try x.unbind(0), try x.split(5), try x.chunk(1), try x.split([1], dim: 0)] {
      #expect(parts.count == 1)
      try x.setGrad(nil)
      try (parts[0] * 2).sum().backward()
      #expect(try x.grad?.scalars(as: Double.self) == [2, 2, 2])
    }
  }
}
