/// Sees what happens to the nodes of a pass, for traces. Called by the threads that take part, as things happen; a
/// pass without an observer pays one test of nil for each node.
package protocol PassObserver: AnyObject, Sendable {
  /// All that the node depends on has run.
  func becameReady(_ node: Int)
  /// - Parameter stolen: taken from another worker's queue.
  func willRun(_ node: Int, stolen: Bool)
  func hasRun(_ node: Int)
}
