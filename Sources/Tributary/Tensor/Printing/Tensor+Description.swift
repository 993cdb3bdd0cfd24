extension Tensor: CustomStringConvertible, CustomDebugStringConvertible {
  /// The elements, and what is worth knowing beside them, as PyTorch prints them.
  ///
  /// Large tensors are summarised: only the elements shown are read. See ``printOptions``.
  public var description: String {
    NumberText.withPlainLocale { TensorText(self, .current).text() }
  }

  /// The same: what debuggers show.
  public var debugDescription: String { description }
}

/// Writes one tensor, by the rules of PyTorch's `torch/_tensor_str.py`.
private struct TensorText {
  private static let prefix = "tensor("

  private let tensor: Tensor
  private let options: PrintOptions
  private let edge: Int
  private let lineWidth: Int
  private let summarizes: Bool

  init(_ tensor: Tensor, _ options: PrintOptions) {
    self.tensor = tensor
    self.options = options
    // Bounded, so that no sum of these overflows.
    edge = min(max(options.edgeItems, 0), 1 << 40)
    lineWidth = min(max(options.lineWidth, 0), 1 << 40)
    summarizes = tensor.count > options.threshold
  }

  func text() -> String {
    var body = "[]"
    if tensor.count > 0 {
      var values: [Scalar] = []
      collect(0, 0, into: &values)
      let format = ElementFormat(for: values, tensor.dtype, options)
      body = elements(0, 0, indent: Self.prefix.utf8.count, format)
    }
    return adding(suffixes, to: Self.prefix + body)
  }

  // MARK: Elements

  /// Which positions of a dim are shown; nil stands for the dots between them.
  private func shown(_ size: Int) -> [Int?] {
    guard summarizes, size > 2 * edge else { return Array(0..<size) }
    return Array(0..<edge) + [nil] + Array(size - edge..<size)
  }

  private func element(_ position: Int) -> Scalar {
    // SAFETY: positions are made of indices within the shape.
    tensor.scalar(at: tensor.pointer + position * tensor.dtype.itemSize)
  }

  /// All elements that are shown, of dims `dim` … from `position` on.
  private func collect(_ dim: Int, _ position: Int, into values: inout [Scalar]) {
    if dim == tensor.rank { return values.append(element(position)) }
    // Without edge items nothing decides the format of a matrix.
    if summarizes, edge == 0 { return }
    for case let index? in shown(tensor.shape[dim]) {
      collect(dim + 1, position + index * tensor.strides[dim], into: &values)
    }
  }

  private func elements(
    _ dim: Int, _ position: Int, indent: Int, _ format: ElementFormat
  ) -> String {
    if dim == tensor.rank { return format.padded(element(position)) }
    let stride = tensor.strides[dim]
    let isLast = dim == tensor.rank - 1
    let pieces = shown(tensor.shape[dim]).map { index in
      guard let index else { return isLast && edge > 0 ? " ..." : "..." }
      return elements(dim + 1, position + index * stride, indent: indent + 1, format)
    }
    let margin = String(repeating: " ", count: indent + 1)
    guard isLast else {
      let blank = String(repeating: "\n", count: tensor.rank - dim - 1)
      return "[" + pieces.joined(separator: "," + blank + margin) + "]"
    }
    let perLine = max(1, (lineWidth - indent) / (format.width + 2))
    let lines = Swift.stride(from: 0, to: pieces.count, by: perLine).map { start in
      pieces[start..<min(start + perLine, pieces.count)].joined(separator: ", ")
    }
    return "[" + lines.joined(separator: ",\n" + margin) + "]"
  }

  // MARK: Suffixes

  private var suffixes: [String] {
    var suffixes: [String] = []
    let size =
      "size=(" + tensor.shape.map(String.init).joined(separator: ", ")
      + (tensor.rank == 1 ? ",)" : ")")
    if tensor.count == 0 {
      if tensor.rank != 1 { suffixes.append(size) }
      if tensor.dtype != .float32 { suffixes.append("dtype=torch.\(tensor.dtype)") }
    } else {
      if edge == 0 { suffixes.append(size) }
      if ![.float32, .int64, .bool].contains(tensor.dtype) {
        suffixes.append("dtype=torch.\(tensor.dtype)")
      }
    }
    if let node = tensor.gradFn {
      suffixes.append("grad_fn=<\(node.name)>")
    } else if tensor.requiresGrad {
      suffixes.append("requires_grad=True")
    }
    return suffixes
  }

  private func adding(_ suffixes: [String], to text: String) -> String {
    var result = text
    let lastLine =
      text.utf8.count
      - (text.utf8.lastIndex(of: UInt8(ascii: "\n"))
        .map { text.utf8.distance(from: text.startIndex, to: $0) } ?? -1)
    // One more than the line has: PyTorch's count.
    var length = lastLine + 1
    for suffix in suffixes {
      if length + suffix.utf8.count + 2 > lineWidth {
        result += ",\n" + String(repeating: " ", count: Self.prefix.utf8.count) + suffix
        length = Self.prefix.utf8.count + suffix.utf8.count
      } else {
        result += ", " + suffix
        length += suffix.utf8.count + 2
      }
    }
    return result + ")"
  }
}
