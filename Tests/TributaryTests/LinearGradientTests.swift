import Testing
import Tributary

/// Views, joins and indices are linear: their gradient is the transposed map, and its gradient the map again.
/// With small whole numbers all sums are exact, so both can be asked for to the bit.
@Suite struct LinearGradientTests {
  struct Map: Sendable, CustomTestStringConvertible {
    let name: String
    let shape: Shape
    let apply: @Sendable (Tensor) throws -> Tensor
    var testDescription: String { name }

    init(_ name: String, _ shape: Shape, _ apply: @escaping @Sendable (Tensor) throws -> Tensor) {
      (self.name, self.shape, self.apply) = (name, shape, apply)
    }
  }

  static let maps: [Map] = [
    Map("clone", [2, 3]) { try $0.clone() },
    Map("contiguous", [2, 3]) { try $0.t().contiguous() },
    Map("view", [2, 3]) { try $0.view([3, 2]) },
    Map("reshape", [2, 3, 2]) { try $0.transpose(0, 2).reshape([4, 3]) },
    Map("flatten", [2, 3, 2]) { try $0.flatten(startDim: 1) },
    Map("unflatten", [2, 6]) { try $0.unflatten(1, [2, 3]) },
    Map("transpose", [2, 3, 2]) { try $0.transpose(0, 1) },
    Map("t", [2, 3]) { try $0.t() },
    Map("permute", [2, 3, 4]) { try $0.permute([2, 0, 1]) },
    Map("movedim", [2, 3, 4]) { try $0.movedim(0, -1) },
    Map("expand", [2, 1, 3]) { try $0.expand([2, 2, 4, 3]) },
    Map("expand a number", []) { try $0.expand([3, 2]) },
    Map("squeeze", [1, 3, 1]) { try $0.squeeze() },
    Map("squeeze a dim", [1, 3, 1]) { try $0.squeeze(0) },
    Map("unsqueeze", [2, 3]) { try $0.unsqueeze(1) },
    Map("select", [2, 3]) { try $0.select(1, -1) },
    Map("slice", [5, 3]) { try $0.slice(0, start: 1, step: 2) },
    Map("empty slice", [5, 3]) { try $0.slice(0, start: 5) },
    Map("narrow", [5, 3]) { try $0.narrow(0, 1, 3) },
    Map("diagonal", [3, 4]) { try $0.diagonal(offset: 1) },
    Map("asStrided", [3, 4]) { try $0.asStrided([2, 2], strides: [5, 1], offset: 1) },
    Map("asStrided, overlapping", [3, 4]) { try $0.asStrided([3, 4], strides: [1, 2]) },
    Map("split", [5, 2]) { try $0.split(2)[1].mul(3) },
    Map("split, all parts", [5, 2]) {
      try Tensor.cat($0.split([1, 3, 1]).reversed(), dim: 0)
    },
    Map("chunk", [2, 5]) { try $0.chunk(2, dim: 1)[1] },
    Map("unbind", [3, 2]) { x in
      let parts = try x.unbind()
      return try parts[0].mul(2).add(parts[2])
    },
    Map("cat", [2, 3]) { try Tensor.cat([$0, $0.mul(2), $0.slice(1, end: 1)], dim: 1) },
    Map("cat of strided parts", [3, 3]) { try Tensor.cat([$0.t(), $0], dim: 0) },
    Map("stack", [2, 3]) { try Tensor.stack([$0, $0.mul(2), $0], dim: 1) },
    Map("stack of strided parts", [3, 3]) { try Tensor.stack([$0.t(), $0], dim: -1) },
    Map("repeat", [2, 3]) { try $0.repeat([2, 3, 2]) },
    Map("tile", [2, 3]) { try $0.tile([2]) },
    Map("flip", [2, 3]) { try $0.flip([0, 1]) },
    Map("index", [4, 3]) { try $0[1..., .newAxis, -1] },
    Map("index by a tensor", [4, 3]) { try $0[Tensor([3, 0, 3, -1])] },
    Map("index by two tensors", [4, 3, 2]) { try $0[Tensor([[0], [3]]), Tensor([2, 0, 2])] },
    Map("index by tensors apart", [4, 3, 2]) { try $0[Tensor([1, 1]), .all, Tensor([0, 1])] },
    Map("index in the middle", [2, 4, 3]) { try $0[.all, Tensor([3, 3, 0])] },
    Map("index by bools", [2, 3]) {
      try $0[Tensor([[true, false, true], [false, true, false]])]
    },
    Map("indexSelect", [4, 3]) { try $0.indexSelect(1, Tensor([2, 2, 0])) },
    Map("gather", [3, 4]) { try $0.gather(1, Tensor([[0, 3, 3], [1, 1, 1]])) },
    Map("whole", [2, 3]) { try $0[.ellipsis] },
  ]

  private func numbers(_ shape: Shape, from first: Int) throws -> Tensor {
    let count = shape.reduce(1, *)
    return try Tensor(scalars: (0..<count).map { Double(($0 * 7 + first) % 11 - 5) }, shape: shape)
  }

  private func dot(_ a: Tensor, _ b: Tensor) throws -> Double {
    let (x, y) = (try a.scalars(as: Double.self), try b.scalars(as: Double.self))
    #expect(a.shape == b.shape)
    return zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
  }

  @Test(arguments: maps) func gradientIsTheTransposedMap(map: Map) throws {
    let x = try numbers(map.shape, from: 1).requiresGrad_()
    let y = try map.apply(x)
    #expect(y.requiresGrad)
    let v = try numbers(y.shape, from: 4).requiresGrad_()
    let gradients = try Tensor.grad(
      of: [y], withRespectTo: [x], gradients: [v], createGraph: true)
    let g = try #require(gradients[0])
    #expect(g.shape == x.shape)
    #expect(try dot(v, y) == dot(g, x))
    // The map of any u is the gradient of ⟨u, g⟩ by v.
    let u = try numbers(map.shape, from: 9)
    let second = try Tensor.grad(of: [g], withRespectTo: [v], gradients: [u])
    let expected = try map.apply(u)
    #expect(try #require(second[0]).scalars(as: Double.self) == expected.scalars(as: Double.self))
  }

  @Test func stridedGradientsAreTaken() throws {
    for map in Self.maps {
      let x = try numbers(map.shape, from: 1).requiresGrad_()
      let y = try map.apply(x)
      let one = try Tensor.ones([], dtype: .float64).expand(y.shape)
      try y.backward(gradient: one)
      let total = try y.detach().scalars(as: Double.self).reduce(0, +)
      #expect(try dot(#require(x.grad), x) == total, "\(map.name)")
    }
  }
}
