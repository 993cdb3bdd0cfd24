import CTributaryShims

/// Frees graphs without recursion, so that a chain of a million nodes fits any stack.
///
/// Releasing a node's last reference would release its edges' nodes, and so on down the graph, some stack
/// frames a node. Instead the nodes go to a list that belongs to the thread, linked through a word of their
/// own (``Node/nextInTeardown``), and the outermost release empties it in a loop. `tri_thread()->teardown`
/// is nil outside such a loop, ``empty`` in one whose list is empty, else the list's head. Saved tensors
/// need no care: what they would release, an edge of the same node still holds; and any other tensor that
/// is freed meanwhile (by a hook's closure, say) adds to the list through ``release(_:)``.
package enum Teardown {
  /// In a loop, nothing listed. No object lies at address 1.
  private static var empty: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: 1) }

  /// Gives up the reference in `slot`.
  @inline(__always)
  package static func release(_ slot: inout Node?) {
    if slot == nil { return }
    // Where there is another owner, nothing is freed, or not by us. Should that owner let go at this very
    // moment, our release is the last one after all: then `Node.deinit`, which also comes here with what
    // it holds, begins the loop, one frame deeper.
    guard isKnownUniquelyReferenced(&slot) else {
      slot = nil
      return
    }
    guard let reference = slot.map(Unmanaged.passRetained) else { return }
    slot = nil
    collect(reference)
  }

  private static func collect(_ reference: Unmanaged<Node>) {
    let state = tri_thread()
    if let head = state.pointee.teardown {
      reference._withUnsafeGuaranteedRef { node in
        node.nextInTeardown = head
        prefetch(node)
      }
      state.pointee.teardown = reference.toOpaque()
      return
    }
    state.pointee.teardown = empty
    var next = reference
    while true {
      next.release()
      guard let head = state.pointee.teardown, head != empty else { break }
      // SAFETY: the list holds one reference to each of its nodes, taken in `release(_:)`.
      next = Unmanaged<Node>.fromOpaque(head)
      state.pointee.teardown = next._withUnsafeGuaranteedRef { $0.nextInTeardown }
    }
    state.pointee.teardown = nil
  }

  /// Asks for what freeing `node` reads beyond its first words: whoever ran it in a pass has that in its cache, and the
  /// list may be long.
  @inline(__always)
  private static func prefetch(_ node: Node) {
    let address = Unmanaged.passUnretained(node).toOpaque()
    // Not for writing: what lies behind a small node is another's.
    tri_prefetch(address + 64)
    tri_prefetch(address + 128)
    if let next = node.edgeReference(0) { tri_prefetch_for_writing(next.toOpaque()) }
  }
}
