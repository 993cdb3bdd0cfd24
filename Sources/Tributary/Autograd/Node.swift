import Synchronization
import TributaryParallel

/// One recorded operation: how to turn the gradient of what it made into the gradients of what it took.
///
/// A node is written while its operation is recorded and not after, but for these: ``passWord``
/// (atomic), the saved tensors and the ``hooks`` (behind ``savedLock``) and
/// ``nextInTeardown`` (once nobody holds the node). Hence `@unchecked Sendable`.
///
/// The fields are `@exclusivity(unchecked)`, here and in ``Tensor``: no access to one spans a call that could
/// reach the same field, and the run-time check took a quarter of the time of a small operator.
public class Node: @unchecked Sendable {
  /// The place that a running backward pass gave this node: pass in the high half, number in the low half;
  /// 0 where no pass has claimed it. See ENGINE.md.
  package let passWord = Atomic<UInt64>(0)

  // What every pass reads lies in the object's first 64 bytes, in this order: a pass over a long chain waits
  // for memory. Up to two edges and two saved tensors lie inline, so that recording a small operator makes
  // one object.
  @exclusivity(unchecked) private var node0: Node?
  @exclusivity(unchecked) private var node1: Node?
  @exclusivity(unchecked) private var index0: Int32 = 0
  @exclusivity(unchecked) private var index1: Int32 = 0
  /// How many inputs the operation had, whether or not they require a gradient.
  @exclusivity(unchecked) package private(set) var edgeCount: Int32
  /// Estimated nanoseconds of ``apply(_:_:)`` on one core; decides whether a pass is worth other cores.
  @exclusivity(unchecked) package var cost: Float = 0
  /// The ``NodeHooks`` that this node holds: nil for nearly all, so that a pass pays one load. Changed under
  /// `savedLock`.
  private let hooksWord = Atomic<UnsafeRawPointer?>(nil)

  private let savedLock = SpinLock()
  /// Whether there was anything to save; fixed once recorded, so that it can be read without the lock.
  @exclusivity(unchecked) private var savesAny = false
  @exclusivity(unchecked) private var isReleased = false
  /// Of the (first) result, as the shape.
  @exclusivity(unchecked) package var outputDType = DType.float32
  @exclusivity(unchecked) private var storedShape = StoredShape()
  @exclusivity(unchecked) private var saved0: SavedTensor?
  @exclusivity(unchecked) private var saved1: SavedTensor?
  @exclusivity(unchecked) private var extra: NodeExtra?

  @inline(__always)
  init(_ input: Tensor) {
    edgeCount = 1
    setEdge0(input)
  }

  @inline(__always)
  init(_ first: Tensor, _ second: Tensor) {
    edgeCount = 2
    setEdge0(first)
    if let edge = second.gradientEdge { (node1, index1) = (edge.node, edge.outputIndex) }
  }

  init(_ first: Tensor, _ second: Tensor, _ third: Tensor) {
    edgeCount = 3
    setEdge0(first)
    if let edge = second.gradientEdge { (node1, index1) = (edge.node, edge.outputIndex) }
    guard let edge = third.gradientEdge else { return }
    let extra = NodeExtra()
    (extra.node, extra.index) = (edge.node, edge.outputIndex)
    self.extra = extra
  }

  init(inputs: [Tensor]) {
    edgeCount = Int32(inputs.count)
    if inputs.count > 0 { setEdge0(inputs[0]) }
    if inputs.count > 1, let edge = inputs[1].gradientEdge {
      (node1, index1) = (edge.node, edge.outputIndex)
    }
    guard inputs.count > 2 else { return }
    let extra = NodeExtra()
    if let edge = inputs[2].gradientEdge {
      (extra.node, extra.index) = (edge.node, edge.outputIndex)
    }
    extra.edges = inputs.dropFirst(3).map { input in
      let edge = input.gradientEdge
      return (edge?.node, edge?.outputIndex ?? 0)
    }
    self.extra = extra
  }

