import Testing

/// All tests that read or set what belongs to the whole process, one after another.
@Suite(.serialized) enum ProcessWide {}
