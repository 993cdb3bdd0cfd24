import CTributaryKernels

/// By input, weight and bias, in one kernel.
final class NativeBatchNormBackward: Node, @unchecked Sendable {
  private let training: Bool
  private let hasWeight: Bool
  private let hasBias: Bool

  init(
    _ x: Tensor, _ weight: Tensor?, _ bias: Tensor?, _ statistics: BatchStatistics, training: Bool
  ) {
    self.training = training
    (hasWeight, hasBias) = (weight != nil, bias != nil)
    super.init(inputs: [x] + [weight, bias].compactMap { $0 })
    save(x)
    save(statistics.mean)
    save(statistics.invstd)
    if let weight { save(weight) }
  }

  override func apply(_ g: Tensor, _ sink: inout GradientSink) throws(TensorError) {
    let biasInput = hasWeight ? 2 : 1
    let batch = BatchNormGradient(
      training: training, x: try saved(0), mean: try saved(1), invstd: try saved(2),
      weight: hasWeight ? try saved(3) : nil)
    let wanted = (
      x: sink.wants(0), weight: hasWeight && sink.wants(1), bias: hasBias && sink.wants(biasInput)
    )
    let found = try batch.gradients(g, wanted)
    if wanted.x { sink[0] = found.x }
    if wanted.weight { sink[1] = found.weight }
    if wanted.bias { sink[biasInput] = found.bias }
  }
}

/// The gradients of a batch normalisation, as an operator.
struct BatchNormGradient {
  let training: Bool
  let x: Tensor
  let mean: Tensor
  let invstd: Tensor
  let weight: Tensor?

  func gradients(
    _ g: Tensor, _ wanted: (x: Bool, weight: Bool, bias: Bool)
  ) throws(TensorError) -> (x: Tensor?, weight: Tensor?, bias: Tensor?) {
    let operation: StaticString = "batch_norm_backward"
    let (input, gradient) = (
      try x.denseCopyIfStrided(operation), try g.denseCopyIfStrided(operation)
    )
    let denseWeight = try weight?.denseCopyIfStrided(operation)
    let channels = x.shape[1]
    func empty(_ shape: Shape, _ wanted: Bool) throws(TensorError) -> Tensor? {
      wanted ? try Tensor.empty(shape, dtype: x.dtype, operation) : nil
    }
    let dx = try empty(x.shape, wanted.x)
    let (dw, db) = (try empty([channels], wanted.weight), try empty([channels], wanted.bias))
    if x.count > 0 {
      var problem = tri_batch_norm(input, denseWeight, mean: mean, invstd: invstd)
      problem.training = training ? 1 : 0
      problem.g = UnsafeRawPointer(gradient.pointer)
      (problem.dx, problem.dweight, problem.dbias) = (dx?.pointer, dw?.pointer, db?.pointer)
      try problem.backward()
      withExtendedLifetime((input, gradient, denseWeight, mean, invstd)) {}
    } else {
      for empty in [dw, db] { empty?.fillElements(.integer(0)) }
    }
    if AutogradMode.records(g, x) || weight.map({ AutogradMode.records($0) }) == true {
      let node = NativeBatchNormBackwardBackward(g, self)
      node.outputShape = x.shape
      node.record(outputs: [dx, dw, db], nanoseconds: Float(x.count))
    }
    return (dx, dw, db)
  }
}

/// The gradients of the gradients. With d = x − mean, s = 1/√(variance + eps), n values a channel, Σ over a channel's
/// values and upstream gradients V, u, t of
///
///   dx = γ·s·(g − Σg/n − d·s²·Σ(g·d)/n)   dγ = s·Σ(g·d)   dβ = Σg
///
/// (dx is symmetric in g and V). Where the statistics were given, they and so the terms in them are constants.
final class NativeBatchNormBackwardBackward: Node, @unchecked Sendable {
  private let training: Bool
  private let hasWeight: Bool

