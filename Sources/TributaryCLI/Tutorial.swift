import ArgumentParser
import Tributary

/// `tributary tutorial`: the walk of PyTorch's introduction to autograd, in our own words.
struct Tutorial: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Walks through automatic differentiation, printing each value.",
    discussion: """
      A network of one layer and its loss; the functions that the graph consists of; the gradients; \
      how to do without recording; and what a gradient of a tensor that is not a single number means. \
      Each value is printed below the Swift code that made it, so that the code can be copied.

        tributary tutorial
        tributary tutorial --threads 1     the same numbers, to the bit
      """)

  @OptionGroup var threading: ThreadOptions

  func run() throws {
    try threading.with {
      let walk = Walk()
      print("Automatic differentiation with Tributary")
      let network = try Self.network(walk)
      try Self.graph(walk, network)
      try Self.gradients(walk, network)
      try Self.withoutRecording(walk, network)
      try Self.jacobianProducts(walk)
    }
  }

  struct Network {
    let x, y, w, b, z, loss: Tensor
  }

  private static func network(_ walk: Walk) throws -> Network {
    walk.heading("A network of one layer")
    walk.say(
      """
      Training a network means: compute its outputs and a loss, find how the loss changes with each \
      parameter, and move the parameters a little the other way. The middle part is what Tributary \
      does for you. Here is the smallest network worth the name: five inputs, three outputs, and the \
      parameters w and b. Only the parameters are to be optimised, so only they ask for a gradient.
      """)
    let x = try Tensor.ones([5])
    walk.show("let x = try Tensor.ones([5])                          // the input", x)
    let y = try Tensor.zeros([3])
    walk.show(
      "let y = try Tensor.zeros([3])                         // what the output should be", y)
    let w = try Tensor.randn([5, 3], requiresGrad: true)
    walk.show("let w = try Tensor.randn([5, 3], requiresGrad: true)  // the weights", w)
    let b = try Tensor.randn([3], requiresGrad: true)
    walk.show("let b = try Tensor.randn([3], requiresGrad: true)     // the biases", b)
    walk.say(
      """
      The outputs are logits: any real numbers. The binary cross-entropy takes each through a sigmoid \
      to a probability, and measures how far that is from the label 0 or 1.
      """)
    let z = try x.matmul(w) + b
    walk.show("let z = try x.matmul(w) + b", z)
    let loss = try binaryCrossEntropyWithLogits(z, y)
    walk.show("let loss = try binaryCrossEntropyWithLogits(z, y)", loss)
    return Network(x: x, y: y, w: w, b: b, z: z, loss: loss)
  }

  private static func graph(_ walk: Walk, _ network: Network) throws {
    let (z, loss) = (network.z, network.loss)
    walk.heading("The graph behind the values")
    walk.say(
      """
      Each operation on a tensor that requires a gradient left a node: it knows how to carry a \
      gradient from its result back to its operands, and it keeps what it needs for that. A tensor's \
      gradFn is the node that made it; tensors that you made yourself are leaves, and have none.
      """)
    walk.show("z.gradFn!", z.gradFn.map { "\($0)" } ?? "nil")
    walk.show("loss.gradFn!", loss.gradFn.map { "\($0)" } ?? "nil")
    walk.show("w.gradFn", network.w.gradFn.map { "\($0)" } ?? "nil")
    walk.show("(z.isLeaf, w.isLeaf)", (z.isLeaf, network.w.isLeaf))
  }

  private static func gradients(_ walk: Walk, _ network: Network) throws {
    let (z, y, w, b, loss) = (network.z, network.y, network.w, network.b, network.loss)
    walk.heading("Gradients")
    walk.say(
      """
      backward() walks the graph from the loss to the leaves by the chain rule, and adds what arrives \
      to each leaf's grad: the derivative of the loss with respect to every element of it.
      """)
    try loss.backward()
    walk.show("try loss.backward()\nw.grad!", w.grad.map { "\($0)" } ?? "nil")
    walk.show("b.grad!", b.grad.map { "\($0)" } ?? "nil")
    walk.say(
      """
      This case is simple enough to be checked by hand: by z, the loss has the derivative \
      (sigmoid(z) - y) / 3, since it is the mean over three outputs; b is added to z as it is; and \
      each row of w is multiplied by an input, here 1.
      """)
    walk.show("try noGrad { try (z.sigmoid() - y) / 3 }", try noGrad { try (z.sigmoid() - y) / 3 })
    walk.say(
      """
      Two rules: only leaves keep their gradient (others do after retainGrad()); and a pass releases \
      what the graph had saved, so a second one over the same graph is an error unless the first was \
      told to retain it.
      """)
    do throws(TensorError) {
      try loss.backward()
    } catch {
      walk.show("try loss.backward()", "throws: \(error)")
    }
  }

  private static func withoutRecording(_ walk: Walk, _ network: Network) throws {
    let (x, w, b, z) = (network.x, network.w, network.b, network.z)
    walk.heading("Doing without")
    walk.say(
      """
      What is computed from a tensor that requires a gradient is recorded. To apply a trained network, \
      or to hold some parameters fixed, switch that off: for a closure, for a value, or for a leaf.
      """)
    walk.show("z.requiresGrad", z.requiresGrad)
    let frozen = try noGrad { try x.matmul(w) + b }
    walk.show(
      "let frozen = try noGrad { try x.matmul(w) + b }\nfrozen.requiresGrad", frozen.requiresGrad)
    let same = z.detach()
    walk.show(
      "let same = z.detach()                // the same elements\nsame.requiresGrad",
      same.requiresGrad)
    try w.requiresGrad_(false)
    walk.show(
      "try w.requiresGrad_(false)           // a parameter that stays as it is\nw.requiresGrad",
      w.requiresGrad)
    walk.heading("More on the graph")
    walk.say(
      """
      The graph has no cycles: its roots are the results, its leaves the parameters. It is made anew \
      by every forward computation, so loops, conditions and recursion may shape it differently each \
      time. Going forward, an operation computes its result and leaves its node. Going backward, each \
      node turns the gradient of its result into gradients of its operands, and the leaves collect. \
      Branches of the graph that do not depend on each other run on several cores at once; what \
      arrives where they join is added in an order that the graph alone decides, so the bits do not \
      change with the number of threads. And a pass that fails changes no gradient at all.
      """)
  }

  private static func jacobianProducts(_ walk: Walk) throws {
    walk.heading("Results that are not one number")
    walk.say(
      """
      Where the result is a whole tensor, its derivative by the input is a Jacobian matrix J. A pass \
      never forms J: given a tensor v in the result's shape it computes the product of v with J. With \
      v all ones that is the gradient of the sum of the result.
      """)
    let inp = try Tensor.eye(5, requiresGrad: true)
    walk.show("let inp = try Tensor.eye(5, requiresGrad: true)", inp)
    let out = try (inp + 1).pow(2)
    walk.show("let out = try (inp + 1).pow(2)", out)
    let ones = try Tensor.onesLike(out)
    let code = "try out.backward(gradient: Tensor.onesLike(out), retainGraph: true)\ninp.grad!"
    try out.backward(gradient: ones, retainGraph: true)
    walk.say("First call: 2 (inp + 1), which is 4 on the diagonal and 2 elsewhere.")
    walk.show(code, inp.grad.map { "\($0)" } ?? "nil")
    try out.backward(gradient: ones, retainGraph: true)
    walk.say(
      """
      Second call: gradients accumulate, so the values have doubled. That is what lets a batch be \
      split into parts; but between two steps of a training the gradients must be set to zero.
      """)
    walk.show(code, inp.grad.map { "\($0)" } ?? "nil")
    try inp.grad?.zero_()
    try out.backward(gradient: ones, retainGraph: true)
    walk.say("Third call, after zeroing: as the first.")
    walk.show("try inp.grad!.zero_()\n" + code, inp.grad.map { "\($0)" } ?? "nil")
  }
}
