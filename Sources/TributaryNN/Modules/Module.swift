import Tributary

/// A piece of a model: a function of tensors with parameters of its own.
///
/// Sendable, so that branches recorded at the same time (`concurrentMap`) can share a model.
public protocol Module: Sendable {
  /// The leaves that an optimizer is to change, in a fixed order: the module's own, then its children's.
  var parameters: [Tensor] { get }

  /// The module's value for `input`, recorded as its operators are; throws what they throw.
  func callAsFunction(_ input: Tensor) throws(TensorError) -> Tensor

  /// Puts the module and its children into training mode, or out of it; all begin in it. Nothing to do for a module that
  /// computes the same in both.
  func train(_ mode: Bool)
}

extension Module {
  /// Nothing to do.
  public func train(_ mode: Bool) {}
  /// Puts the module and its children into training mode.
  public func train() { train(true) }
  /// Puts the module and its children into evaluation mode.
  public func eval() { train(false) }
}

/// Modules one after the other.
public struct Sequential: Module {
  /// In the order in which they are applied.
  public let modules: [any Module]

  /// A module that applies `modules` from first to last; none: the identity.
  public init(_ modules: [any Module]) { self.modules = modules }

  /// Those of the modules, in their order.
  public var parameters: [Tensor] { modules.flatMap(\.parameters) }

  /// Puts each module into this mode.
  public func train(_ mode: Bool) { for module in modules { module.train(mode) } }

  /// Each module's value goes into the next.
  public func callAsFunction(_ input: Tensor) throws(TensorError) -> Tensor {
    var value = input
    for module in modules { value = try module(value) }
    return value
  }
}

/// A function without parameters as a module: `Activation { x throws(TensorError) in try x.tanh() }`.
public struct Activation: Module {
  private let function: @Sendable (Tensor) throws(TensorError) -> Tensor

  /// A module that applies `function`, which may run on several threads at once.
  public init(_ function: @escaping @Sendable (Tensor) throws(TensorError) -> Tensor) {
    self.function = function
  }

  /// None.
  public var parameters: [Tensor] { [] }

  /// The function's value.
  public func callAsFunction(_ input: Tensor) throws(TensorError) -> Tensor { try function(input) }
}
