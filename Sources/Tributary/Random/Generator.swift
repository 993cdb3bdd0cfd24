import CTributaryKernels
import TributaryParallel

/// A source of random numbers: counter-based (Philox4x32-10), so that each element's number depends on the
/// seed, the draw and the element's place alone, never on threads.
///
/// A draw fills one tensor. Safe to share between threads; but which of two concurrent draws comes first is
/// then a matter of timing, so give each its own generator (``concurrentMap(_:_:)`` does).
public final class Generator: Sendable {
  private struct State {
    private enum Seed {
      case known(UInt64)
      case substream(of: RandomDraw, Int)
    }

    private var origin: Seed
    var draws: UInt64 = 0

    init(seed: UInt64) { origin = .known(seed) }
    init(substream index: Int, of draw: RandomDraw) { origin = .substream(of: draw, index) }

    /// Computed when first asked for: most branches of a concurrent map draw nothing.
    var seed: UInt64 {
      mutating get {
        switch origin {
        case .known(let seed): return seed
        case .substream(let draw, let index):
          let seed = tri_random_substream(
            draw.seed, draw.offset, UInt64(bitPattern: Int64(index)))
          origin = .known(seed)
          return seed
        }
      }
    }
  }

  private let state: Locked<State>

  /// A generator that has drawn nothing yet. Two of one seed give the same numbers.
  public init(seed: UInt64 = 0) { state = Locked(State(seed: seed)) }

  /// That of branch `index` of the concurrent map which made `draw`.
  fileprivate init(substream index: Int, of draw: RandomDraw) {
    state = Locked(State(substream: index, of: draw))
  }

  /// The number that decides all draws.
  public var seed: UInt64 { state.withLock { $0.seed } }

  /// How many tensors this generator has filled.
  public var draws: UInt64 { state.withLock { $0.draws } }

  /// Begins anew from `seed`.
  public func manualSeed(_ seed: UInt64) { state.withLock { $0 = State(seed: seed) } }

  /// Goes to the point after `draws` draws.
  public func setDraws(_ draws: UInt64) { state.withLock { $0.draws = draws } }

  /// Counts one draw, and says which it is.
  package func draw() -> RandomDraw {
    state.withLock { state in
      defer { state.draws &+= 1 }
      return RandomDraw(seed: state.seed, offset: state.draws)
    }
  }
}

/// One draw of a generator: the numbers of one tensor, or the substreams of the branches of one concurrent
/// map.
package struct RandomDraw: Sendable {
  package let seed: UInt64
  package let offset: UInt64

  /// The generator of branch `index`: a stream of its own, decided by this draw and the index alone.
  package func substream(_ index: Int) -> Generator { Generator(substream: index, of: self) }
}

extension Generator {
  /// The process's generator. It starts from seed 0, so that runs repeat unless told otherwise.
  public static let global = Generator()

  @TaskLocal package static var bound: Generator?

  /// What functions draw from that are given no generator: that of the innermost enclosing
  /// ``with(_:_:)`` or branch, else ``global``.
  public static var current: Generator { bound ?? global }

  /// Runs `body` with `generator` as the current one. Holds in child tasks.
  public static func with<R, E: Error>(
    _ generator: Generator, _ body: () throws(E) -> R
  ) throws(E) -> R {
    try with(Optional(generator), body)
  }

  /// The same; nil: the process's.
  package static func with<R, E: Error>(
    _ generator: Generator?, _ body: () throws(E) -> R
  ) throws(E) -> R {
    try $bound.with(generator, body)
  }

  /// The same for an asynchronous `body`.
  public static func with<R, E: Error>(
    _ generator: Generator, isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws(E) -> R
  ) async throws(E) -> R {
    try await $bound.with(generator, isolation: isolation, body)
  }
}

/// Begins the current generator anew from `seed`.
public func manualSeed(_ seed: UInt64) { Generator.current.manualSeed(seed) }
