import CTributaryShims

func clock() -> UInt64 { tri_nanoseconds() }

/// Keeps the core busy.
func spin(_ microseconds: UInt64) {
  let end = clock() + microseconds * 1_000
  while clock() < end { tri_cpu_pause() }
}

/// Lets another thread run.
func pause() { tri_yield() }
