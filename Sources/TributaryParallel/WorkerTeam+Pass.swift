import CTributaryShims
import Synchronization

extension WorkerTeam {
  /// Runs a pass on the team, the caller taking part.
  func runPass(
    count: Int, dependencies: UnsafePointer<Int32>?, priorities: UnsafePointer<Float>?,
    options: PassOptions, body: PassRecord.Body
  ) -> PassOutcome {
    guard count <= Int(Int32.max), let index = claimSlot() else {
      return SerialPass.run(count: count, on: self, options: options, body: body)
    }
    defer { releaseSlot(index) }
    let thread = tri_thread()
    let outside = (team: thread.pointee.team, worker: thread.pointee.worker)
    let outerPass = tri_parallel().pointee.pass
    // A client of this team, or a worker of another, is worker 0 of a pass that stands alone; nobody
    // else can be worker 0 there, for helpers from outside come only into passes nested in their own.
    let isMember = outside.team == Unmanaged.passUnretained(self).toOpaque()
    thread.pointee.team = Unmanaged.passUnretained(self).toOpaque()
    if !isMember { thread.pointee.worker = 0 }
    defer {
      thread.pointee.team = outside.team
      thread.pointee.worker = outside.worker
      tri_parallel().pointee.pass = outerPass
    }
    let parent = isMember ? outerPass?.assumingMemoryBound(to: PassRecord.self) : nil
    return withoutActuallyEscaping(body) { escapable in
      withUnsafePointer(to: escapable) { bodyPointer in
        let arrays = PassArrays(count: count, dependencies: dependencies)
        defer { arrays.deallocate() }
        let record = UnsafeMutablePointer<PassRecord>.allocate(capacity: 1)
        // SAFETY: participants reach the record, the arrays and the body only between joining and
        // leaving the slot; `runOpened` returns when all have left.
        record.initialize(
          to: PassRecord(
            team: .passUnretained(self), slot: index, parent: parent,
            heap: NodeHeap(
              child: arrays.child, sibling: arrays.sibling, priorities: priorities,
              frees: options.thrift?.frees),
            pending: dependencies == nil ? nil : arrays.pending, body: bodyPointer,
            options: options))
        defer {
          record.deinitialize(count: 1)
          record.deallocate()
        }
        runOpened(record, count: count, dependencies: dependencies)
        return outcome(of: record, count: count)
      }
    }
  }

  private func runOpened(
    _ record: UnsafeMutablePointer<PassRecord>, count: Int, dependencies: UnsafePointer<Int32>?
  ) {
    let slot = slots[record.pointee.slot]
    slot.makeQueues(count: queueCount)
    slot.pointee.pass = record
    slot.pointee.kind.store(.pass, ordering: .relaxed)
    slot.pointee.parent.store(
      record.pointee.parent.map { Int32($0.pointee.slot) } ?? -1, ordering: .relaxed)
    // The first ready nodes are as those that a node of the opener's made ready.
    let worker = Int(tri_thread().pointee.worker)
    var context = NodeContext(
      worker: worker, record: record, team: self, policy(of: record))
    // The last first: among equals each then goes before all that are there, which makes the heap a chain, and taking its
    // first node costs a step.
    for node in (0..<Int32(count)).reversed()
    where dependencies == nil || dependencies?[Int(node)] == 0 {
      context.becameReady(node, mayBeSmall: false)
    }
    let (first, ready) = context.handOnFirst(
      thrift: record.pointee.options.thrift?.isNeeded() ?? false)
    openSlot(slot)
    if ready > 1 {
      announce(min(ready, width) - 1, pass: record, nanoseconds: record.pointee.options.summons)
    }
    let work = {
      self.asCurrent {
        DependencyScheduler.work(record, team: self, from: first, hasJoined: false)
        if slot.leave() { return }
        self.wait(for: slot, rule: .pass(record)) {
          let seen = slot.pointee.state.load(ordering: .sequentiallyConsistent)
          guard slot.hasNodes(in: self.queueCount), slot.join(seen: seen) else {
            return false
          }
          self.idleOpeners.wrappingSubtract(1, ordering: .relaxed)
          DependencyScheduler.work(record, team: self, hasJoined: true)
          self.idleOpeners.wrappingAdd(1, ordering: .relaxed)
          slot.leave()
          return true
        }
      }
    }
    if let participation = record.pointee.options.participation {
      participation(work)
    } else {
      work()
    }
  }

  private func outcome(of record: UnsafeMutablePointer<PassRecord>, count: Int) -> PassOutcome {
    if record.pointee.sawCancellation.load(ordering: .relaxed) { return .cancelled }
    if let failure = record.pointee.failure {
      return .failed(position: failure.position, error: failure.error)
    }
    let ran = record.pointee.ran.load(ordering: .relaxed)
    return ran == count ? .completed : .incomplete(ran: ran)
  }
}

