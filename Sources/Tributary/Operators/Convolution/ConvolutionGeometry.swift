import CTributaryKernels

/// How a kernel lies on an image: all that the convolution and both of its gradients share.
package struct ConvolutionGeometry: Sendable {
  /// One number for each spatial dim.
  let stride: Shape
  let padding: Shape
  let dilation: Shape
  let groups: Int

  var dims: Int { stride.rank }

  /// The problem of an image x [n, c, …], a map y [n, f, …] and a kernel w [f, c / groups, …], without pointers to
  /// them; nil where one of them has no element.
  func problem(
    _ kind: tri_conv_kind, _ dtype: DType, x: Shape, w: Shape, y: Shape,
    _ pointers: (x: Tensor, w: Tensor, y: Tensor)
  ) -> tri_conv_problem? {
    if x.contains(0) || w.contains(0) || y.contains(0) { return nil }
    var problem = tri_conv_problem(
      dtype: dtype.kernel, kind: kind, batch: Int64(x[0]), groups: Int64(groups),
      channels: Int64(w[1]), filters: Int64(w[0] / groups), image: (1, 1, 1), map: (1, 1, 1),
      kernel: (1, 1, 1), stride: (1, 1, 1), padding: (0, 0, 0), dilation: (1, 1, 1),
      x: pointers.x.pointer, w: pointers.w.pointer, y: pointers.y.pointer, bias: nil)
    spread(x.dropFirst(2), \.image, &problem)
    spread(y.dropFirst(2), \.map, &problem)
    spread(w.dropFirst(2), \.kernel, &problem)
    spread(stride[...], \.stride, &problem)
    spread(padding[...], \.padding, &problem)
    spread(dilation[...], \.dilation, &problem)
    return problem
  }

  /// The last of three are the ones there are.
  private func spread(
    _ sizes: Slice<Shape>, _ field: WritableKeyPath<tri_conv_problem, (Int64, Int64, Int64)>,
    _ problem: inout tri_conv_problem
  ) {
    let values = sizes.map(Int64.init)
    let last = values.count - 1
    problem[keyPath: field].2 = values[last]
    if last > 0 { problem[keyPath: field].1 = values[last - 1] }
    if last > 1 { problem[keyPath: field].0 = values[last - 2] }
  }

  /// The spatial sizes of the map that a kernel makes of an image; nil where it does not fit into it.
  func map(image: Shape, kernel: Shape) -> Shape? {
    var result = Shape()
    for d in 0..<dims {
      let (reach, overflow) = dilation[d].multipliedReportingOverflow(by: kernel[d + 2] - 1)
      let room = image[d + 2] + 2 * padding[d]
      if overflow || reach >= room { return nil }
      result.append((room - reach - 1) / stride[d] + 1)
    }
    return result
  }
}
