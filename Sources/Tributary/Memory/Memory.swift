import TributaryMemory

/// The memory of all tensors of the process: how much it may be, how much it is. Safe to use from any thread.
///
/// What tensors give back is kept, and given to later ones, for fresh pages from the system cost more than most
/// operations on them.
public enum Memory {
  /// The most bytes that living tensors may have together; nil, as at first: no limit.
  ///
  /// An operation that would pass it throws a ``TensorError`` of kind `outOfMemory`; a backward pass that does changes
  /// no gradient. Counted are the bytes that tensors asked for; threads keep some MiB of free memory each besides, and
  /// the blocks that tensors lie in are up to a quarter larger (above 1.75 MiB, whole tiles of 2 MiB). Other free
  /// memory is given back as the limit comes near. A number below zero counts as zero. Under a limit a small operation
  /// takes some 20 ns more.
  public static var limit: Int? {
    get { BufferPool.limit }
    set { BufferPool.setLimit(bytes: newValue) }
  }

  /// The most bytes of free memory that are kept for later tensors, but for some MiB of each thread; at first a quarter
  /// of what the process may use (the machine's memory, or what its control group grants). Setting it gives back what
  /// is above. A number below zero counts as zero.
  public static var cacheLimit: Int {
    get { BufferPool.cacheBound }
    set { BufferPool.setCacheBound(bytes: newValue) }
  }

  /// Gives free memory back to the system, and returns how many bytes.
  ///
  /// What other threads keep they give up when they next run short of it. Costs a system call for each larger block,
  /// and fresh pages afterwards: for a pause, not for a training step.
  @discardableResult
  public static func trim() -> Int { BufferPool.trim() }

  /// The counts of all threads, as of now. Exact when no thread makes or frees a tensor meanwhile; the peak may miss
  /// 64 KiB for each further thread. Takes a lock that threads take seldom, and a look at each thread's counts.
  public static var statistics: Statistics { Statistics(BufferPool.statistics) }

  /// From here on ``Statistics/peakLiveBytes`` is of what lives now and later.
  public static func resetPeak() { BufferPool.resetPeak() }

  /// What ``Memory/statistics`` tells.
  public struct Statistics: Sendable, Hashable {
    /// Bytes of the elements of all living tensors, as they were asked for. Views share them.
    public let liveBytes: Int
    /// In how many buffers; all views of a tensor share one.
    public let liveBuffers: Int
    /// The most `liveBytes` since the start or the last ``Memory/resetPeak()``.
    public let peakLiveBytes: Int
    /// The same of tensors alone, to within 64 KiB for each thread: without what kernels pack their operands into and
    /// without the arrays of a backward pass, which are live bytes too as long as they last.
    public let peakTensorBytes: Int
    /// Buffers made from memory that was freed before.
    public let hits: Int
    /// Buffers for which the system was asked.
    public let misses: Int
    /// Bytes that are free and kept.
    public let cachedBytes: Int

    init(_ pool: MemoryStatistics) {
      liveBytes = pool.liveBytes
      liveBuffers = pool.liveBuffers
      peakLiveBytes = pool.peakLiveBytes
      peakTensorBytes = pool.peakTensorBytes
      hits = pool.hits
      misses = pool.misses
      cachedBytes = pool.cachedBytes
    }
  }
}