extension WorkerTeam {
  func policy(of record: UnsafeMutablePointer<PassRecord>) -> PassPolicy {
    PassPolicy(
      slot: slots[record.pointee.slot], width: width, nodeOfWorker: nodeOfWorker,
      smallPriority: record.pointee.options.smallPriority)
  }
}

/// The flat arrays of a pass, in one allocation: links of the ready queues, and counts.
private struct PassArrays {
  let child: UnsafeMutablePointer<Int32>
  let sibling: UnsafeMutablePointer<Int32>
  let pending: UnsafeMutablePointer<Atomic<Int32>>

  init(count: Int, dependencies: UnsafePointer<Int32>?) {
    let words = UnsafeMutableRawPointer.allocate(byteCount: count * 12, alignment: JobSlot.line)
    // SAFETY: three arrays of `count` words of four bytes each. The links are written before they are
    // read: `NodeHeap.isolate`.
    child = words.bindMemory(to: Int32.self, capacity: count)
    sibling = (words + count * 4).bindMemory(to: Int32.self, capacity: count)
    pending = (words + count * 8).bindMemory(to: Atomic<Int32>.self, capacity: count)
    if let dependencies {
      for node in 0..<count { (pending + node).initialize(to: Atomic(dependencies[node])) }
    }
  }

  func deallocate() { child.deallocate() }
}

extension DependencyScheduler {
  /// Runs ready nodes of a pass that the calling thread has joined until it finds none.
  ///
  /// On return all queues were empty after the thread's last push; so a pass without participants has no ready node, and
  /// is over.
  ///
  /// - Parameters:
  ///   - first: a node that is the thread's already; -1: none.
  ///   - hasJoined: the thread comes from elsewhere, perhaps the only one on whom two posters counted.
  @inline(never)
  static func work(
    _ record: UnsafeMutablePointer<PassRecord>, team: WorkerTeam, from first: Int32 = -1,
    hasJoined: Bool
  ) {
    let parallel = tri_parallel()
    let outerPass = parallel.pointee.pass
    parallel.pointee.pass = UnsafeMutableRawPointer(record)
    defer { parallel.pointee.pass = outerPass }

    let worker = Int(tri_thread().pointee.worker)
    let policy = team.policy(of: record)
    // One copy of everything counted for the whole stretch: no retain for each node.
    let body = record.pointee.body.pointee
    let perturb = record.pointee.options.perturb
    let tracker = record.pointee.options.tracker
    let cancellation = record.pointee.options.cancellation
    let thrift = record.pointee.options.thrift
    let observer = record.pointee.options.observer
    var context = NodeContext(worker: worker, record: record, team: team, policy)
    let home = context.home
    var ran = 0
    var isFirst = hasJoined
    let summons = record.pointee.options.summons

    func run(_ node: Int32, stolen: Bool) {
      perturb?(Int(node))
      tracker?.enter()
      observer?.willRun(Int(node), stolen: stolen)
      do { try body(Int(node), &context) } catch { PassRecord.fail(record, Int(node), error) }
      observer?.hasRun(Int(node))
      tracker?.leave()
      WorkerTeam.endIfForked()
      ran += 1
    }
    // A node above the limit is dropped. Edges lead upwards, so nothing below the limit needs it.
    func isAboveLimit(_ node: Int32) -> Bool {
      Int(node) > record.pointee.limit.load(ordering: .relaxed)
    }

    var node = first
    while true {
      var stolen = false
      if node < 0 {
        let needsThrift = thrift?.isNeeded() ?? false
        guard
          let choice = policy.next(
            for: worker, home: home, record.pointee.heap, thrift: needsThrift, hasJoined: isFirst)
        else { break }
        if choice.node >= 0 { isFirst = false }
        if choice.leavesMore { team.announce(1, pass: record, nanoseconds: summons) }
        (node, stolen) = (choice.node, choice.isStolen)
      }
      while node >= 0 {
        if let cancellation, cancellation.isCancelled {
          record.pointee.sawCancellation.store(true, ordering: .relaxed)
          policy.clear(worker, record.pointee.heap)
          break
        }
        if isAboveLimit(node) { break }
        context.begins(node)
        run(node, stolen: stolen)
        stolen = false
        for _ in 0..<PassPolicy.mostSmall {
          guard cancellation?.isCancelled != true, let small = context.beginsSmall() else { break }
          if !isAboveLimit(small) { run(small, stolen: false) }
        }
        let (next, others) = context.handOn(thrift: thrift?.isNeeded() ?? false)
        if others > 0 {
          team.announce(min(others, team.width - 1), pass: record, nanoseconds: summons)
        }
        node = next
      }
      node = -1
    }
    record.pointee.ran.wrappingAdd(ran, ordering: .relaxed)
  }
}
