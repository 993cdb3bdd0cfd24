import CTributaryKernels
import Foundation
import TributarySplitMix

/// One convolution: tensors in memory, and what the definition in tri_conv.h gives, element by element.
final class ConvCase<T: GemmElement> {
  struct Sizes: CustomStringConvertible {
    var batch = 1
    var groups = 1
    var channels = 1
    var filters = 1
    var image = [1, 1, 1]
    var map = [1, 1, 1]
    var kernel = [1, 1, 1]
    var stride = [1, 1, 1]
    var padding = [0, 0, 0]
    var dilation = [1, 1, 1]

    var description: String {
      "\(batch)x\(groups)x\(channels)x\(filters), image \(image), map \(map), kernel \(kernel), "
        + "stride \(stride), padding \(padding), dilation \(dilation)"
    }

    /// Of one to three spatial dims, the map as large as the image allows.
    init(_ random: inout SplitMix) {
      batch = 1 + random.below(4)
      groups = random.oneIn(3) ? 1 + random.below(3) : 1
      channels = 1 + random.below(random.oneIn(3) ? 60 : 4)
      filters = 1 + random.below(random.oneIn(3) ? 60 : 6)
      if random.oneIn(3) { (groups, channels, filters) = (1 + random.below(40), 1, 1) }
      let dims = 1 + random.below(3)
      for d in 3 - dims..<3 {
        repeat {
          kernel[d] = 1 + random.below(4)
          stride[d] = random.oneIn(2) ? 1 : 1 + random.below(5)
          dilation[d] = random.oneIn(2) ? 1 : 1 + random.below(3)
          padding[d] = random.below(4)
          image[d] = 1 + random.below([300, 20, 7][dims - 1])
          let room = image[d] + 2 * padding[d] - (kernel[d] - 1) * dilation[d] - 1
          map[d] = room < 0 ? 0 : room / stride[d] + 1
        } while map[d] == 0
      }
    }

    /// The image's element under kernel position `t` of map element `o`; nil outside of it.
    func image(_ o: [Int], _ t: [Int]) -> [Int]? {
      let at = (0..<3).map { o[$0] * stride[$0] + t[$0] * dilation[$0] - padding[$0] }
      return zip(at, image).allSatisfy { $0 >= 0 && $0 < $1 } ? at : nil
    }

    /// Whether kernel position `t` meets image element `i` by the stride, and the map's element, nil outside of it.
    func map(_ i: [Int], _ t: [Int]) -> (meets: Bool, element: [Int]?) {
      let at = (0..<3).map { i[$0] + padding[$0] - t[$0] * dilation[$0] }
      guard zip(at, stride).allSatisfy({ $0 % $1 == 0 }) else { return (false, nil) }
      let o = zip(at, stride).map { $0 / $1 }
      return (true, zip(o, map).allSatisfy { $0 >= 0 && $0 < $1 } ? o : nil)
    }
  }

  let sizes: Sizes
  let (x, y, w, bias): ([T], [T], [T], [T])

  /// - Parameter weights: the value of all weights; nil: random ones.
  init(_ sizes: Sizes, _ random: inout SplitMix, weights: T? = nil) {
    self.sizes = sizes
    func values(_ count: Int) -> [T] {
      (0..<count).map { _ in T(random.real(in: -1...1)) }
    }
    let s = sizes
    x = values(s.batch * s.groups * s.channels * s.image.reduce(1, *))
    y = values(s.batch * s.groups * s.filters * s.map.reduce(1, *))
    w = values(s.groups * s.filters * s.channels * s.kernel.reduce(1, *)).map { weights ?? $0 }
    bias = values(s.groups * (s.filters + s.channels))
  }

  private static func places(_ sizes: [Int]) -> [[Int]] {
    (0..<sizes.reduce(1, *)).map { n in
      [n / (sizes[1] * sizes[2]), n / sizes[2] % sizes[1], n % sizes[2]]
    }
  }

  private static func index(_ place: [Int], _ sizes: [Int]) -> Int {
    (place[0] * sizes[1] + place[1]) * sizes[2] + place[2]
  }

  /// Chains of 512 in the order given, joined left to right.
  private struct Chain {
    var (sum, block, count, joined) = (T(0), T(0), 0, false)

    mutating func add(_ a: T, _ b: T) {
      if count == 512 {
        sum = joined ? sum + block : block
        (joined, block, count) = (true, 0, 0)
      }
      block.addProduct(a, b)
      count += 1
    }

    var value: T { joined ? sum + block : block }
  }

