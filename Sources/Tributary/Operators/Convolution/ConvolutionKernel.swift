import CTributaryKernels
import TributaryMemory
import TributaryParallel

/// The driver of the convolution kernels: plans, packs, and splits a convolution over the team.
package enum ConvolutionKernel {
  /// Sustained rate on one core, in multiply-adds a nanosecond; for estimates only.
  private static let rate = 40.0

  /// Estimated time of one convolution on one core: each element of the map takes a kernel's elements.
  static func nanoseconds(w: Shape, y: Shape) -> Double {
    let kernel = w.dropFirst().reduce(1.0) { $0 * Double($1) }
    return y.reduce(1.0) { $0 * Double($1) } * kernel / rate
  }

  static func run(
    _ problem: tri_conv_problem, nanoseconds: Double, _ operation: StaticString
  ) throws(TensorError) {
    let conv = kernels.pointee.conv
    // SAFETY: the callers hold the tensors that the problem points to; ranges of units and tiles write memory of
    // their own.
    nonisolated(unsafe) let problem = problem
    var plan = tri_conv_plan()
    withUnsafePointer(to: problem) { conv.plan($0, &plan) }
    let (tiles, packs, joins) = (Int(plan.tiles), Int(plan.pack_units), Int(plan.join_units))
    let shared = try scratch(plan.shared_bytes, operation)
    let (base, workspaceBytes) = (shared?.base, plan.workspace_bytes)
    try withUnsafePointer(to: problem) { (problem) throws(TensorError) in
      try withUnsafePointer(to: plan) { (plan) throws(TensorError) in
        if packs > 0 {
          let each = Double(plan.pointee.shared_bytes) * 0.5 / Double(packs)
          parallelFor(tiles: packs, nanosecondsPerTile: each) { range in
            conv.pack(plan, problem, Int64(range.lowerBound), Int64(range.upperBound), base)
          }
        }
        // A workspace for each range that a thread claims, as in MatrixProduct.
        try parallelForThrowing(tiles: tiles, nanosecondsPerTile: nanoseconds / Double(tiles)) {
          (range) throws(TensorError) in
          let workspace = try scratch(workspaceBytes, operation)
          conv.run(
            plan, problem, base, Int64(range.lowerBound), Int64(range.upperBound), workspace?.base)
          withExtendedLifetime(workspace) {}
        }
        if joins > 0 {
          let each = Double(plan.pointee.shared_bytes) * 0.1 / Double(joins)
          parallelFor(tiles: joins, nanosecondsPerTile: each) { range in
            conv.join(plan, problem, base, Int64(range.lowerBound), Int64(range.upperBound))
          }
        }
      }
    }
    withExtendedLifetime(shared) {}
  }

  private static func scratch(
    _ bytes: Int64, _ operation: StaticString
  ) throws(TensorError) -> WorkingMemory? {
    if bytes == 0 { return nil }
    do { return try WorkingMemory(byteCount: Int(bytes)) } catch {
      throw TensorError(
        .outOfMemory, operation,
        "for the convolution's working memory \(error); \(error.advice)")
    }
  }
}
