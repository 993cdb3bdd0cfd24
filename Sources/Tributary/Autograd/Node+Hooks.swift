import Synchronization

extension Node {
  /// Whether a pass calls code of the user's at this node.
  @inline(__always)
  var isHooked: Bool {
    guard let lists = hooks?.lists else { return false }
    return !lists.output.isEmpty || !lists.node.isEmpty || !lists.postAccumulate.isEmpty
  }

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
        // SAFETY: the reference that the word held, which nobody can find any more.
        if let found { Unmanaged<NodeHooks>.fromOpaque(found).release() }
        return
      }
    }
  }
}
