/// Every differentiable operator, one line each. A new operator adds its line to its family.
enum Catalogue {
  static let all: [CatalogueEntry] =
    elementwise + binaries + views + joining + indexing + reductions + products + losses
}
