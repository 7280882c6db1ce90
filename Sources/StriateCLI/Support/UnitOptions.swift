import ArgumentParser
import Striate

/// Which unit the electrode is at: a cortical cell of known form, or any unit of a trained network.
struct UnitOptions: ParsableArguments {
  /// Cells of known form.
  enum Cell: String, ExpressibleByArgument, CaseIterable {
    case linear, simple, squared, energy, pooling, motion
    case endStopped = "end-stopped"
    case normalized
  }

  @Option(help: "A cell of known form: \(Cell.allCases.map(\.rawValue).joined(separator: ", ")).")
  var cell: Cell?

  @Option(help: "The direction that the cell prefers, in degrees.")
  var direction = 0.0

  @Option(help: "The length of the cell's wave, in pixels.")
  var wavelength = 8.0

  @Option(help: "The side of the cell's field, in pixels.")
  var size = 49

  @Option(help: "The network's id; by default the one that the weights name.", completion: .models)
  var model: String?

  @Option(
    help: "A file of weights, or a run folder; without it the network's first weights.",
    completion: .file())
  var weights: String?

  @Option(help: "The network's layer, such as features.0.")
  var layer: String?

  @Option(help: "The layer's unit, from 0.")
  var unit: Int?

  func validate() throws {
    guard (cell == nil) != (model == nil && weights == nil) else {
      throw ValidationError("give --cell, or --model or --weights of a network, and not both")
    }
    if cell == nil, layer == nil || unit == nil {
      throw ValidationError("give --layer and --unit of the network")
    }
    if !(wavelength >= 2 && wavelength <= 512) {
      throw ValidationError("--wavelength must be from 2 to 512, found \(wavelength)")
    }
    if !(3...1025).contains(size) {
      throw ValidationError("--size must be from 3 to 1025, found \(size)")
    }
    if !direction.isFinite { throw ValidationError("--direction must be a number of degrees") }
  }

  /// The unit with an electrode at it, and what it is called.
  func electrode(on device: Device) throws -> (Electrode, name: String) {
    if let cell { return (try electrode(cell, on: device), cell.rawValue) }
    guard let layer, let unit else { throw InspectError(.usage, "give --layer and --unit") }
    let network = try LabNetwork(model, weights: weights)
    let electrode = try Electrode(
      network.model, weights: network.weights, input: network.input, layer: layer, unit: unit,
      mean: network.mean, std: network.std, on: device)
    return (electrode, "\(network.id) \(layer) \(unit)")
  }

  private func electrode(_ cell: Cell, on device: Device) throws -> Electrode {
    let gabor = Gabor(direction: Angle.degrees(direction), wavelength: wavelength)
    switch cell {
    case .linear: return try Electrode(LinearCell(gabor, size: size), on: device)
    case .simple: return try Electrode(SimpleCell(gabor, size: size), on: device)
    case .squared:
      return try Electrode(SimpleCell(gabor, size: size, isSquared: true), on: device)
    case .energy: return try Electrode(EnergyCell(gabor, size: size), on: device)
    case .pooling: return try Electrode(PoolingCell(gabor, size: size), on: device)
    case .motion: return try Electrode(MotionEnergyCell(gabor, size: size), on: device)
    case .endStopped:
      var short = gabor
      short.across = wavelength / 2
      return try Electrode(EndStoppedCell(short, size: size), on: device)
    case .normalized: return try Electrode(NormalizedCell(gabor, size: size), on: device)
    }
  }
}
