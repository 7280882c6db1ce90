import StriateCore
import StriateData
import StriateIR
import StriateModels
import StriateNN
import StriateRuntime

/// How HMAX gets its prototypes: patches of what C1 answers to training pictures, at bands and places drawn by chance.
///
/// Serre et al., PAMI 29, 2007, section 2.2. Nothing is optimised: seeing is remembering.
public enum HMAXImprinting {
  /// The prototypes under their names, a function of the seed and the data.
  ///
  /// - Throws: `DataError` where a picture cannot be read, or the device's error.
  public static func prototypes(
    of network: HMAX, from data: any Dataset, seed: UInt64, on device: Device
  ) throws -> NamedTensors {
    let type = TensorType(.float32, Shape([1] + data.inputShape.dims))
    let program = try Program(on: device, naming: Naming(network)) { builder in
      let bands = network.complex(builder.input("input", type))
      for (index, band) in bands.enumerated() { builder.output("\(index)", band) }
    }
    let state = try program.state()
    var made = NamedTensors()
    for (size, prototype) in network.prototypes.enumerated() {
      let shape = prototype.type.shape
      var values: [Float] = []
      for index in 0..<shape[0] {
        var random = RandomStream(seed: seed, "imprinting", size, index)
        let sample = Int.random(in: 0..<max(data.count, 1), using: &random)
        let image = try data.labelled(sample).input.reshaped(type.shape)
        let answers = try program.run(["input": image], state: state)
        let fitting = (0..<network.bands.count).compactMap { answers["\($0)"] }.filter {
          $0.shape[2] >= shape[2] && $0.shape[3] >= shape[3]
        }
        guard let band = fitting.randomElement(using: &random) else {
          values += [Float](repeating: 0, count: shape.count / shape[0])
          continue
        }
        values += patch(band, side: shape[2], by: &random)
      }
      made["prototypes.\(size)"] = try HostTensor(values, shape: shape)
    }
    return made
  }

  /// A square of all orientations at a place drawn by chance.
  private static func patch(
    _ band: HostTensor, side: Int, by random: inout RandomStream
  ) -> [Float] {
    let (rows, columns) = (band.shape[2], band.shape[3])
    let top = Int.random(in: 0...(rows - side), using: &random)
    let left = Int.random(in: 0...(columns - side), using: &random)
    let values = band.scalars(as: Float.self)
    var patch: [Float] = []
    for plane in 0..<band.shape[1] {
      for row in 0..<side {
        let start = (plane * rows + top + row) * columns + left
        patch += values[start..<(start + side)]
      }
    }
    return patch
  }
}