  /// A node with the edges that `other` has but the first, which is that of `input`.
  init(_ input: Tensor, inputsAfterFirstOf other: Node) {
    edgeCount = other.edgeCount
    setEdge0(input)
    (node1, index1) = (other.node1, other.index1)
    if let theirs = other.extra { extra = NodeExtra(edgesOf: theirs) }
  }

  /// A node without inputs: a leaf's accumulator.
  init() { edgeCount = 0 }

  private func setEdge0(_ input: Tensor) {
    if let edge = input.gradientEdge { (node0, index0) = (edge.node, edge.outputIndex) }
  }

  deinit {
    Teardown.release(&node0)
    Teardown.release(&node1)
    // Relaxed: nobody else holds the node.
    if let word = hooksWord.load(ordering: .relaxed) {
      Unmanaged<NodeHooks>.fromOpaque(word).release()
    }
  }

  /// PyTorch's name of the operation's backward, such as `MulBackward0`.
  public var name: String { "\(Self.self)0" }

  /// How many tensors the operation made.
  package var outputCount: Int { 1 }

  /// The shape of the (first) result.
  @inline(__always)
  package var outputShape: Shape {
    get { storedShape.shape ?? hooks?.lists.outputShape ?? Shape() }
    set {
      if let stored = StoredShape(newValue) {
        storedShape = stored
      } else {
        storedShape = .tooLarge
        changeHooks { $0.outputShape = newValue }
      }
    }
  }

  /// The next node of a thread's ``Teardown`` list. In the word of passes: no pass has a node that nobody holds.
  package var nextInTeardown: UnsafeMutableRawPointer? {
    // Relaxed: the list is one thread's.
    get { UnsafeMutableRawPointer(bitPattern: UInt(passWord.load(ordering: .relaxed))) }
    set { passWord.store(UInt64(UInt(bitPattern: newValue)), ordering: .relaxed) }
  }

  /// The shape of output `index`; for nodes of several outputs to override.
  package func outputShape(at index: Int) -> Shape { outputShape }

  /// Gives `sink` the gradients of the inputs that it wants, from the gradient of the one output.
  ///
  /// Written in differentiable operators, so that a pass that creates a graph can be differentiated again.
  package func apply(_ gradient: Tensor, _ sink: inout GradientSink) throws(TensorError) {}

  /// The same for an operation of several outputs; nil where none reached one.
  package func apply(all gradients: [Tensor?], _ sink: inout GradientSink) throws(TensorError) {
    if let gradient = gradients[0] { try apply(gradient, &sink) }
  }

  /// Gives up the saved tensors, after which a further pass over this node is an error.
  package func releaseSaved() {
    guard savesAny else { return }
    savedLock.lock()
    let (first, second, third, more) = (saved0, saved1, extra?.saved, extra?.moreSaved)
    saved0 = nil
    saved1 = nil
    extra?.saved = nil
    extra?.moreSaved = []
    isReleased = true
    savedLock.unlock()
    // What the tensors held goes outside the lock.
    withExtendedLifetime((first, second, third, more)) {}
  }
}

// MARK: - Edges

extension Node {
  /// The node that made input `index`, or nil where that input requires no gradient.
  @inline(__always)
  package func edgeNode(_ index: Int) -> Node? {
    switch index {
    case 0: node0
    case 1: node1
    default: extra?.edge(index).node
    }
  }

  /// ``edgeNode(_:)`` without counting a reference, for walks over a graph that something else holds.
  @inline(__always)
  package func edgeReference(_ index: Int) -> Unmanaged<Node>? {
    switch index {
    case 0: node0.map(Unmanaged.passUnretained)
    case 1: node1.map(Unmanaged.passUnretained)
    default: extra?.edge(index).node.map(Unmanaged.passUnretained)
    }
  }

  /// Which output of ``edgeNode(_:)`` input `index` was.
  @inline(__always)
  package func edgeOutput(_ index: Int) -> Int32 {
    switch index {
    case 0: index0
    case 1: index1
    default: extra?.edge(index).index ?? 0
    }
  }
}

// MARK: - Hooks

