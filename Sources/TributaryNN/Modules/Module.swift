import Tributary

/// A piece of a model: a function of tensors with parameters of its own.
///
/// Sendable, so that branches recorded at the same time (`concurrentMap`) can share a model.
public protocol Module: Sendable {
  /// The leaves that an optimizer is to change, in a fixed order: the module's own, then its children's.
  var parameters: [Tensor] { get }

  func callAsFunction(_ input: Tensor) throws(TensorError) -> Tensor
}

/// Modules one after the other.
public struct Sequential: Module {
  public let modules: [any Module]

  public init(_ modules: [any Module]) { self.modules = modules }

  public var parameters: [Tensor] { modules.flatMap(\.parameters) }

  public func callAsFunction(_ input: Tensor) throws(TensorError) -> Tensor {
    var value = input
    for module in modules { value = try module(value) }
    return value
  }
}

/// A function without parameters as a module: `Activation { x throws(TensorError) in try x.tanh() }`.
public struct Activation: Module {
  private let function: @Sendable (Tensor) throws(TensorError) -> Tensor

  public init(_ function: @escaping @Sendable (Tensor) throws(TensorError) -> Tensor) {
    self.function = function
  }

  public var parameters: [Tensor] { [] }

  public func callAsFunction(_ input: Tensor) throws(TensorError) -> Tensor { try function(input) }
}
