import TributaryMemory

/// A gradient in a leaf's keeping.
///
/// Most are made by a pass, read by an optimizer and dropped, and need no tensor for that: of a step over many small
/// leaves the objects alone took a tenth, for malloc is slow where many live at once.
enum KeptGradient {
  case none
  /// The elements of all of it, dense, in the leaf's shape and dtype; nobody else's.
  case memory(TiledBuffer)
  case tensor(Tensor)

  /// Takes from `gradient`, the only reference to it, the memory of its elements where that is all it is.
  init(_ gradient: consuming Tensor) {
    // A hook may have recorded what it made: a history has no place in `.grad`, and is cut off by a copy.
    if isKnownUniquelyReferenced(&gradient), !gradient.requiresGrad, gradient.isSoleDenseOwner() {
      // Not taken out: a weak reference may bring the tensor back.
      self = .memory(gradient.buffer)
    } else {
      self = .tensor(gradient)
    }
  }

  /// Asks again whether a tensor is no more than its memory.
  mutating func settle() {
    guard case .tensor = self else { return }
    // Taken out: a reference held for the question would answer it.
    if case .tensor(let tensor) = take() { self = KeptGradient(tensor) }
  }

  /// As a tensor: that of a leaf of this shape and dtype.
  func tensor(_ shape: Shape, _ dtype: DType) -> Tensor? {
    switch self {
    case .none: nil
    case .tensor(let tensor): tensor
    // SAFETY: the memory is that of a tensor of this shape, which was counted then.
    case .memory(let buffer):
      Tensor(
        buffer: buffer, layout: Layout(dense: shape, count: buffer.byteCount / dtype.itemSize),
        dtype: dtype)
    }
  }

  /// As ``TiledBuffer/giveUp(_:)``.
  @inline(__always)
  consuming func giveUp() {
    if case .memory(let buffer) = consume self { TiledBuffer.giveUp(consume buffer) }
  }

  mutating func take() -> KeptGradient {
    // Swapped: a copy would count a reference.
    var taken = KeptGradient.none
    swap(&taken, &self)
    return taken
  }
}

/// The elements of a gradient, dense, and what keeps them.
package struct DenseGradient {
  private let owner: AnyObject
  // SAFETY: valid while the owner lives.
  package let pointer: UnsafeMutableRawPointer

  init(_ buffer: TiledBuffer) { (owner, pointer) = (buffer, buffer.base) }

  package init(_ tensor: Tensor) { (owner, pointer) = (tensor, tensor.pointer) }
}
