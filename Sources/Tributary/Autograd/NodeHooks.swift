/// Sees a gradient on its way; what it returns, if anything, goes on in its place.
public typealias TensorHook = @Sendable (_ gradient: Tensor) throws -> Tensor?

/// Sees a node's results, the gradients of its inputs (nil where undefined), and may replace them.
public typealias NodeHook = @Sendable (_ gradients: [Tensor?]) throws -> [Tensor?]?

/// What the caller hung on a node. Changed between passes only; a pass reads it.
package final class NodeHooks: @unchecked Sendable {
  /// Run on the summed gradient of an output, before the node.
  package var outputHooks: [(output: Int32, id: Int, run: TensorHook)] = []
  /// Holders that keep the gradient of an output (``Tensor/retainGrad()``), after its hooks.
  package var retained: [(output: Int32, holder: GradientHolder)] = []
  /// Run on the node's results.
  package var nodeHooks: [(id: Int, run: NodeHook)] = []
  /// Of a leaf: run when its `.grad` has been changed.
  package var postAccumulate: [(id: Int, run: @Sendable () throws -> Void)] = []
  package var nextID = 0

  package init() {}

  package func runNodeHooks(_ node: Node, _ sink: inout GradientSink) throws(TensorError) {
    for hook in nodeHooks {
      let gradients = (0..<Int(node.edgeCount)).map { sink[$0] }
      do {
        guard let replaced = try hook.run(gradients) else { continue }
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
    for hook in postAccumulate {
      do { try hook.run() } catch { throw TensorError.wrapping(error, "hook") }
    }
  }
}

/// A registered hook, by which it is taken away again.
public struct HookHandle: Sendable {
  private let removal: @Sendable () -> Void

  init(_ removal: @escaping @Sendable () -> Void) { self.removal = removal }

  /// Takes the hook away. Between passes only.
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

  private func hooked() -> NodeHooks {
    if let hooks { return hooks }
    let made = NodeHooks()
    hooks = made
    return made
  }

  package func addOutputHook(_ output: Int32, _ hook: @escaping TensorHook) -> HookHandle {
    let hooks = hooked()
    let id = hooks.nextID
    hooks.nextID += 1
    hooks.outputHooks.append((output, id, hook))
    return HookHandle { hooks.outputHooks.removeAll { $0.id == id } }
  }

  /// Runs `hook` on the gradients of this operation's inputs in every pass, after the operation's own rule.
  @discardableResult
  public func registerHook(_ hook: @escaping NodeHook) -> HookHandle {
    let hooks = hooked()
    let id = hooks.nextID
    hooks.nextID += 1
    hooks.nodeHooks.append((id, hook))
    return HookHandle { hooks.nodeHooks.removeAll { $0.id == id } }
  }

  /// Runs `hook` on the gradient of this operation's first result in every pass, before the operation's rule.
  @discardableResult
  public func registerPrehook(_ hook: @escaping TensorHook) -> HookHandle { addOutputHook(0, hook) }

  package func addRetained(_ output: Int32, _ holder: GradientHolder) {
    hooked().retained.append((output, holder))
  }

  package func addPostAccumulate(_ hook: @escaping @Sendable () throws -> Void) -> HookHandle {
    let hooks = hooked()
    let id = hooks.nextID
    hooks.nextID += 1
    hooks.postAccumulate.append((id, hook))
    return HookHandle { hooks.postAccumulate.removeAll { $0.id == id } }
  }
}

extension Tensor {
  /// Runs `hook` on this tensor's gradient in every pass that reaches it; its result, if any, replaces it.
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
