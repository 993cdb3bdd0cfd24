import Tributary
import TributaryParallel
import TributarySplitMix

/// A recorded graph decided by a seed: shared parts, wide fan-in, views, nodes of several outputs, several
/// roots, unused inputs, hooks and retained gradients. Building it twice gives equal graphs.
///
/// Leaves, each step and the choice of roots draw from streams of their own, so that a graph stays one, and
/// most of it the same, when some of its steps are left out.
package struct RandomGraph {
  /// What a graph may have besides its operators.
  package struct Features: OptionSet, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }
    package static let hooks = Features(rawValue: 1)
    package static let retained = Features(rawValue: 2)
    /// One or two places throw on the way back.
    package static let faults = Features(rawValue: 4)
    package static let all: Features = [.hooks, .retained]
  }

  /// What a planted fault throws.
  package struct Fault: Error, Equatable {
    package let place: Int
  }

  package let leaves: [Tensor]
  package private(set) var roots: [Tensor] = []
  package private(set) var seeds: [Tensor?] = []
  /// Tensors that were asked to retain their gradients.
  package private(set) var retaining: [Tensor] = []

  /// The stream of what is being made now.
  private var random: SplitMix
  private var pool: [Tensor]
  private let side: Int
  private let features: Features

  /// How many steps the graph of a seed has.
  package static func stepCount(seed: UInt64) -> Int {
    var random = stream(seed, ofStep: -1)
    return 5 + random.below(50)
  }

  private static func stream(_ seed: UInt64, ofStep step: Int) -> SplitMix {
    SplitMix(seed: seed &+ UInt64(bitPattern: Int64(step)) &* 0x2545_f491_4f6c_dd1d)
  }

  /// To which branch the step's nodes belong, for the scheduler; none in every second graph, and of a third of the steps
  /// in the others.
  private static func place(_ seed: UInt64, ofStep step: Int) -> BranchPlace {
    // A stream of its own: places must not change what a graph computes.
    var random = stream(~seed, ofStep: step)
    if seed % 2 == 0 || random.oneIn(3) { return BranchPlace(word: 0) }
    return BranchPlace(random.below(16), of: 16)
  }

  /// - Parameter steps: which of the steps are taken, ascending; nil: all.
  package init(
    seed: UInt64, steps: [Int]? = nil, features: Features = .all
  ) throws(TensorError) {
    var random = SplitMix(seed: seed)
    // A few graphs have tensors whose operators open loops, and others so many leaves that workers share their commit.
    let side = random.oneIn(32) ? 160 : [1, 2, 3, 4, 7, 8][random.below(6)]
    let isWide = side < 160 && random.oneIn(16)
    var leaves: [Tensor] = []
    for _ in 0..<(isWide ? 100 : 2) + random.below(5) {
      var values: [Float] = []
      for _ in 0..<side * side { values.append(Float(random.real(in: -2...2))) }
      let isFixed = random.oneIn(6) && !leaves.isEmpty
      leaves.append(try Tensor(scalars: values, shape: [side, side], requiresGrad: !isFixed))
    }
    self.features = features
    self.side = side
    self.leaves = leaves
    self.random = random
    pool = leaves
    for step in steps ?? Array(0..<Self.stepCount(seed: seed)) {
      self.random = Self.stream(seed, ofStep: step)
      try Self.place(seed, ofStep: step).during { () throws(TensorError) in try take() }
    }
    self.random = Self.stream(seed, ofStep: -2)
    try chooseRoots()
    if isWide {
      roots.append(try Tensor.stack(leaves).tanh().sum())
      seeds.append(nil)
    }
  }

  /// Everything recorded, leaves first.
  package var values: [Tensor] { pool }

  /// The gradients that a pass leaves: the leaves', then the retained ones.
  package var gradients: [Tensor?] { leaves.map(\.grad) + retaining.map(\.grad) }

  package func digest() throws(TensorError) -> UInt64 { try Digest.of(gradients) }

  package func clearGradients() throws(TensorError) {
    for leaf in leaves where leaf.requiresGrad { try leaf.setGrad(nil) }
    for tensor in retaining { try tensor.setGrad(nil) }
  }

  private mutating func pick() -> Tensor { pool[random.below(pool.count)] }

  private mutating func take() throws(TensorError) {
    let x = pick()
    switch random.below(17) {
    case 0, 1: try keep(x + pick())
    case 2: try keep((x * pick()).tanh())
    case 3: try keep(x - pick() * random.real(in: -1...1))
    case 4: try keep(x.tanh())
    case 5: try keep(x.matmul(pick()) / Double(side))
    case 6: try keep(x.t())
    case 7: try keep(x.sigmoid())
    case 8:
      let cut = random.below(side)
      try keep(Tensor.cat([x.slice(0, start: cut), x.slice(0, end: cut)]))
    case 9: try splitAndJoin(x)
    case 10: try keep(x + pick().sum(dim: 0, keepDim: true) / Double(side))
    case 11, 12: try hub(x)
    case 13: try keep(x.mean().expand([side, side]))
    case 14: try keep(x.relu() * pick().detach())
    case 15: try keep((x * x).tanh())
    default: try keep(x.select(0, random.below(side)) - pick())
    }
  }

  /// Uses `x` several times: a fan-in of its gradient.
  private mutating func hub(_ x: Tensor) throws(TensorError) {
    let width = 2 + random.below(random.oneIn(3) ? 63 : 6)
    var sum = try x * random.real(in: -1...1)
    for _ in 1..<width {
      // A product with a tensor is left to the sum that it goes into; with a number it is not.
      let branch =
        random.oneIn(3)
        ? try x * pick().detach().slice(random.below(2), end: 1)
        : try x * random.real(in: -1...1)
      sum = random.oneIn(2) ? try sum + branch : try branch.t() + sum
    }
    try keep(sum.tanh())
  }

  /// A node of several outputs, not all of which need be used.
  private mutating func splitAndJoin(_ x: Tensor) throws(TensorError) {
    let parts = try x.unbind(random.below(2))
    var used: [Tensor] = []
    for _ in 0..<side { used.append(parts[random.below(parts.count)]) }
    try keep(Tensor.stack(used, dim: random.below(2)))
  }

  private mutating func keep(_ tensor: Tensor) throws(TensorError) {
    pool.append(tensor)
    guard tensor.requiresGrad else { return }
    let place = pool.count
    if features.contains(.hooks), random.oneIn(6) {
      let scale = random.real(in: 0.5...1)
      let replaces = random.oneIn(2)
      try tensor.registerHook { gradient in replaces ? try gradient * scale : nil }
    }
    if features.contains(.retained), random.oneIn(6) {
      try tensor.retainGrad()
      retaining.append(tensor)
    }
    if features.contains(.faults), random.oneIn(8) {
      try tensor.registerHook { _ in throw Fault(place: place) }
    }
  }

  private mutating func chooseRoots() throws(TensorError) {
    for _ in 0..<1 + random.below(4) {
      let root = pick()
      guard root.requiresGrad else { continue }
      switch random.below(3) {
      case 0:
        roots.append(try root.sum())
        seeds.append(nil)
      case 1:
        roots.append(root)
        seeds.append(try Tensor.full([1, side], 0.37).expand([side, side]))
      default:
        roots.append(root)
        seeds.append(try root.detach().t() * 0.61)
      }
    }
    if roots.isEmpty {
      roots = [try leaves[0].tanh().sum()]
      seeds = [nil]
    }
  }
}
