import Testing

/// All tests that read or set what belongs to the whole process, one after another.
///
/// On one thread, hence `@OneThread` at each: the peak takes what another thread has freed and not published yet to live
/// (`BufferPool.statistics`), and the runner puts a test on whichever thread it has.
@Suite(.serialized) enum ProcessWide {}
