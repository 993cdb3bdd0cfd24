import Glibc
import Synchronization
import Testing
import TestTools
import TributaryMemory

extension ProcessWide {
  @OneThread @Suite(.serialized) struct ForkTests {
    /// Forks in the middle of a storm, again and again: the child allocates and counts, and never
    /// waits for a lock that a thread of its parent held.
    @Test func aChildDoesNotHang() throws {
      typealias Fork = @convention(c) () -> pid_t
      // Swift hides `fork`, which no program should call lightly.
      let symbol = try #require(dlsym(nil, "fork"))
      let fork = unsafeBitCast(symbol, to: Fork.self)
      _ = try TiledBuffer.allocate(byteCount: 3 << 20)  // the pool is there before the first fork
      let stop = Atomic<Bool>(false)
      let failed = Atomic<Int>(0)
      onThreads(3) { thread in
        if thread > 0 {
          // Relaxed: a wish to end; nothing is handed over.
          while !stop.load(ordering: .relaxed) {
            let some = (0..<40).map { try? TiledBuffer.allocate(byteCount: 60_000 * ($0 % 9)) }
            _ = some.count
            _ = BufferPool.statistics
          }
          return
        }
        for _ in 0..<20 {
          let child = fork()
          if child == 0 {
            alarm(20)
            for size in [100, 70_000, 600_000, 5_000_000] {
              _ = try? TiledBuffer.allocate(byteCount: size)
            }
            BufferPool.trim()
            _exit(BufferPool.statistics.liveBuffers >= 0 ? 0 : 1)
          }
          var status: Int32 = -1
          if child < 0 || waitpid(child, &status, 0) != child || status != 0 {
            failed.wrappingAdd(1, ordering: .relaxed)
            break
          }
        }
        stop.store(true, ordering: .relaxed)
      }
      #expect(failed.load(ordering: .relaxed) == 0)
    }
  }
}
