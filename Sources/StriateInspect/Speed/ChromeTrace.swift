import StriateCore
import StriateFormats
import StriateIR
import StriateRuntime

/// A profile as a file for chrome://tracing, https://ui.perfetto.dev and what else reads the format.
///
/// Steps, the phases in them and the kernels in these are complete events (`"ph": "X"`) on one line, with
/// their real times in microseconds from the first step's begin.
/// Google, "Trace Event Format", 2016.
enum ChromeTrace {
  static func json(_ profile: Profile) -> JSON {
    guard let origin = profile.steps.first?.start else { return ["traceEvents": []] }
    var events: [JSON] = [
      name("process_name", "striate \(profile.model), \(profile.mode.rawValue)"),
      name("thread_name", "\(profile.device): \(profile.deviceSummary)"),
    ]
    func event(
      _ name: String, _ category: String, _ start: ContinuousClock.Instant, _ duration: Duration,
      _ arguments: JSON
    ) {
      events.append([
        "name": JSON(name), "cat": JSON(category), "ph": "X",
        "ts": JSON(((start - origin).milliseconds * 1e3).rounded(3)),
        "dur": JSON((duration.milliseconds * 1e3).rounded(3)), "pid": 1, "tid": 1,
        "args": arguments,
      ])
    }
    for (index, step) in profile.steps.enumerated() {
      event("step \(index)", "step", step.start, step.end - step.start, ["step": JSON(index)])
      let timed = profile.kernels.filter { $0.times.indices.contains(index) }
      for run in phases(timed) {
        guard let first = run.first, let last = run.last else { continue }
        let end = last.times[index].start + last.times[index].duration
        event(
          first.kernel.phase.rawValue, "phase", first.times[index].start,
          end - first.times[index].start, ["kernels": JSON(run.count)])
        for entry in run {
          let time = entry.times[index]
          event(
            entry.kernel.name, entry.kernel.phase.rawValue, time.start, time.duration,
            arguments(entry))
        }
      }
    }
    return ["displayTimeUnit": "ms", "traceEvents": .array(events)]
  }

  /// Kernels in runs of one phase.
  private static func phases(_ kernels: [Profile.Kernel]) -> [[Profile.Kernel]] {
    var runs: [[Profile.Kernel]] = []
    for kernel in kernels {
      if let last = runs.indices.last, runs[last].first?.kernel.phase == kernel.kernel.phase {
        runs[last].append(kernel)
      } else {
        runs.append([kernel])
      }
    }
    return runs
  }

  private static func arguments(_ entry: Profile.Kernel) -> JSON {
    [
      "layer": JSON(entry.kernel.path), "implementation": JSON(entry.kernel.implementation),
      "phase": JSON(entry.kernel.phase.rawValue),
      "output": entry.output.map { JSON("\($0)") } ?? nil,
      "inputs": JSON(entry.inputs.map { "\($0)" }),
      "macs": JSON(entry.macs), "bytes": JSON(entry.kernel.bytes),
    ]
  }

  /// A name for the process or its line.
  private static func name(_ kind: String, _ name: String) -> JSON {
    ["name": JSON(kind), "ph": "M", "pid": 1, "tid": 1, "args": ["name": JSON(name)]]
  }
}

extension Profile {
  /// The profile as a trace file for chrome://tracing and Perfetto.
  public var trace: JSON { ChromeTrace.json(self) }
}
