extension Tensor {
  package func sum(toShape shape: Shape) throws(TensorError) -> Tensor { self }
}
