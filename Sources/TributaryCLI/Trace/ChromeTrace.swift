import Foundation
import Tributary

/// Events in Chrome's trace format, which ui.perfetto.dev and chrome://tracing open. (Trace Event Format, Google
/// 2016.)
enum ChromeTrace {
  /// A row a thread, a slice an event, an arrow from each operation to its nodes in passes, two counters; and, under a
  /// key that viewers pass over, the passes themselves (``PassFile``).
  static func data(_ recording: Trace.Recording) throws -> Data {
    let events = recording.events
    var entries: [Entry] = names(of: events)
    var recorded: [UInt64: Trace.Event] = [:]
    for event in events where event.kind == .forward { recorded[event.node] = event }
    var arrows = 0
    for event in events {
      entries.append(slice(event))
      guard event.kind == .backward else { continue }
      entries += counters(event)
      // An arrow for each pass that runs the operation's node.
      guard let source = recorded[event.node] else { continue }
      arrows += 1
      entries += arrow(arrows, from: source, to: event)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return try encoder.encode(
      File(
        traceEvents: entries, displayTimeUnit: "ns",
        tributary: PassFile.Passes(passes: recording.passes)))
  }

  private struct File: Encodable {
    let traceEvents: [Entry]
    let displayTimeUnit: String
    let tributary: PassFile.Passes
  }

  private struct Entry: Encodable {
    var name: String
    var ph: String
    var cat: String?
    var ts = 0.0
    var dur: Double?
    var pid = 1
    var tid: Int
    var id: Int?
    var bp: String?
    var args: [String: Value]?
  }

  private enum Value: Encodable {
    case text(String)
    case number(Double)

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .text(let text): try container.encode(text)
      case .number(let number): try container.encode(number)
      }
    }
  }

  private static func microseconds(_ nanoseconds: UInt64) -> Double { Double(nanoseconds) / 1_000 }

  private static func names(of events: [Trace.Event]) -> [Entry] {
    var seen: [Int: Int] = [:]
    for event in events { seen[event.thread] = max(seen[event.thread] ?? 0, event.worker) }
    return seen.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.enumerated().flatMap {
      place, row in
      let name = row.value == 0 ? "caller" : "worker \(row.value)"
      return [
        Entry(
          name: "thread_name", ph: "M", tid: row.key,
          args: ["name": .text("\(name) (thread \(row.key))")]),
        Entry(
          name: "thread_sort_index", ph: "M", tid: row.key,
          args: ["sort_index": .number(Double(place))]),
      ]
    }
  }

  private static func slice(_ event: Trace.Event) -> Entry {
    var arguments: [String: Value] = ["shape": .text(event.shape.description)]
    if event.kind == .backward {
      arguments["contributions"] = .number(Double(event.backward.slots))
      arguments["waited_us"] = .number(microseconds(event.backward.waited))
      arguments["stolen"] = .text(event.backward.stolen ? "yes" : "no")
    }
    return Entry(
      name: event.name, ph: "X", cat: event.kind == .forward ? "forward" : "backward",
      ts: microseconds(event.start), dur: microseconds(event.end - event.start), tid: event.thread,
      args: arguments)
  }

  private static func counters(_ event: Trace.Event) -> [Entry] {
    let at = microseconds(event.end)
    return [
      Entry(
        name: "ready nodes", ph: "C", ts: at, tid: 0,
        args: ["ready": .number(Double(event.backward.readyNodes))]),
      Entry(
        name: "live bytes", ph: "C", ts: at, tid: 0,
        args: ["bytes": .number(Double(event.backward.liveBytes))]),
    ]
  }

  private static func arrow(_ id: Int, from: Trace.Event, to: Trace.Event) -> [Entry] {
    [
      Entry(
        name: "gradient", ph: "s", cat: "gradient", ts: microseconds(from.start), tid: from.thread,
        id: id),
      Entry(
        name: "gradient", ph: "f", cat: "gradient", ts: microseconds(to.start), tid: to.thread,
        id: id, bp: "e"),
    ]
  }
}
