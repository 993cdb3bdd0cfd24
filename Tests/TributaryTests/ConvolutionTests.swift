import Foundation
import TestSupport
import Testing
import Tributary

/// Values are PyTorch's.
@Suite struct ConvolutionTests {
  private func waves(_ shape: Shape) throws -> Tensor {
    try Tensor((0..<shape.reduce(1, *)).map { sin(Double($0)) }, dtype: .float64).reshape(shape)
  }

  private func expect(
    _ x: Tensor, _ values: [Double], _ location: SourceLocation = #_sourceLocation
  ) throws {
    let expected = try Tensor(values, dtype: .float64)
    #expect(
      try x.reshape([-1]).isNear(expected, absolute: 1e-5, relative: 0), sourceLocation: location)
  }

  private let weight = try? Tensor.arange(1, 13, dtype: .float64).reshape([2, 1, 2, 3]).div(8.0)

  @Test func groupsStridesAndPadding() throws {
    let y = try conv2d(
      waves([1, 2, 4, 4]), #require(weight), Tensor([0.5, -0.5], dtype: .float64), stride: [1, 2],
      padding: 1, groups: 2)
    #expect(y.shape == [1, 2, 5, 2])
    try expect(
      y,
      [
        1.131103277206421, 1.594886302947998, -0.3766431510448456, 0.7240713238716125,
        0.8786405324935913, -0.32729601860046387, 0.8816511631011963, 1.3574421405792236,
        0.5234193801879883, 1.0440306663513184, -2.337963342666626, -2.509538412094116,
        0.6408076882362366, -2.1592798233032227, -0.08951506018638611, 1.5888665914535522,
        -2.177429437637329, -1.5714685916900635, -0.9756823182106018, -2.5232536792755127,
      ])
  }

  @Test func sameKeepsTheSize() throws {
    let y = try conv2d(waves([1, 2, 4, 4]).narrow(1, 0, 1), #require(weight), padding: .same)
    #expect(y.shape == [1, 2, 4, 4])
    try expect(
      y.reshape([-1]).narrow(0, 0, 8),
      [
        -0.876643180847168, -0.6359362602233887, 0.22407129406929016, 0.41985106468200684,
        0.3786405324935913, -0.09487485885620117, -0.8272960782051086, -0.7676847577095032,
      ])
  }

  /// The bias's gradient sums each channel where it lies; the bits are those of a row that lies whole.
  @Test func aChannelIsSummedAsARow() throws {
    for (shape, dims) in [
      ([5, 3, 61, 47], [0, 2, 3]), ([40, 7, 300], [0, 2]), ([2, 6, 5, 4, 1, 3000], [0, 1, 4, 5]),
      ([1, 9, 70, 80], [0, 2, 3]), ([9, 1, 70, 80], [0, 2, 3]),
    ] {
      let x = try Tensor.randn(Shape(shape), generator: Generator(seed: 5))
      let kept = shape.indices.filter { !dims.contains($0) }
      let rows = try x.permute(kept + dims).contiguous().reshape([
        kept.reduce(1) { $0 * shape[$1] }, -1,
      ])
      for threads in [1, 2, 3] {
        let (sum, mean) = try withThreads(threads) {
          (try x.sum(dim: dims).reshape([-1]), try x.mean(dim: dims).reshape([-1]))
        }
        #expect(try sum.equal(rows.sum(dim: 1)), "\(shape)")
        #expect(try mean.equal(rows.mean(dim: 1)), "\(shape)")
      }
    }
  }

  @Test func transposed() throws {
    let y = try convTranspose2d(
      waves([1, 2, 4, 4]), #require(weight), Tensor([0.25], dtype: .float64), stride: 2,
      padding: [0, 1], outputPadding: [1, 0])
    #expect(y.shape == [1, 1, 9, 7])
    try expect(
      y.reshape([-1]).slice(0, step: 7),
      [
        -0.0379033088684082, -0.14586704969406128, 0.9737446308135986, 1.03229820728302,
        -0.40823882818222046, -0.3768213987350464, 0.3867625594139099, 0.28713738918304443, 0.25,
      ])
  }

  /// A sample has the same bits alone and in a batch, also backward.
  @Test func aSampleAloneHasTheBitsOfTheBatch() throws {
    let generator = Generator(seed: 5)
    let w = try Tensor.randn([6, 5, 3, 3], generator: generator)
    let x = try Tensor.randn([7, 5, 13, 9], generator: generator).requiresGrad_()
    let all = try conv2d(x, w, stride: 2, padding: 1)
    let g = try Tensor.randn(all.shape, generator: generator)
    let gradient = try #require(
      try Tensor.grad(of: [all], withRespectTo: [x], gradients: [g]).first ?? nil)
    for n in 0..<7 {
      let one = try x.detach().narrow(0, n, 1).requiresGrad_()
      let y = try conv2d(one, w, stride: 2, padding: 1)
      #expect(try y.equal(all.narrow(0, n, 1)))
      let own = try Tensor.grad(
        of: [y], withRespectTo: [one], gradients: [g.narrow(0, n, 1)])
      #expect(try #require(own.first ?? nil).equal(gradient.narrow(0, n, 1)))
    }
  }

  @Test func unbatchedIsABatchOfOne() throws {
    let (x, w) = (try waves([1, 2, 4, 4]), try waves([3, 2, 2, 2]))
    #expect(try conv2d(x.squeeze(0), w).equal(conv2d(x, w).squeeze(0)))
    #expect(
      try convTranspose2d(x.squeeze(0), w.transpose(0, 1)).equal(
        convTranspose2d(x, w.transpose(0, 1)).squeeze(0)))
  }

  @Test func aBatchOfNothing() throws {
    let x = try Tensor.zeros([0, 2, 5], requiresGrad: true)
    let w = try Tensor.ones([3, 2, 2], requiresGrad: true)
    let y = try conv1d(x, w, Tensor.ones([3]))
    #expect(y.shape == [0, 3, 4])
    try y.sum().backward()
    #expect(try #require(w.grad).equal(.zeros([3, 2, 2])))
  }

  @Test func errorsSayWhatToDo() throws {
    let error = #expect(throws: TensorError.self) {
      _ = try conv2d(Tensor.ones([1, 3, 8, 8]), Tensor.ones([4, 2, 3, 3]))
    }
    #expect(
      error?.description
        == "conv2d: with 1 groups a weight of 4 filters of 2 channels does not fit 3 input channels; filters and "
        + "channels must be multiples of the groups, and the input's channels groups times the weight's "
        + "(shapes [1, 3, 8, 8], [4, 2, 3, 3])")
    // What no integer counts.
    for huge in [Int(Int32.max), Int.max] {
      #expect(throws: TensorError.self) {
        _ = try conv3d(
          Tensor.ones([1, 1, 2, 2, 2]), Tensor.ones([1, 1, 2, 2, 2]),
          padding: ConvolutionPadding(SpatialSize(huge)))
      }
      #expect(throws: TensorError.self) {
        _ = try convTranspose3d(
          Tensor.ones([1, 1, 2, 2, 2]), Tensor.ones([1, 1, 2, 2, 2]), stride: SpatialSize(huge))
      }
    }
  }

  @Test func names() throws {
    let (x, w) = (
      try Tensor.ones([1, 2, 4], requiresGrad: true), try Tensor.ones([2, 2, 2])
    )
    #expect(try conv1d(x, w).gradFn?.name == "ConvolutionBackward0")
    #expect(try convTranspose1d(x, w).gradFn?.name == "ConvolutionBackward0")
    #expect(try conv1d(x.squeeze(0), w).gradFn?.name == "SqueezeBackward1")
  }
}
