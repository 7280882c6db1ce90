import StriateCore
import StriateData
import StriateIR
import StriateRuntime

extension Explainer {
  /// One image of a data set that a unit answers to.
  public struct Hit: Sendable, Hashable {
    /// Its number in the data set.
    public var index: Int
    /// The unit's greatest answer in it.
    public var answer: Float
  }

  /// The images of a data set that one channel of a layer answers to most, the greatest answer first.
  ///
  /// Zeiler and Fergus, "Visualizing and understanding convolutional networks", ECCV 2014, figure 2.
  ///
  /// - Throws: `InspectError` where something does not fit, `DataError` where samples cannot be read, or the device's
  ///   error.
  public func topImages(
    _ data: any Dataset, layer: Tap? = nil, unit: Int, count: Int = 9, threads: Int = 1
  ) throws -> [Hit] {
    let tap = try layer ?? self.layer(nil)
    guard data.inputShape == input else {
      throw InspectError(
        .mismatch, "the data have images \(data.inputShape), the network takes \(input)")
    }
    let loader = try Loader(data, batchSize: 64, threads: threads, prefetch: threads + 1)
    let batches = loader.batches(epoch: 0)
    defer { batches.stop() }
    var programs: [Int: Program] = [:]
    var hits: [Hit] = []
    while let batch = try batches.next() {
      let program =
        try programs[batch.count]
        ?? Program(on: device, options: TraceOptions(mode: .inference), naming: naming) { builder in
          _ = model(builder.input("input", batch.inputs.type))
          guard let maps = tap.tensor(in: builder) else {
            throw InspectError(.usage, "no layer is called '\(tap)'")
          }
          guard maps.isPoisoned || (0..<maps.shape[1]).contains(unit) else {
            throw InspectError(
              .usage, "\(tap) has \(maps.shape[1]) channels, counted from 0; found unit \(unit)")
          }
          builder.output(
            "answers", maps.slice(axis: 1, from: unit, to: unit + 1).max(over: [1, 2, 3]))
        }
      programs[batch.count] = program
      let answers = try program.run(["input": batch.inputs], state: state)["answers"]
      for (index, answer) in zip(batch.indices, answers?.scalars(as: Float.self) ?? []) {
        hits.append(Hit(index: index, answer: answer))
      }
      hits.sort { $0.answer != $1.answer ? $0.answer > $1.answer : $0.index < $1.index }
      hits = Array(hits.prefix(max(count, 0)))
    }
    return hits
  }
}
