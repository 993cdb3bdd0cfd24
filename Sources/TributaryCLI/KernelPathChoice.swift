import CTributaryKernels
import Foundation
import Tributary

/// What TRIBUTARY_KERNEL_PATH asks for. The library passes over a path that it cannot take, as a library should; the
/// program says so, for who forces a path wants that one.
enum KernelPathChoice {
  static let variable = "TRIBUTARY_KERNEL_PATH"

  /// The paths that this processor runs.
  static var possible: [tri_path] {
    (0..<TRI_PATH_COUNT.rawValue).map { tri_path(rawValue: $0) }.filter {
      tri_kernels_for($0) != nil
    }
  }

  /// Throws if the variable names no path, or one that this processor does not have.
  static func check() throws {
    guard let asked = ProcessInfo.processInfo.environment[variable], !asked.isEmpty else { return }
    let names = possible.map(Surroundings.name(of:))
    if names.contains(asked) { return }
    throw TensorError(
      .invalidArgument, operation: variable,
      "this processor has no path \"\(asked)\"; it has \(names.joined(separator: ", "))")
  }
}
