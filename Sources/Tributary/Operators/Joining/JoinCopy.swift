import CTributaryKernels
import TributaryParallel

/// Copies tensors side by side into one dense result: what cat and stack share.
///
/// The result is read as rows of `rowElements`; each input fills the same columns of every row. All inputs'
/// elements, one after another, are split into tiles, so that neither many small inputs nor one large one
/// costs more than its share.
package struct JoinCopy {
  private struct Part {
    let source: UnsafeMutableRawPointer
    let destination: UnsafeMutableRawPointer
    /// Elements of a row of this input.
    let width: Int
    /// Where this input's elements begin in the count over all inputs.
    let begin: Int
    let isDense: Bool
  }

  private let rowElements: Int
  private let itemSize: Int
  private let inputs: [Tensor]
  private let out: Tensor
  private var parts: [Part] = []
  private var total = 0

  /// - Parameter width: the columns that an input fills; its elements are rows of so many.
  package init(
    _ inputs: [Tensor], into out: Tensor, rowElements: Int, width: (Tensor) -> Int
  ) {
    self.rowElements = rowElements
    self.inputs = inputs
    self.out = out
    itemSize = out.dtype.itemSize
    parts.reserveCapacity(inputs.count)
    var column = 0
    for input in inputs {
      let columns = width(input)
      parts.append(
        Part(
          source: input.pointer, destination: out.pointer + column * itemSize, width: columns,
          begin: total, isDense: input.layout.isContiguous))
      column += columns
      total += input.count
    }
  }

  /// - Parameter partLayout: where input `index` lies in the result, in the input's shape.
  package func run(_ partLayout: (_ index: Int) -> Layout) {
    ElementwiseMap.forEachTile(of: total, cost: .plain) { begin, end in
      parts.withUnsafeBufferPointer { parts in
        var index = firstPart(parts, reaching: begin)
        while index < parts.count, parts[index].begin < end {
          let part = parts[index]
          let next = index + 1 < parts.count ? parts[index + 1].begin : total
          let (first, last) = (Swift.max(begin, part.begin), Swift.min(end, next))
          if first < last {
            if part.isDense {
              copyDense(part, first - part.begin, last - part.begin)
            } else {
              var nd = StridedOperands(out.alias(partLayout(index)))
              nd.add(inputs[index])
              nd.copy(first - part.begin, last - part.begin)
            }
          }
          index += 1
        }
      }
    }
  }

  /// The last part that begins at or before element `position` of all.
  private func firstPart(_ parts: UnsafeBufferPointer<Part>, reaching position: Int) -> Int {
    var (low, high) = (0, parts.count)
    while low + 1 < high {
      let middle = (low + high) / 2
      if parts[middle].begin <= position { low = middle } else { high = middle }
    }
    return low
  }

  private func copyDense(_ part: Part, _ begin: Int, _ end: Int) {
    var (row, column) = begin.quotientAndRemainder(dividingBy: part.width)
    var position = begin
    while position < end {
      let run = Swift.min(part.width - column, end - position)
      // SAFETY: begin ..< end lies within the input; its rows lie within those of the result.
      (part.destination + (row * rowElements + column) * itemSize).copyMemory(
        from: part.source + position * itemSize, byteCount: run * itemSize)
      position += run
      row += 1
      column = 0
    }
  }
}
