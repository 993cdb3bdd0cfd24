import Crypto
import Tributary

/// One number for all parameters: equal digests mean equal bits.
enum ParameterDigest {
  /// SHA-256 over the elements of all tensors, in order, as little-endian float32; hexadecimal.
  ///
  /// A NaN counts as one value, for its sign and payload differ between machines.
  static func of(_ parameters: [Tensor]) throws(TensorError) -> String {
    var hash = SHA256()
    for parameter in parameters {
      let words = try parameter.detach().scalars(as: Float.self).map {
        ($0.isNaN ? Float.nan : $0).bitPattern.littleEndian
      }
      words.withUnsafeBytes { hash.update(bufferPointer: $0) }
    }
    return hash.finalize().map { byte in
      String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }.joined()
  }
}
