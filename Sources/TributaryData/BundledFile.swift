import Glibc
import Tributary

/// Files that the package carries.
///
/// Looked up by code of our own because `Bundle.module` ends the process where the resources are missing,
/// as they are when only the program's file was copied.
enum BundledFile {
  private static let bundle = "Tributary_TributaryData.resources"

  static func path(_ name: String) throws(TensorError) -> String {
    let path = "\(programFolder)/\(bundle)/Resources/\(name)"
    guard access(path, R_OK) == 0 else {
      throw TensorError(
        .malformedData, operation: "bundled",
        "\(path): not found; copy the folder \(bundle) along with the program, or name a data file")
    }
    return path
  }

  /// The build puts resources beside the program, and beside the tests' program too.
  private static var programFolder: String {
    guard let resolved = realpath("/proc/self/exe", nil) else { return "." }
    defer { free(resolved) }
    let program = String(cString: resolved)
    return program.lastIndex(of: "/").map { String(program[..<$0]) } ?? "."
  }
}
