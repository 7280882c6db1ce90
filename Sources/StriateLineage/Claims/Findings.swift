import StriateCore
import StriateFormats

/// What an experiment found with one seed.
public struct Findings: Sendable, Hashable {
  /// A measured number.
  public struct Quantity: Sendable, Hashable {
    /// What was measured, with its unit where it has one.
    public let name: String
    /// Its value.
    public let value: Double
  }

  /// A curve of the plot.
  public struct Curve: Sendable, Hashable {
    /// What it is of.
    public let name: String
    /// Its points, x ascending.
    public let points: [LinePlot.Point]
  }

  /// What was measured, in order.
  public private(set) var quantities: [Quantity] = []
  /// The curves of the plot.
  public private(set) var curves: [Curve] = []
  /// The seconds that it took.
  public internal(set) var seconds = 0.0

  /// Nothing yet.
  package init() {}

  /// The value of a quantity; nil where it was not measured.
  public subscript(name: String) -> Double? { quantities.first { $0.name == name }?.value }

  /// Adds a number.
  package mutating func add(_ name: String, _ value: Double) {
    quantities.append(Quantity(name: name, value: value))
  }

  /// Adds a curve.
  package mutating func add(_ name: String, _ points: [(x: Double, y: Double)]) {
    curves.append(
      Curve(name: name, points: points.map { LinePlot.Point(x: $0.x, y: $0.y) }))
  }

  /// Adds a curve over the counting numbers.
  mutating func add(_ name: String, counted values: [Double]) {
    add(name, values.enumerated().map { (Double($0.offset + 1), $0.element) })
  }

  /// The findings as they stand in a file.
  package var json: JSON {
    [
      "quantities": .array(
        quantities.map { ["name": JSON($0.name), "value": JSON($0.value)] }),
      "curves": .array(
        curves.map { curve in
          [
            "name": JSON(curve.name), "x": .array(curve.points.map { JSON($0.x) }),
            "y": .array(curve.points.map { JSON($0.y) }),
          ]
        }),
      "seconds": JSON(seconds),
    ]
  }

  /// The findings in a file; nil where it holds none.
  package init?(_ json: JSON) {
    guard let quantities = json["quantities"]?.array, let curves = json["curves"]?.array,
      let seconds = json["seconds"]?.double
    else { return nil }
    for quantity in quantities {
      guard let name = quantity["name"]?.string, let value = quantity["value"] else { return nil }
      add(name, value.double ?? .nan)
    }
    for curve in curves {
      guard let name = curve["name"]?.string, let x = curve["x"]?.array,
        let y = curve["y"]?.array, x.count == y.count
      else { return nil }
      add(name, zip(x, y).map { ($0.double ?? .nan, $1.double ?? .nan) })
    }
    self.seconds = seconds
  }
}
