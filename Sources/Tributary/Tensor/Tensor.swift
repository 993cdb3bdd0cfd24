import Synchronization
import TributaryMemory
import TributaryParallel

/// A multi-dimensional array of one dtype, and its place in the graph of a differentiation.
///
/// A tensor is a class because its identity matters: `grad` belongs to one tensor, not to a value. Its
/// elements may be shared with other tensors (views). Reading one from many threads is safe; writing in
/// place while another thread reads is the caller's error, found by version counters where it can be.
///
/// Why `@unchecked Sendable`: elements are written only by the operation that makes the tensor, before
/// anyone else can see it, and by in-place operations; `node`, `outputIndex`, `requiresGrad`, `leaf` and
/// `retained` are written by the thread that makes or in-place changes the tensor, under the same rule.
/// What passes write concurrently (`grad`) is behind a lock of its own (``GradientHolder``).
public final class Tensor: @unchecked Sendable {
  @inline(__always) package var buffer: TiledBuffer { storedBuffer.unsafelyUnwrapped }
  // SAFETY of the unwrapping: nil in `deinit` alone.
  @exclusivity(unchecked) private var storedBuffer: TiledBuffer?
  package let layout: Layout
  /// The type of the elements, which no operation changes: ``to(_:)`` gives another tensor.
  public let dtype: DType

  /// ``requiresGrad`` and ``node`` as last written; for a view they may be out of date.
  @exclusivity(unchecked) package var ownRequiresGrad: Bool
  @exclusivity(unchecked) package var ownNode: Node?
  /// Which of its node's outputs this tensor is.
  @exclusivity(unchecked) package var outputIndex: Int32 = 0
  /// A leaf's end of the graph, where its gradient is accumulated. Made when a leaf begins to require grad.
  @exclusivity(unchecked) package var leaf: AccumulateGrad?
  /// The gradient of a non-leaf that was asked to retain it.
  @exclusivity(unchecked) package var retained: GradientHolder?
  /// Of a view: the tensor, no view itself, whose elements it shows. Set once, before anyone else sees it.
  package var base: Tensor? {
    @inline(__always) get { baseObject.map { unsafeDowncast($0, to: Tensor.self) } }
    @inline(__always) set { baseObject = newValue }
  }
  /// Whether this tensor was made as a view of another.
  @inline(__always) package var isView: Bool { baseObject != nil }
  // SAFETY of the downcast: only `base` writes it. Not a `Tensor?`: the compiler then makes of every tensor's end a
  // walk along the list that its bases could be.
  @exclusivity(unchecked) private var baseObject: AnyObject?
  /// Of a view: made while recording was off, from a tensor that requires a gradient. Set as ``base``.
  @exclusivity(unchecked) package var isUnrecordedView = false
  /// Of a view: the version of the elements for which its place in the graph stands. See ViewHistory.swift.
  package let historyVersion = Atomic<UInt32>(0)
  /// Of a view: taken to bring its place in the graph up to date.
  package let historyLock = SpinLock()

  @inline(__always)
  package init(buffer: TiledBuffer, layout: Layout, dtype: DType) {
    self.storedBuffer = buffer
    self.layout = layout
    self.dtype = dtype
    self.ownRequiresGrad = false
  }

  /// Whether this tensor is dense and alone has its buffer, all of it: a part would keep the rest alive. An adopted one is
  /// somebody else's, who may read it still, or have it read-only. The caller has the only reference to the tensor.
  @inline(__always)
  package func isSoleDenseOwner() -> Bool {
    // The strides of dims of size one too, which decide nothing but are seen.
    !buffer.isAdopted && buffer.byteCount == layout.count &* dtype.itemSize
      && layout.isContiguous && layout.offset == 0
      && layout.strides == Layout.denseStrides(layout.shape)
      && isKnownUniquelyReferenced(&storedBuffer)
  }

  deinit {
    Teardown.release(&ownNode)
    if let buffer = storedBuffer.take() { TiledBuffer.giveUp(consume buffer) }
  }
}

extension Tensor {
  /// The sizes of the dims, outermost first.
  public var shape: Shape { layout.shape }
  /// Steps between neighbours along each dim, in elements.
  public var strides: Shape { layout.strides }
  /// The number of dims.
  public var rank: Int { layout.shape.rank }
  /// The number of elements.
  public var count: Int { layout.count }
  /// Whether the elements lie densely in row-major order.
  public var isContiguous: Bool { layout.isContiguous }

  /// The size of dim `dim`; a negative one counts from the last.
  ///
  /// Throws (`indexOutOfRange`) where there is no such dim; `shape[dim]` ends the process then.
  public func size(_ dim: Int) throws(TensorError) -> Int {
    guard dim >= -rank, dim < rank else {
      throw TensorError(
        .indexOutOfRange, "size", shapes: [shape],
        rank == 0
          ? "a tensor without dims has no size; count is the number of its elements"
          : "dim \(dim) is out of range; a tensor of \(rank) dims takes \(-rank) to \(rank - 1)")
    }
    return shape[dim]
  }

  /// The first element's address. Valid while the tensor lives.
  @inline(__always)
  package var pointer: UnsafeMutableRawPointer {
    // SAFETY: a layout is only made for a buffer that holds every element it can reach.
    buffer.base + layout.offset &* dtype.itemSize
  }

  /// A fresh dense tensor whose elements are not yet written.
  @inline(__always)
  package static func empty(
    _ shape: Shape, dtype: DType, _ operation: StaticString
  ) throws(TensorError) -> Tensor {
    guard let count = shape.checkedElementCount else { throw invalidShape(shape, operation) }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: dtype.itemSize)
    if overflow { throw invalidShape(shape, operation) }
    return Tensor(
      buffer: try memory(bytes, shape, dtype, operation),
      layout: Layout(dense: shape, count: count), dtype: dtype)
  }

  // Apart, so that the buffer goes to the tensor as it comes: from a variable that a `do` sets its reference was counted
  // once more.
  @inline(__always)
  private static func memory(
    _ byteCount: Int, _ shape: Shape, _ dtype: DType, _ operation: StaticString
  ) throws(TensorError) -> TiledBuffer {
    do {
      return try TiledBuffer.allocate(byteCount: byteCount)
    } catch {
      throw TensorError(
        .outOfMemory, operation, shapes: [shape], dtypes: [dtype],
        "\(error); \(error.advice)")
    }
  }

  private static func invalidShape(_ shape: Shape, _ operation: StaticString) -> TensorError {
    let message =
      if shape.rank > Shape.maximumRank {
        "\(shape.rank) dims are more than the \(Shape.maximumRank) a tensor can have; merge some"
      } else if shape.contains(where: { $0 < 0 }) {
        "a size is negative; sizes count elements"
      } else {
        "the number of elements overflows; no memory holds such a tensor"
      }
    return TensorError(.invalidShape, operation, shapes: [shape], message)
  }

  /// A tensor that shares these elements under another layout and is no part of any graph.
  package func alias(_ layout: Layout) -> Tensor {
    Tensor(buffer: buffer, layout: layout, dtype: dtype)
  }

  /// A tensor that shares these elements and takes no part in differentiation.
  ///
  /// In-place changes of either are seen in both, and by the version check of a backward pass.
  public func detach() -> Tensor { alias(layout) }
}
