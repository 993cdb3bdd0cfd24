#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Facts about this process, read from the kernel.
package enum OwnProcess {
  /// Processor time of all threads, in nanoseconds.
  package static var cpuNanoseconds: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// Threads that run or want to.
  package static var runnableThreads: Int {
    guard let directory = opendir("/proc/self/task") else { return 0 }
    defer { closedir(directory) }
    var count = 0
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name.first?.isNumber == true else { continue }
      let text = read("/proc/self/task/\(name)/stat")
      // "tid (name) state …"; the name may hold blanks and parentheses.
      if let close = text.lastIndex(of: ")"), text[close...].dropFirst(2).first == "R" {
        count += 1
      }
    }
    return count
  }

  private static func read(_ path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4_096)
    let got = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(got), as: UTF8.self)
  }

  package static func sleep(milliseconds: UInt32) { usleep(milliseconds * 1_000) }
}