  init(_ g: Tensor, _ batch: BatchNormGradient) {
    training = batch.training
    hasWeight = batch.weight != nil
    super.init(inputs: [g, batch.x] + (batch.weight.map { [$0] } ?? []))
    save(g)
    save(batch.x)
    save(batch.mean)
    save(batch.invstd)
    if let weight = batch.weight { save(weight) }
  }

  override var outputCount: Int { 3 }

  override func outputShape(at index: Int) -> Shape {
    index == 0 ? outputShape : [outputShape[1]]
  }

  override func apply(
    all gradients: [Tensor?], _ sink: inout GradientSink
  ) throws(TensorError) {
    let (g, x) = (try saved(0), try saved(1))
    let channel = Shape([1, x.shape[1]] + Array(repeating: 1, count: x.rank - 2))
    let n = Double(x.shape[1] == 0 ? 1 : max(1, x.count / x.shape[1]))
    let dims = Array(x.shape.indices).filter { $0 != 1 }
    func sum(_ t: Tensor) throws(TensorError) -> Tensor { try t.sum(dim: dims, keepDim: true) }
    let s = try invstd(x).reshape(channel)
    let d = try x - mean(x).reshape(channel)
    let gamma = try hasWeight ? saved(4).reshape(channel) : Tensor.onesLike(s)
    var (byG, byX, byGamma): (Tensor?, Tensor?, Tensor?)
    func add(_ a: Tensor?, _ b: Tensor) throws(TensorError) -> Tensor {
      if let a { try a + b } else { b }
    }
    if let v = gradients[0] {
      if training {
        let (vMean, gMean) = (try sum(v) / n, try sum(g) / n)
        let (vd, gd) = (try sum(v * d), try sum(g * d))
        let (vApart, gApart) = (try v - vMean, try g - gMean)
        let apart = try sum(vApart * g)
        byG = try gamma * s * (vApart - d * (s * s * vd / n))
        byGamma = try s * (apart - s * s * vd * gd / n)
        let s3 = try s * s * s
        let along = try s3 * apart - 3 * s3 * s * s * vd * gd / n
        byX = try -(gamma / n) * (d * along + s3 * (vApart * gd + gApart * vd))
      } else {
        byG = try gamma * s * v
        byGamma = try s * sum(v * g)
      }
    }
    if let u = try gradients[1]?.reshape(channel) {
      byG = try add(byG, u * s * d)
      if training {
        let s3 = try s * s * s
        let gApart = try g - sum(g) / n
        byX = try add(byX, u * (s * gApart - d * (s3 * sum(g * d) / n)))
      } else {
        byX = try add(byX, u * s * g)
      }
    }
    if let t = gradients[2] { byG = try add(byG, t.reshape(channel).expand(x.shape)) }
    if sink.wants(0) { sink[0] = byG }
    if sink.wants(1) {
      if byX == nil { byX = try Tensor.zerosLike(x) }
      sink[1] = byX
    }
    if hasWeight, sink.wants(2) {
      if byGamma == nil { byGamma = try Tensor.zerosLike(saved(4)) }
      sink[2] = try byGamma?.reshape([x.shape[1]])
    }
  }

  /// Functions of x while training, so that the gradient can be differentiated once more.
  private func mean(_ x: Tensor) throws(TensorError) -> Tensor {
    guard training, AutogradMode.records(x) else { return try saved(2) }
    return try x.mean(dim: x.shape.indices.filter { $0 != 1 })
  }

  private func invstd(_ x: Tensor) throws(TensorError) -> Tensor {
    let s = try saved(3)
    guard training, AutogradMode.records(x) else { return s }
    // Of the variance, which needs no eps here: s as it is, with the derivative −s³·(variance)′/2.
    let dims = x.shape.indices.filter { $0 != 1 }
    let apart = try x - x.mean(dim: dims, keepDim: true)
    let variance = try (apart * apart).mean(dim: dims)
    let constant = variance.detach()
    return try ((variance - constant) + s.square().reciprocal()).rsqrt()
  }
}
