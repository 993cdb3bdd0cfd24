/// Every operator, one line each. A new operator adds its line to its family.
enum Catalogue {
  static let differentiable: [CatalogueEntry] =
    elementwise + mathematics + binaries + inPlace + views + joining + indexing + reductions
    + products + losses + convolution + pooling + batchNormalization + layers + scans + scatters

  static let all = differentiable + casts + withoutGradient
}
