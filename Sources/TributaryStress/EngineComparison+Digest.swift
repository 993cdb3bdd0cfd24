import Tributary

extension EngineComparison {
  /// A digest of the graph's values, of the gradients that the serial engine leaves, and of its error: equal
  /// on every machine. Two machines whose stress runs find no mismatch and print one digest agree in every bit.
  package static func digest(
    seed: UInt64, steps: [Int]? = nil, features: RandomGraph.Features
  ) throws(TensorError) -> UInt64 {
    let graph = try RandomGraph(seed: seed, steps: steps, features: features)
    var digest = Digest()
    for value in graph.values { try digest.add(value) }
    do { try SerialEngine.backward(graph.roots, gradients: graph.seeds) } catch {
      for byte in "\(error)".utf8 { digest.add(UInt64(byte)) }
    }
    for gradient in graph.gradients { try digest.add(gradient) }
    return digest.value
  }
}