extension Node {
  /// What the caller hung on this node.
  @inline(__always)
  package var hooks: NodeHooks? {
    // Relaxed: a pass may miss what is hung on while it runs; the lock hands over what it sees.
    hooksWord.load(ordering: .relaxed) == nil ? nil : heldHooks
  }

  private var heldHooks: NodeHooks? {
    savedLock.lock()
    defer { savedLock.unlock() }
    // SAFETY: the word holds a reference, given up only under the lock.
    return hooksWord.load(ordering: .relaxed).map {
      Unmanaged<NodeHooks>.fromOpaque($0).takeUnretainedValue()
    }
  }

  /// Replaces the hooks by changed ones. `change` may be called again when another thread was faster.
  package func changeHooks(_ change: (inout NodeHooks.Lists) -> Void) {
    while true {
      let old = hooks
      var lists = old?.lists ?? NodeHooks.Lists()
      change(&lists)
      let fresh = Unmanaged.passRetained(NodeHooks(lists))
      savedLock.lock()
      let found = hooksWord.load(ordering: .relaxed)
      let isOurs = found == old.map { UnsafeRawPointer(Unmanaged.passUnretained($0).toOpaque()) }
      if isOurs { hooksWord.store(fresh.toOpaque(), ordering: .relaxed) }
      savedLock.unlock()
      if !isOurs {
        fresh.release()
      } else {
        // Outside the lock: what a hook holds may be anything.
        if let found { Unmanaged<NodeHooks>.fromOpaque(found).release() }
        return
      }
    }
  }
}

// MARK: - Saved tensors

extension Node {
  /// Keeps a tensor that the gradient will need. Called while recording, in the order of ``saved(_:)``.
  @inline(__always)
  package func save(_ tensor: Tensor) { append(SavedTensor(input: tensor)) }

  /// Keeps the operation's own result: without its place in the graph, which would be a cycle.
  package func save(output tensor: Tensor) { append(SavedTensor(output: tensor)) }

  /// The same where the operation is about to change `tensor` in place into its result.
  package func save(output tensor: Tensor, changes: UInt32) {
    append(SavedTensor(output: tensor, changes: changes))
  }

  private func append(_ saved: SavedTensor) {
    savesAny = true
    if saved0 == nil {
      saved0 = saved
    } else if saved1 == nil {
      saved1 = saved
    } else {
      let more = extra ?? NodeExtra()
      if more.saved == nil { more.saved = saved } else { more.moreSaved.append(saved) }
      extra = more
    }
  }

  /// The `index`th saved tensor, as it was when it was saved.
  ///
  /// Throws where the graph was released by an earlier pass, or the tensor changed in place since.
  package func saved(_ index: Int) throws(TensorError) -> Tensor {
    // The lock keeps a reference from being taken while another pass over the same graph gives it up.
    savedLock.lock()
    let (found, isSpent) = (entry(index), isReleased)
    savedLock.unlock()
    guard let found else {
      throw isSpent
        ? TensorError(.autograd, operation: name, Self.spentMessage)
        : TensorError(.invalidArgument, operation: name, "saved tensor \(index) was never saved")
    }
    return try found.unpack(from: self)
  }

  private func entry(_ index: Int) -> SavedTensor? {
    switch index {
    case 0: saved0
    case 1: saved1
    default: extra?.savedTensor(index)
    }
  }

  /// What is saved now, for who asks how large it is and where it lies.
  package var savedTensors: [Tensor] {
    savedLock.lock()
    let (first, second, third, more) = (saved0, saved1, extra?.saved, extra?.moreSaved)
    savedLock.unlock()
    return [first, second, third].compactMap { $0?.tensor } + (more ?? []).map(\.tensor)
  }

  package static let spentMessage =
    "the graph was already used by a backward pass and its saved tensors are released; "
    + "pass retainGraph: true to the first pass to go backward a second time"
}

extension Node: CustomStringConvertible {
  /// As PyTorch shows it: `<AddBackward0>`.
  public var description: String { "<\(name)>" }
}
