/// Sees a gradient on its way; what it returns, if anything, goes on in its place.
public typealias TensorHook = @Sendable (_ gradient: Tensor) throws -> Tensor?

/// Sees a node's results, the gradients of its inputs (nil where undefined), and may replace them.
public typealias NodeHook = @Sendable (_ gradients: [Tensor?]) throws -> [Tensor?]?

/// What the caller hung on a node. Never changed, only replaced (``Node/changeHooks(_:)``): a pass that has read it
/// keeps what it read.
package final class NodeHooks: Sendable {
  package struct Lists: Sendable {
    /// Run on the summed gradient of an output, before the node.
    package var output: [(output: Int32, id: Int, run: TensorHook)] = []
    /// Holders that keep the gradient of an output (``Tensor/retainGrad()``), after its hooks.
    package var retained: [(output: Int32, holder: GradientHolder)] = []
    /// Run on the node's results.
    package var node: [(id: Int, run: NodeHook)] = []
    /// Of a leaf: run when its `.grad` has been changed.
    package var postAccumulate: [(id: Int, run: @Sendable () throws -> Void)] = []
    package var nextID = 0
    /// No hook: the shape of a result whose sizes are too large for ``StoredShape``.
    package var outputShape: Shape?
  }

  package let lists: Lists

  init(_ lists: Lists) { self.lists = lists }

  package func runOutputHook(
    _ hook: TensorHook, on gradient: Tensor
  ) throws(TensorError) -> Tensor? {
    let version = gradient.version
    let replaced: Tensor?
    do { replaced = try hook(gradient) } catch { throw TensorError.wrapping(error, "hook") }
    try Self.check(gradient, isStillAt: version)
    return replaced
  }

  /// Others hold the same gradient: a change would reach them, or not, by timing.
  private static func check(_ gradient: Tensor, isStillAt version: UInt32) throws(TensorError) {
    guard gradient.version == version else {
      throw TensorError(
        .autograd, "hook", shapes: [gradient.shape],
        "a hook changed a gradient in place, which others share; return a new tensor instead")
    }
  }

  package func runNodeHooks(_ node: Node, _ sink: inout GradientSink) throws(TensorError) {
    for hook in lists.node {
      let gradients = (0..<Int(node.edgeCount)).map { sink[$0] }
      let versions = gradients.map { $0?.version ?? 0 }
      do {
        let result = try hook.run(gradients)
        for case (let gradient?, let version) in zip(gradients, versions) {
          try Self.check(gradient, isStillAt: version)
        }
        guard let replaced = result else { continue }
        guard replaced.count == gradients.count else {
          throw TensorError(
            .invalidArgument, operation: node.name,
            "a hook must return as many gradients as it was given: \(gradients.count), not \(replaced.count)"
          )
        }
        for (index, gradient) in replaced.enumerated() where node.edgeNode(index) != nil {
          if let gradient { try node.check(gradient, forInput: index) }
          sink[index] = gradient
        }
      } catch {
        throw TensorError.wrapping(error, "hook")
      }
    }
  }

  package func runPostAccumulate() throws(TensorError) {
    for hook in lists.postAccumulate {
      do { try hook.run() } catch { throw TensorError.wrapping(error, "hook") }
    }
  }
}

/// A registered hook, by which it is taken away again.
public struct HookHandle: Sendable {
  private let removal: @Sendable () -> Void

  init(_ removal: @escaping @Sendable () -> Void) { self.removal = removal }

  /// Takes the hook away, from passes that begin later.
  public func remove() { removal() }
}

extension Node {
  /// What a hook returns is summed with others in place: the shape must be the input's.
  fileprivate func check(_ gradient: Tensor, forInput index: Int) throws(TensorError) {
    guard gradient.shape == inputShape(index), gradient.dtype == inputDType(index) else {
      throw TensorError(
        .shapeMismatch, operation: name, shapes: [inputShape(index), gradient.shape],
        dtypes: [inputDType(index), gradient.dtype],
        "a hook must return gradients of the inputs' shapes and dtypes; that of input \(index) differs"
      )
    }
  }

  package func addOutputHook(_ output: Int32, _ hook: @escaping TensorHook) -> HookHandle {
    add { lists, id in
      lists.output.append((output, id, hook))
    } removal: { lists, id in
      lists.output.removeAll { $0.id == id }
    }
  }

  /// Runs `hook` on the gradients of this operation's inputs in every pass, after the operation's own rule.
  ///
  /// What ``Tensor/registerHook(_:)`` says of hooks holds here too.
  @discardableResult
  public func registerHook(_ hook: @escaping NodeHook) -> HookHandle {
    add { lists, id in
      lists.node.append((id, hook))
    } removal: { lists, id in
      lists.node.removeAll { $0.id == id }
    }
  }

  /// Runs `hook` on the gradient of this operation's first result in every pass, before the operation's rule.
  @discardableResult
  public func registerPrehook(_ hook: @escaping TensorHook) -> HookHandle { addOutputHook(0, hook) }

  package func addRetained(_ output: Int32, _ holder: GradientHolder) {
    changeHooks { $0.retained.append((output, holder)) }
  }

  package func addPostAccumulate(_ hook: @escaping @Sendable () throws -> Void) -> HookHandle {
    add { lists, id in
      lists.postAccumulate.append((id, hook))
    } removal: { lists, id in
      lists.postAccumulate.removeAll { $0.id == id }
    }
  }

  private func add(
    _ addition: (inout NodeHooks.Lists, _ id: Int) -> Void,
    removal: @escaping @Sendable (inout NodeHooks.Lists, _ id: Int) -> Void
  ) -> HookHandle {
    var added = 0
    changeHooks { lists in
      added = lists.nextID
      lists.nextID += 1
      addition(&lists, added)
    }
    let id = added
    // A handle that is kept must not keep the graph.
    return HookHandle { [weak self] in self?.changeHooks { removal(&$0, id) } }
  }
}

extension Tensor {
  /// Runs `hook` on this tensor's gradient in every pass that reaches it; its result, if any, replaces it.
  ///
  /// Hooks may be registered and removed from any thread; a pass that has begun may or may not run them. Hooks of
  /// different tensors run at the same time, on any thread of the engine's, under the modes and the generator of
  /// whoever called `backward`, but without the program's own task-local values. A hook must not change its argument
  /// in place: the pass then throws.
  ///
  /// Throws where this tensor does not require a gradient.
  @discardableResult
  public func registerHook(_ hook: @escaping TensorHook) throws(TensorError) -> HookHandle {
    guard let edge = gradientEdge else {
      throw TensorError(
        .autograd, "registerHook", shapes: [shape], "this tensor does not require a gradient")
    }
    return edge.node.addOutputHook(edge.outputIndex, hook)
  }

  /// Runs `hook` on this leaf each time a pass has changed its ``grad``.
  ///
  /// Such a leaf is committed as soon as its sum is complete, even if the pass fails afterwards.
  @discardableResult
  public func registerPostAccumulateGradHook(
    _ hook: @escaping @Sendable (_ leaf: Tensor) throws -> Void
  ) throws(TensorError) -> HookHandle {
    guard let leaf, isLeaf else {
      throw TensorError(
        .autograd, "registerPostAccumulateGradHook", shapes: [shape],
        "only a leaf that requires a gradient accumulates one")
    }
    return leaf.addPostAccumulate { [weak self] in
      if let self { try hook(self) }
    }
  }
}
