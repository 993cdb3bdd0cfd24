import CTributaryKernels
import CTributaryShims
import TributaryParallel

/// The kernels of the path in force, chosen once.
// SAFETY: a constant table in static memory.
package nonisolated(unsafe) let kernels: UnsafePointer<tri_kernels> = tri_kernels_default()

/// Runs a kernel's map over operands that broadcast to the result's shape.
///
/// The one driver of all elementwise operators: dense operands go to the kernel as they are, others through
/// the strided driver; large ones are split over the team in tiles of ``tileElements``.
package enum ElementwiseMap {
  /// Elements a tile. Which elements form a tile reaches no bit of an elementwise result.
  package static let tileElements = 1 << 14

  /// Estimated nanoseconds an element, on one core.
  package struct Cost {
    package let nanoseconds: Double
    /// Bound by memory: add, copy, compare.
    package static let plain = Cost(nanoseconds: 0.15)
    /// Quotients and square roots.
    package static let division = Cost(nanoseconds: 0.4)
    /// A polynomial: exp, tanh, erf.
    package static let function = Cost(nanoseconds: 0.8)
    /// Powers, and remainders by long division.
    package static let power = Cost(nanoseconds: 4)
  }

  /// How an operand lies against a dense result of `count` elements.
  private enum Fit { case dense, single, strided }

  @inline(__always)
  private static func fit(_ x: Tensor, _ out: Tensor) -> Fit {
    // A result has at least as many elements as each operand, so equal counts are equal shapes but for
    // dims of size one, which do not move an element.
    if x.layout.count == out.layout.count, x.layout.isContiguous { return .dense }
    return x.layout.count == 1 ? .single : .strided
  }

  @inline(__always)
  package static func run(
    _ map: tri_map_fn, _ a: Tensor, into out: Tensor, parameters: UnsafePointer<Double>? = nil,
    cost: Cost = .plain
  ) {
    let fit = fit(a, out)
    if fit == .strided || !out.layout.isContiguous {
      return strided(map, a, into: out, parameters: parameters, cost: cost)
    }
    direct(
      map, a.pointer, nil, nil, out, broadcast: fit == .single ? TRI_BROADCAST_A : 0,
      sizes: (a.dtype.itemSize, 0, 0), parameters: parameters, cost: cost)
  }

  @inline(__always)
  package static func run(
    _ map: tri_map_fn, _ a: Tensor, _ b: Tensor, into out: Tensor,
    parameters: UnsafePointer<Double>? = nil, cost: Cost = .plain
  ) {
    let (fitA, fitB) = (fit(a, out), fit(b, out))
    if fitA == .strided || fitB == .strided || !out.layout.isContiguous {
      return strided(map, a, b, into: out, parameters: parameters, cost: cost)
    }
    let mask =
      (fitA == .single ? TRI_BROADCAST_A : 0) | (fitB == .single ? TRI_BROADCAST_B : 0)
    direct(
      map, a.pointer, b.pointer, nil, out, broadcast: mask,
      sizes: (a.dtype.itemSize, b.dtype.itemSize, 0), parameters: parameters, cost: cost)
  }

  package static func run(
    _ map: tri_map_fn, _ a: Tensor, _ b: Tensor, _ c: Tensor, into out: Tensor,
    parameters: UnsafePointer<Double>? = nil, cost: Cost = .plain
  ) {
    let (fitA, fitB, fitC) = (fit(a, out), fit(b, out), fit(c, out))
    if fitA == .strided || fitB == .strided || fitC == .strided || !out.layout.isContiguous {
      return strided(map, a, b, c, into: out, parameters: parameters, cost: cost)
    }
    let mask =
      (fitA == .single ? TRI_BROADCAST_A : 0) | (fitB == .single ? TRI_BROADCAST_B : 0)
      | (fitC == .single ? TRI_BROADCAST_C : 0)
    direct(
      map, a.pointer, b.pointer, c.pointer, out, broadcast: mask,
      sizes: (a.dtype.itemSize, b.dtype.itemSize, c.dtype.itemSize), parameters: parameters,
      cost: cost)
  }

  /// With a number as one operand: it is rounded to the dtype that `a` is computed in and read by the kernel as a
  /// repeated element, so that no tensor is made for it. `asElement`: to the dtype of `a` itself, also where that is a
  /// half.
  @inline(__always)
  package static func run(
    _ map: tri_map_fn, _ a: Tensor, scalar: Scalar, scalarFirst: Bool = false,
    asElement: Bool = false, into out: Tensor, cost: Cost = .plain
  ) {
    let isWide = !asElement && a.dtype.isHalf
    var bits = scalar.bits(as: isWide ? .float32 : a.dtype)
    withUnsafeMutableBytes(of: &bits) { raw in
      // SAFETY: the eight bytes of a local variable; never empty.
      let number = raw.baseAddress.unsafelyUnwrapped
      guard a.layout.isContiguous, out.layout.isContiguous else {
        return strided(
          map, a, number: number, isWide: isWide, scalarFirst: scalarFirst, into: out, cost: cost)
      }
      let itemSize = a.dtype.itemSize
      if scalarFirst {
        direct(
          map, number, a.pointer, nil, out,
          broadcast: isWide ? TRI_BROADCAST_A | TRI_WIDE_A : TRI_BROADCAST_A,
          sizes: (itemSize, itemSize, 0), parameters: nil, cost: cost)
      } else {
        direct(
          map, a.pointer, number, nil, out,
          broadcast: isWide ? TRI_BROADCAST_B | TRI_WIDE_B : TRI_BROADCAST_B,
          sizes: (itemSize, itemSize, 0), parameters: nil, cost: cost)
      }
    }
  }

  /// The same with two tensors and a number behind them.
  package static func run(
    _ map: tri_map_fn, _ a: Tensor, _ b: Tensor, scalar: Scalar, into out: Tensor,
    cost: Cost = .plain
  ) {
    var bits = scalar.bits(as: a.dtype.computing)
    withUnsafeMutableBytes(of: &bits) { raw in
      // SAFETY: as above.
      let number = raw.baseAddress.unsafelyUnwrapped
      var nd = StridedOperands(out)
      nd.add(a)
      nd.add(b)
      nd.addNumber(number, beside: a.dtype, isWide: a.dtype.isHalf)
      nd.run(map, parameters: nil, cost: cost)
    }
  }

  @inline(__always)
  private static func direct(
    _ map: tri_map_fn, _ a: UnsafeMutableRawPointer, _ b: UnsafeMutableRawPointer?,
    _ c: UnsafeMutableRawPointer?, _ out: Tensor, broadcast: UInt32, sizes: (Int, Int, Int),
    parameters: UnsafePointer<Double>?, cost: Cost
  ) {
    let n = out.layout.count
    if n <= tileElements {
      withStandardFloatingPoint { map(out.pointer, a, b, c, Int64(n), broadcast, parameters) }
    } else {
      split(
        map, a, b, c, out, broadcast: broadcast, sizes: sizes, parameters: parameters, cost: cost)
    }
  }

  private static func split(
    _ map: tri_map_fn, _ a: UnsafeMutableRawPointer, _ b: UnsafeMutableRawPointer?,
    _ c: UnsafeMutableRawPointer?, _ out: Tensor, broadcast: UInt32, sizes: (Int, Int, Int),
    parameters: UnsafePointer<Double>?, cost: Cost
  ) {
    let n = out.layout.count
    let base = out.pointer
    let outSize = out.dtype.itemSize
    let stepA = broadcast & TRI_BROADCAST_A == 0 ? sizes.0 : 0
    let stepB = broadcast & TRI_BROADCAST_B == 0 ? sizes.1 : 0
    let stepC = broadcast & TRI_BROADCAST_C == 0 ? sizes.2 : 0
    if tri_streams(base, Int64(n * outSize)), base != a, base != b, base != c {
      // The maps that have a loop for it: functions of one input, arithmetic of two. Halves are computed in blocks anyway.
      let isFunction = cost.nanoseconds >= Cost.function.nanoseconds
      if out.dtype == .float32 || out.dtype == .float64, c == nil, isFunction == (b == nil) {
        return forEachTile(of: n, cost: cost) { begin, end in
          // SAFETY: as below.
          tri_map_streaming_each(
            map, base + begin * outSize, a + begin * stepA, b.map { $0 + begin * stepB },
            Int64(end - begin), broadcast, parameters)
        }
      }
      let steps = tri_map_steps(
        out: Int64(outSize), a: Int64(stepA), b: Int64(stepB), c: Int64(stepC))
      return withUnsafePointer(to: steps) { steps in
        forEachTile(of: n, cost: cost) { begin, end in
          // SAFETY: as below.
          tri_map_streaming(
            map, base + begin * outSize, a + begin * stepA, b.map { $0 + begin * stepB },
            c.map { $0 + begin * stepC }, Int64(end - begin), steps, broadcast, parameters)
        }
      }
    }
    forEachTile(of: n, cost: cost) { begin, end in
      // SAFETY: begin ..< end lies within the n elements that each dense operand has.
      map(
        base + begin * outSize, a + begin * stepA, b.map { $0 + begin * stepB },
        c.map { $0 + begin * stepC }, Int64(end - begin), broadcast, parameters)
    }
  }
}

extension ElementwiseMap {
  private static func strided(
    _ map: tri_map_fn, _ a: Tensor, _ b: Tensor? = nil, _ c: Tensor? = nil, into out: Tensor,
    parameters: UnsafePointer<Double>?, cost: Cost
  ) {
    var nd = StridedOperands(out)
    nd.add(a)
    if let b { nd.add(b) }
    if let c { nd.add(c) }
    nd.run(map, parameters: parameters, cost: cost)
  }

  private static func strided(
    _ map: tri_map_fn, _ a: Tensor, number: UnsafeMutableRawPointer, isWide: Bool,
    scalarFirst: Bool, into out: Tensor, cost: Cost
  ) {
    var nd = StridedOperands(out)
    if scalarFirst { nd.addNumber(number, beside: a.dtype, isWide: isWide) }
    nd.add(a)
    if !scalarFirst { nd.addNumber(number, beside: a.dtype, isWide: isWide) }
    nd.run(map, parameters: nil, cost: cost)
  }
}
