import Foundation
import Striate
import Testing

@Suite struct ProfileTests {
  private func profile(
    _ id: String, _ mode: ModelSubject.Mode, on device: Device, repeats: Int = 3
  ) throws -> Profile {
    let entry = try Catalog.find(id)
    let shape: Shape = id == "lenet5" ? [1, 12, 12] : [3, 8, 8]
    let subject = ModelSubject(entry.model(input: shape), named: id, input: shape, batch: 3)
    return try Profile(subject, mode, repeats: repeats, warmup: 1, on: device)
  }

  @Test("every way to put kernels together holds the same time and work", arguments: devices)
  func sums(_ device: Device) throws {
    for mode in ModelSubject.Mode.allCases {
      let profile = try profile("resnet20", mode, on: device)
      for grouping in Profile.Grouping.allCases {
        let rows = profile.rows(by: grouping)
        let time = rows.reduce(0) { $0 + $1.milliseconds }
        #expect(abs(time - profile.kernelMilliseconds) < 1e-9 * max(time, 1))
        #expect(abs(rows.reduce(0) { $0 + $1.share } - 1) < 1e-9)
        #expect(rows.reduce(0) { $0 + $1.calls } == profile.kernels.count)
        #expect(rows.reduce(0) { $0 + $1.macs } == profile.kernels.reduce(0) { $0 + $1.macs })
      }
      let phases = profile.phases.reduce(0) { $0 + $1.milliseconds }
      #expect(abs(phases - profile.kernelMilliseconds) < 1e-9 * max(phases, 1))
      #expect(profile.phases.count == (mode == .train ? 3 : 1))
      #expect(profile.stepMilliseconds > 0)
      for line in profile.text(by: .op).split(separator: "\n") where !line.contains("device") {
        #expect(line.count <= 80, "\(line)")
      }
    }
  }

  @Test("the kernels' work is the graph's, each node in one kernel at most", arguments: devices)
  func nodes(_ device: Device) throws {
    for id in ["lenet5", "resnet20"] {
      let entry = try Catalog.find(id)
      let subject = ModelSubject(entry.model(), named: id, input: entry.input, batch: 2)
      let program = try subject.program(.train, on: device)
      let graph = program.graph
      let claimed = program.executable.report.kernels.flatMap(\.nodes)
      #expect(Set(claimed).count == claimed.count)
      for (position, node) in graph.nodes.enumerated() where !claimed.contains(position) {
        switch node.op {
        case .fill, .constant, .broadcast, .reshape: break
        default: Issue.record("\(node.op.name) of \(node.path) is in no kernel")
        }
      }
      for kernel in program.executable.report.kernels where !kernel.nodes.isEmpty {
        #expect(kernel.bytes > 0 && !kernel.writes.isEmpty, "\(kernel.name)")
        #expect(graph.nodes[kernel.nodes[0]].phase == kernel.phase, "\(kernel.name)")
      }
      let work = try profile(id, .train, on: device).kernels.reduce(0) { $0 + $1.macs }
      #expect(work > 0)
    }
  }

  @Test("kernels run one after the other inside their step", arguments: devices)
  func times(_ device: Device) throws {
    let profile = try profile("lenet5", .train, on: device, repeats: 4)
    #expect(profile.steps.count == 4 && profile.wholeSteps.count == 4)
    for (index, step) in profile.steps.enumerated() {
      var end = step.start
      for kernel in profile.kernels {
        #expect(kernel.times.count == 4)
        #expect(kernel.times[index].start >= end)
        end = kernel.times[index].start + kernel.times[index].duration
      }
      #expect(step.end >= end)
    }
  }

  @Test("the trace is what chrome://tracing reads", arguments: devices)
  func trace(_ device: Device) throws {
    let profile = try profile("lenet5", .train, on: device, repeats: 2)
    let text = profile.trace.text()
    _ = try JSONSerialization.jsonObject(with: Data(text.utf8))
    let json = try JSON(parsing: text)
    let events = try #require(json["traceEvents"]?.array)
    let complete = events.filter { $0["ph"]?.string == "X" }
    #expect(events.count - complete.count == 2)
    for event in complete {
      #expect(event["ts"]?.double ?? -1 >= 0 && event["dur"]?.double ?? -1 >= 0)
      #expect(event["pid"]?.int == 1 && event["tid"]?.int == 1)
    }
    #expect(complete.filter { $0["cat"]?.string == "step" }.count == 2)
    let kernels = complete.filter { $0["args"]?["implementation"] != nil }
    #expect(kernels.count == 2 * profile.kernels.count)
    #expect(kernels.contains { $0["args"]?["layer"]?.string == "conv1" })
    #expect(kernels.contains { ($0["args"]?["macs"]?.int ?? 0) > 0 })
    // What lies inside another event on the same line must end before it does.
    var open: [Double] = []
    for event in complete {
      let (start, end) = (
        event["ts"]?.double ?? 0, (event["ts"]?.double ?? 0) + (event["dur"]?.double ?? 0)
      )
      while let last = open.last, last <= start + 0.002 { open.removeLast() }
      #expect(end <= (open.last ?? .infinity) + 0.01)
      open.append(end)
    }
  }

  @Test("numbers that make no sense are refused")
  func refusals() throws {
    for repeats in [0, -1, .max] {
      let error = #expect(throws: InspectError.self) {
        try profile("lenet5", .infer, on: .reference, repeats: repeats)
      }
      #expect(error?.code == .usage)
    }
  }
}
