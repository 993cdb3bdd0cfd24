import CTributaryShims
import TributaryMemory
import TributaryParallel

extension Trace {
  /// What a trace sees of one pass.
  ///
  /// While the pass runs, a node costs two readings of the clock and some plain stores into a line of its own; what they
  /// tell is put together when the pass has ended.
  ///
  /// Unchecked: an element of `marks` is written by the thread that makes the node ready and then by the one that runs
  /// it, between which the scheduler's counts hand over, and read when the pass is over; a log belongs to the thread
  /// that holds its worker number. The rest is the caller's thread's.
  final class Pass: PassObserver, @unchecked Sendable {
    /// A line of a cache: neighbours are written by different threads.
    struct Mark {
      var ready: UInt64 = 0
      var start: UInt64 = 0
      var end: UInt64 = 0
      var thread = 0
      var liveBytes = 0
      /// The log of the node in which this one's pass was opened.
      var outerLog: UnsafeMutableRawPointer?
      var worker: Int32 = 0
      var stolen = false
      /// Of what has arrived.
      var bytesIn = 0
    }

    let trace: Trace
    let task: GraphTask
    let threads: Int
    /// By serial position; none where only the pass's times are wanted.
    let marks: UnsafeMutableBufferPointer<Mark>
    /// By worker number.
    let logs: UnsafeMutableBufferPointer<LoopLog>
    /// Bytes that each node had saved: nodes release them as they run.
    private(set) var savedBytes: [Int] = []

    private(set) var discovered: UInt64 = 0
    private(set) var prepared: UInt64 = 0
    private(set) var begun: UInt64 = 0
    private(set) var ran: UInt64 = 0

    /// What the scheduler is to call for each node.
    var observer: (any PassObserver)? { marks.isEmpty ? nil : self }

    init(_ trace: Trace, _ task: GraphTask, threads: Int) {
      (self.trace, self.task, self.threads) = (trace, task, threads)
      discovered = tri_nanoseconds()
      let isFull = trace.detail == .everything
      let room = isFull ? task.count : 0
      let memory = UnsafeMutableRawPointer.allocate(
        byteCount: room * MemoryLayout<Mark>.stride, alignment: 64)
      // SAFETY: room for so many marks, aligned as they are or better, and freed by `marks` alone.
      marks = UnsafeMutableBufferPointer(
        start: memory.bindMemory(to: Mark.self, capacity: room), count: room)
      // Written now: fresh pages would be met inside of the nodes.
      marks.initialize(repeating: Mark())
      logs = .allocate(capacity: isFull ? threads : 0)
      logs.initialize(repeating: LoopLog())
      if isFull { savedBytes = (0..<task.count).map { task.savedBytes($0) } }
      prepared = tri_nanoseconds()
    }

    deinit {
      marks.deallocate()
      logs.deinitialize()
      logs.deallocate()
    }

    func begins() { begun = tri_nanoseconds() }

    func hasRunAll() { ran = tri_nanoseconds() }

    /// The pass is over, whether or not it succeeded; `hasRunAll` was called where it did.
    func end() {
      let ended = tri_nanoseconds()
      if !marks.isEmpty { writeEvents() }
      guard let pass = recorded(ended) else { return }
      trace.passes.withLock { $0.append(pass) }
    }

    // MARK: Nodes

    func becameReady(_ node: Int) { marks[node].ready = tri_nanoseconds() }

    func willRun(_ node: Int, stolen: Bool) {
      let (thread, parallel) = (tri_thread(), tri_parallel())
      let worker = Int(thread.pointee.worker)
      // A pass that the scheduler runs on one thread may run on a worker of another team.
      let log = logs.indices.contains(worker) ? worker : 0
      logs[log].node = Int32(node)
      marks[node].bytesIn = task.arrivedBytes(node)
      marks[node].worker = thread.pointee.worker
      marks[node].stolen = stolen
      marks[node].outerLog = parallel.pointee.loop_log
      parallel.pointee.loop_log = logs.baseAddress.map { UnsafeMutableRawPointer($0 + log) }
      marks[node].start = tri_nanoseconds()
    }

    func hasRun(_ node: Int) {
      marks[node].end = tri_nanoseconds()
      tri_parallel().pointee.loop_log = marks[node].outerLog
      marks[node].thread = Trace.thread
      marks[node].liveBytes = BufferPool.approximateLiveBytes
    }
  }
}

extension GraphTask {
  /// What the gradients that have arrived take in memory.
  fileprivate func arrivedBytes(_ position: Int) -> Int {
    portRange(position).reduce(0) { $0 + (arrived(at: $1)?.storedBytes ?? 0) }
  }

  fileprivate func savedBytes(_ position: Int) -> Int {
    nodes[position].node._withUnsafeGuaranteedRef {
      $0.savedTensors.reduce(0) { $0 + $1.storedBytes }
    }
  }
}