  /// `untouched` where no kernel position meets an element of the image.
  func reference(_ kind: tri_conv_kind, bias hasBias: Bool, untouched: T) -> [T] {
    let s = sizes
    let (outer, taps) = (s.batch * s.groups, Self.places(s.kernel))
    let (images, maps) = (Self.places(s.image), Self.places(s.map))
    func at(_ x: [T], _ n: Int, _ place: [Int]?, _ sizes: [Int]) -> T {
      place.map { x[n * sizes.reduce(1, *) + Self.index($0, sizes)] } ?? 0
    }
    func weight(_ f: Int, _ c: Int, _ t: [Int]) -> T { at(w, f * s.channels + c, t, s.kernel) }
    var result: [T] = []
    switch kind {
    case TRI_CONV_MAP:
      for ng in 0..<outer {
        for f in 0..<s.filters {
          let filter = ng % s.groups * s.filters + f
          for o in maps {
            var chain = Chain()
            for c in 0..<s.channels {
              for t in taps {
                chain.add(weight(filter, c, t), at(x, ng * s.channels + c, s.image(o, t), s.image))
              }
            }
            result.append(hasBias ? chain.value + bias[filter] : chain.value)
          }
        }
      }
    case TRI_CONV_IMAGE:
      for ng in 0..<outer {
        for c in 0..<s.channels {
          for i in images {
            var (chain, met) = (Chain(), false)
            for f in 0..<s.filters {
              for t in taps {
                let (meets, o) = s.map(i, t)
                if !meets { continue }
                met = true
                chain.add(
                  weight(ng % s.groups * s.filters + f, c, t), at(y, ng * s.filters + f, o, s.map))
              }
            }
            let sum = hasBias ? chain.value + bias[ng % s.groups * s.channels + c] : chain.value
            result.append(met ? sum : untouched)
          }
        }
      }
    default:
      for f in 0..<s.groups * s.filters {
        for c in 0..<s.channels {
          for t in taps {
            var chain = Chain()
            for n in 0..<s.batch {
              let group = f / s.filters
              for o in maps {
                chain.add(
                  at(x, (n * s.groups + group) * s.channels + c, s.image(o, t), s.image),
                  at(y, n * s.groups * s.filters + f, o, s.map))
              }
            }
            result.append(chain.value)
          }
        }
      }
    }
    return result
  }

  /// By a plan, in ranges of `step` units from the last to the first; into a buffer full of `untouched`.
  func run(
    _ table: UnsafePointer<tri_kernels>, _ kind: tri_conv_kind, bias hasBias: Bool, step: Int,
    untouched: T
  ) -> [T] {
    var (x, y, w) = (x, y, w)
    switch kind {
    case TRI_CONV_MAP: y = y.map { _ in untouched }
    case TRI_CONV_IMAGE: x = x.map { _ in untouched }
    default: w = w.map { _ in untouched }
    }
    let s = sizes
    func three(_ a: [Int]) -> (Int64, Int64, Int64) { (Int64(a[0]), Int64(a[1]), Int64(a[2])) }
    x.withUnsafeMutableBytes { x in
      y.withUnsafeMutableBytes { y in
        w.withUnsafeMutableBytes { w in
          bias.withUnsafeBytes { bias in
            guard let x = x.baseAddress, let y = y.baseAddress, let w = w.baseAddress else {
              return
            }
            var problem = tri_conv_problem(
              dtype: T.kernelType, kind: kind, batch: Int64(s.batch), groups: Int64(s.groups),
              channels: Int64(s.channels), filters: Int64(s.filters), image: three(s.image),
              map: three(s.map), kernel: three(s.kernel), stride: three(s.stride),
              padding: three(s.padding), dilation: three(s.dilation), x: x, w: w, y: y,
              bias: hasBias ? bias.baseAddress : nil)
            let conv = table.pointee.conv
            var plan = tri_conv_plan()
            conv.plan(&problem, &plan)
            // Ones in every bit are a NaN: what is read without having been written shows.
            let shared = Self.scratch(plan.shared_bytes)
            let workspace = Self.scratch(plan.workspace_bytes)
            Self.ranges(plan.pack_units, step) { conv.pack(&plan, &problem, $0, $1, shared) }
            Self.ranges(plan.tiles, step) { conv.run(&plan, &problem, shared, $0, $1, workspace) }
            Self.ranges(plan.join_units, step) { conv.join(&plan, &problem, shared, $0, $1) }
            free(shared)
            free(workspace)
          }
        }
      }
    }
    return kind == TRI_CONV_MAP ? y : kind == TRI_CONV_IMAGE ? x : w
  }

  private static func scratch(_ bytes: Int64) -> UnsafeMutableRawPointer? {
    if bytes == 0 { return nil }
    let memory = aligned_alloc(64, (Int(bytes) + 63) / 64 * 64)
    if let memory { memset(memory, 0xff, Int(bytes)) }
    return memory
  }

  private static func ranges(_ count: Int64, _ step: Int, _ body: (Int64, Int64) -> Void) {
    var end = count
    while end > 0 {
      let first = max(0, end - Int64(step))
      body(first, end)
      end = first
    }
  }
}
