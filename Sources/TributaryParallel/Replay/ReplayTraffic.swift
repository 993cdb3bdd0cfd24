/// What a stretch of work moves besides what lies in its core's own cache.
struct ReplayTraffic {
  /// Bytes that come from and go to memory, on NUMA node `home`, and the shared cache.
  var main = 0.0
  var shared = 0.0
  var home = 0
  /// Nanoseconds that it takes longer because that is another NUMA node.
  var remoteTime = 0.0
}
