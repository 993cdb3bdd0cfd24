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

  @inline(__always)
  private func append(_ saved: consuming SavedTensor) {
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
    let found = entry(index)
    let isSpent = isReleased
    savedLock.unlock()
    guard let found else {
      throw isSpent
        ? TensorError(.autograd, operation: name, Self.spentMessage)
        : TensorError(.invalidArgument, operation: name, "saved tensor \(index) was never saved")
    }
    try found.check(by: self)
    return found.tensor(of: self)
  }

  @inline(__always)
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
