import Synchronization
import TributaryParallel

/// One recorded operation: how to turn the gradient of what it made into the gradients of what it took.
///
/// A node is written while its operation is recorded and not after, but for these: the saved tensors and the ``hooks``
/// (behind ``savedLock``) and ``nextInTeardown`` (once nobody holds the node). Hence `@unchecked Sendable`.
///
/// The fields are `@exclusivity(unchecked)`, here and in ``Tensor``: no access to one spans a call that could
/// reach the same field, and the run-time check took a quarter of the time of a small operator.
public class Node: @unchecked Sendable {
  /// No other node's. Passes look the node up by it (``NodeMarks``).
  @exclusivity(unchecked) package private(set) final var number = NodeNumber.next()

  // What every pass reads lies in the object's first 64 bytes, in this order: a pass over a long chain waits
  // for memory. Up to three edges and two saved tensors lie inline, so that recording a small operator makes
  // one object.
  // What is not private here is so for Node+Edges.swift, Node+Hooks.swift and Node+SavedTensors.swift alone.
  @exclusivity(unchecked) final var node0: Node?
  @exclusivity(unchecked) final var node1: Node?
  @exclusivity(unchecked) final var index0: Int32 = 0
  @exclusivity(unchecked) final var index1: Int32 = 0
  /// How many inputs the operation had, whether or not they require a gradient.
  @exclusivity(unchecked) package private(set) var edgeCount: Int32
  /// Estimated nanoseconds of ``apply(_:_:)`` on one core; decides whether a pass is worth other cores.
  @exclusivity(unchecked) package var cost: Float = 0
  /// The ``NodeHooks`` that this node holds: nil for nearly all, so that a pass pays one load. Changed under
  /// `savedLock`.
  let hooksWord = Atomic<UnsafeRawPointer?>(nil)

  @exclusivity(unchecked) final var index2: Int32 = 0
  @exclusivity(unchecked) private var storedShape = StoredShape()
  /// In which branch of a ``concurrentMap(_:_:)`` the operation was recorded: backward it goes to the same worker. Here
  /// it fills a gap.
  package final let place = BranchPlace.current
  @exclusivity(unchecked) final var saved0: SavedTensor?
  // The small ones lie where a saved tensor leaves a gap.
  /// Whether there was anything to save; fixed once recorded, so that it can be read without the lock.
  @exclusivity(unchecked) final var savesAny = false
  @exclusivity(unchecked) final var isReleased = false
  /// Of the (first) result, as the shape.
  @exclusivity(unchecked) package var outputDType = DType.float32
  @exclusivity(unchecked) final var saved1: SavedTensor?
  let savedLock = SpinLock()
  @exclusivity(unchecked) final var node2: Node?
  @exclusivity(unchecked) final var extra: NodeExtra?

  @inline(__always)
  init(_ input: Tensor) {
    edgeCount = 1
    setEdge0(input)
  }

  @inline(__always)
  init(_ first: Tensor, _ second: Tensor) {
    edgeCount = 2
    setEdge0(first)
    (node1, index1) = (second.gradientNode, second.outputIndex)
  }

  @inline(__always)
  init(_ first: Tensor, _ second: Tensor, _ third: Tensor) {
    edgeCount = 3
    setEdge0(first)
    (node1, index1) = (second.gradientNode, second.outputIndex)
    (node2, index2) = (third.gradientNode, third.outputIndex)
  }

  init(inputs: [Tensor]) {
    edgeCount = Int32(inputs.count)
    if inputs.count > 0 { setEdge0(inputs[0]) }
    if inputs.count > 1 { (node1, index1) = (inputs[1].gradientNode, inputs[1].outputIndex) }
    if inputs.count > 2 { (node2, index2) = (inputs[2].gradientNode, inputs[2].outputIndex) }
    guard inputs.count > 3 else { return }
    extra = NodeExtra(edges: inputs.dropFirst(3).map { ($0.gradientNode, $0.outputIndex) })
  }

  /// A node with the edges that `other` has but the first, which is that of `input`.
  init(_ input: Tensor, inputsAfterFirstOf other: Node) {
    edgeCount = other.edgeCount
    setEdge0(input)
    (node1, index1) = (other.node1, other.index1)
    (node2, index2) = (other.node2, other.index2)
    if let theirs = other.extra, !theirs.edges.isEmpty { extra = NodeExtra(edges: theirs.edges) }
  }

  /// A node without inputs: a leaf's accumulator.
  init() { edgeCount = 0 }

  @inline(__always)
  private func setEdge0(_ input: Tensor) {
    (node0, index0) = (input.gradientNode, input.outputIndex)
  }

  deinit {
    Teardown.release(&node0)
    Teardown.release(&node1)
    Teardown.release(&node2)
    // Relaxed: nobody else holds the node.
    if let word = hooksWord.load(ordering: .relaxed) {
      // SAFETY: the reference that the word holds.
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

  /// The next node of a thread's ``Teardown`` list. In place of the number: no pass has a node that nobody holds.
  package final var nextInTeardown: UnsafeMutableRawPointer? {
    get { UnsafeMutableRawPointer(bitPattern: UInt(number)) }
    set { number = UInt64(UInt(bitPattern: newValue)) }
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

extension Node: CustomStringConvertible {
  /// As PyTorch shows it: `<AddBackward0>`.
  public var description: String { "<\(name)>" }
}
