import CTributaryKernels
import TributaryMemory
import TributaryParallel

/// The windows of a pooling, dim by dim, and the run of its kernels.
package struct PoolingWindows: Sendable {
  /// Three dims, of which the last ones are the tensor's.
  private var image: [Int64] = []
  private var map: [Int64] = []
  private var step: [Int64] = []
  /// As tri_pool.h has them.
  private var windows: [Int64] = []
  /// What averages are divided by; 0: the product of the extents.
  var divisor = 0.0
  /// How many spatial dims the tensors have.
  let dims: Int

  init(dims: Int) {
    self.dims = dims
    for _ in dims..<3 { append(image: 1, step: 1, [(0, 1, 1)]) }
  }

  /// The windows of a dim are listed before the result finds its memory: what no memory could hold is refused here.
  static func checkCount(
    _ count: Int, of size: Int, _ operation: StaticString
  ) throws(TensorError) {
    let (_, overflow) = (count + 1).multipliedReportingOverflow(by: size)
    let bytesPerWindow = 64
    guard !overflow, count <= BufferPool.machineBytes / bytesPerWindow / 4 else {
      throw TensorError(
        .outOfMemory, operation, "\(count) windows along one dim are more than memory can hold")
    }
  }

  /// The windows of the next dim.
  mutating func append(
    image: Int, step: Int = 1, _ windows: [(start: Int, end: Int, extent: Int)]
  ) {
    self.image.append(Int64(image))
    map.append(Int64(windows.count))
    self.step.append(Int64(step))
    self.windows += windows.map { Int64($0.start) } + windows.map { Int64($0.end) }
    self.windows += windows.map { Int64($0.extent) }
  }

  /// The shape of the map of an image of shape `x`, and the reverse.
  func mapShape(_ x: Shape) -> Shape {
    Shape(Array(x.dropLast(dims)) + map.suffix(dims).map { Int($0) })
  }
  func imageShape(_ y: Shape) -> Shape {
    Shape(Array(y.dropLast(dims)) + image.suffix(dims).map { Int($0) })
  }

  /// Runs a kernel over the planes of dense tensors x [planes…, image] and y [planes…, map].
  func run(
    _ kernel: @convention(c) (UnsafePointer<tri_pool>, Int64, Int64) -> Void, x: Tensor, y: Tensor,
    indices: Tensor? = nil
  ) {
    let planes = x.shape.dropLast(dims).reduce(1, *)
    if planes == 0 || y.count == 0 { return }
    let (xs, ys) = (x.pointer, y.pointer)
    let places = indices?.pointer.assumingMemoryBound(to: Int64.self)
    // Each element of the map walks its window, most of whose elements are some other's too or nobody's.
    // Few planes are shared by their rows.
    let rows = Int(Swift.min(map[0] * map[1], image[0] * image[1]))
    let size = (x.count + y.count) / planes
    let pieces = planes < 16 && size >= 1 << 15 ? Swift.max(1, Swift.min(rows, 16)) : 1
    let each = 2 * Double(size / pieces)
    windows.withUnsafeBufferPointer { windows in
      guard let base = windows.baseAddress else { return }
      // SAFETY: the windows lie within the image; the callers hold the tensors, of which each range of units writes
      // its own.
      nonisolated(unsafe) let problem = tri_pool(
        dtype: x.dtype.kernel, image: (image[0], image[1], image[2]), map: (map[0], map[1], map[2]),
        step: (step[0], step[1], step[2]), windows: base, divisor: divisor, x: xs, y: ys,
        indices: places, pieces: Int64(pieces))
      withUnsafePointer(to: problem) { problem in
        parallelFor(tiles: planes * pieces, nanosecondsPerTile: each) { range in
          kernel(problem, Int64(range.lowerBound), Int64(range.upperBound))
        }
      }
    }
  }
}
