import CTributaryKernels
import Testing
import TributarySplitMix

/// Every path and every range gives the bits of the definition.
@Suite struct ConvTests {
  func check<T: GemmElement>(_ cases: [ConvCase<T>.Sizes], seed: UInt64) {
    var random = SplitMix(seed: seed)
    for sizes in cases {
      let one = ConvCase<T>(sizes, &random)
      let (bias, step) = (random.oneIn(2), 1 + random.below(4))
      for kind in [TRI_CONV_MAP, TRI_CONV_IMAGE, TRI_CONV_WEIGHT] {
        let expected = one.reference(kind, bias: bias, untouched: 1000)
        for table in KernelPaths.all {
          let found = one.run(table, kind, bias: bias, step: step, untouched: 1000)
          let path = String(cString: tri_path_name(table.pointee.path))
          #expect(sameBits(found, expected), "kind \(kind.rawValue) on \(path): \(T.self) \(sizes)")
        }
      }
    }
  }

  func random<T: GemmElement>(_: T.Type, _ count: Int, seed: UInt64) {
    var random = SplitMix(seed: seed)
    check((0..<count).map { _ in ConvCase<T>.Sizes(&random) }, seed: seed)
  }

  @Test func randomGeometriesFloat() { random(Float.self, 40, seed: 1) }

  @Test func randomGeometriesDouble() { random(Double.self, 40, seed: 2) }

  /// Blocks of k that begin within a sample, several blocks, images cut into pieces, and a map larger or smaller than
  /// the image asks for.
  func shapes<T: GemmElement>(_: T.Type) {
    var random = SplitMix(seed: 3)
    var all: [ConvCase<T>.Sizes] = []
    func add(_ change: (inout ConvCase<T>.Sizes) -> Void) {
      var sizes = ConvCase<T>.Sizes(&random)
      (sizes.batch, sizes.groups, sizes.channels, sizes.filters) = (1, 1, 1, 1)
      (sizes.image, sizes.map, sizes.kernel) = ([1, 1, 1], [1, 1, 1], [1, 1, 1])
      (sizes.stride, sizes.padding, sizes.dilation) = ([1, 1, 1], [0, 0, 0], [1, 1, 1])
      change(&sizes)
      all.append(sizes)
    }
    add {
      ($0.batch, $0.channels, $0.filters) = (12, 70, 17)
      ($0.image, $0.map, $0.kernel, $0.padding) = ([1, 7, 7], [1, 7, 7], [1, 3, 3], [0, 1, 1])
    }
    add {
      ($0.batch, $0.channels, $0.filters) = (2, 3, 5)
      ($0.image, $0.map, $0.kernel, $0.padding) = (
        [1, 33, 40], [1, 33, 40], [1, 2, 4], [0, 0, 1]
      )
    }
    add {
      ($0.batch, $0.filters, $0.image, $0.map) = (3, 2, [1, 1, 2000], [1, 1, 996])
      ($0.kernel, $0.stride, $0.padding) = ([1, 1, 9], [1, 1, 2], [0, 0, 0])
    }
    add {
      ($0.channels, $0.filters, $0.image, $0.map) = (300, 40, [1, 20, 20], [1, 12, 11])
      ($0.kernel, $0.stride, $0.padding) = ([1, 1, 1], [1, 2, 2], [0, 1, 0])
    }
    check(all, seed: 4)
  }

  @Test func shapesFloat() { shapes(Float.self) }

  @Test func shapesDouble() { shapes(Double.self) }

  /// What is outside of the image is a factor of zero: an infinite weight there makes a NaN, on every path.
  @Test func paddingIsMultiplied() {
    var random = SplitMix(seed: 5)
    var sizes = ConvCase<Float>.Sizes(&random)
    (sizes.batch, sizes.groups, sizes.channels, sizes.filters) = (1, 1, 1, 1)
    (sizes.image, sizes.map, sizes.kernel) = ([1, 4, 4], [1, 4, 4], [1, 3, 3])
    (sizes.stride, sizes.padding, sizes.dilation) = ([1, 1, 1], [0, 1, 1], [1, 1, 1])
    let one = ConvCase<Float>(sizes, &random, weights: .infinity)
    for table in KernelPaths.all {
      let found = one.run(table, TRI_CONV_MAP, bias: false, step: 1, untouched: 0)
      #expect(found[0].isNaN && !found[5].isFinite)
    }
  }
}
