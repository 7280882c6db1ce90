import Striate
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Cells whose answers are known in closed form, on the bench.
@Suite struct BenchTests {
  /// The grid on which the closed forms were checked: a side of 81, a wave of 8 pixels.
  private let gabor = Gabor(direction: 0, wavelength: 8)
  private let size = 81

  private func bench(_ cell: some CorticalCell) throws -> Bench {
    Bench(try Electrode(cell, on: .reference))
  }

  /// The half width of a Gabor cell at half its height: `asin(√(2 ln 2)/(2π f σy))`, of the energy `asin(√(ln 2)/…)`.
  private func halfWidth(isEnergy: Bool) -> Double {
    asin((isEnergy ? log(2.0) : 2 * log(2.0)).squareRoot() * 8 / (2 * .pi * gabor.across))
  }

  @Test func aSimpleCellFollowsTheGrating() throws {
    let report = try bench(SimpleCell(gabor, size: size)).examine(frequency: gabor.frequency)
    #expect(abs((report.modulation.ratio ?? 0) - .pi / 2) < 0.01, "\(report.modulation)")
    #expect((report.tuning.osi ?? 0) > 0.95 && (report.tuning.globalOSI ?? 0) > 0.9)
    #expect(abs(report.tuning.dsi ?? 1) < 0.05)
    let width = Angle.inDegrees(report.tuning.halfWidth ?? 0)
    #expect(abs(width - Angle.inDegrees(halfWidth(isEnergy: false))) < 0.5, "\(width)")
    #expect((report.endStopping.index ?? 1) < 0.05)
  }

  @Test func aSquaredCellFollowsItMore() throws {
    let report = try bench(SimpleCell(gabor, size: size, isSquared: true)).examine(
      frequency: gabor.frequency)
    #expect(abs((report.modulation.ratio ?? 0) - 1.698) < 0.01, "\(report.modulation)")
  }

  @Test func anEnergyCellDoesNot() throws {
    let report = try bench(EnergyCell(gabor, size: size)).examine(frequency: gabor.frequency)
    #expect((report.modulation.ratio ?? 1) < 0.01, "\(report.modulation)")
    #expect((report.tuning.osi ?? 0) > 0.95)
    let width = Angle.inDegrees(report.tuning.halfWidth ?? 0)
    #expect(abs(width - Angle.inDegrees(halfWidth(isEnergy: true))) < 0.5, "\(width)")
    #expect((report.endStopping.index ?? 1) < 0.05, "\(report.endStopping)")
  }

  /// `exp(−4π²[σx²(f cos d − f)² + σy²(f sin d)²])` of the greatest answer.
  @Test func theTuningOfEnergyIsTheClosedForm() throws {
    let bench = try bench(EnergyCell(gabor, size: size))
    let curve = try bench.tuning(frequency: gabor.frequency, blank: 0)
    let most = curve.responses.max() ?? 1
    for (direction, response) in zip(curve.directions, curve.responses)
    where cos(direction) > 0 {
      let (u, v) = (
        gabor.frequency * (cos(direction) - 1), gabor.frequency * sin(direction)
      )
      let expected = exp(
        -4 * .pi * .pi
          * (gabor.along * gabor.along * u * u + gabor.across * gabor.across * v * v))
      #expect(abs(response / most - expected) < 1e-3, "\(direction): \(response / most)")
    }
  }

  @Test func poolingOverPhasesHidesThem() throws {
    let report = try bench(PoolingCell(gabor, phases: 16, size: size)).examine(
      frequency: gabor.frequency)
    #expect((report.modulation.ratio ?? 1) < 0.05, "\(report.modulation)")
  }

  @Test(arguments: [false, true])
  func motionEnergyHasADirection(_ isReversed: Bool) throws {
    let small = Gabor(direction: .pi / 3, wavelength: 6)
    var bench = try bench(MotionEnergyCell(small, size: 25, isReversed: isReversed))
    bench.directions = 24
    let report = try bench.examine(frequency: small.frequency)
    #expect((report.tuning.dsi ?? 0) > 0.9, "\(report.tuning)")
    let expected = small.direction + (isReversed ? .pi : 0)
    #expect(cos(report.tuning.preferred - expected) > 0.99)
    var control = try self.bench(MotionEnergyCell(small, size: 25, isSeparable: true))
    control.directions = 24
    #expect(abs(try control.examine(frequency: small.frequency).tuning.dsi ?? 1) < 0.05)
  }

  @Test func endZonesStopLongBars() throws {
    let small = Gabor(direction: 0, wavelength: 8, across: 4)
    let stopped = try bench(EndStoppedCell(small, size: 65)).examine(frequency: small.frequency)
    #expect((stopped.endStopping.index ?? 0) > 0.5, "\(stopped.endStopping)")
    let control = try bench(EndStoppedCell(small, size: 65, inhibition: 0)).examine(
      frequency: small.frequency)
    #expect((control.endStopping.index ?? 1) < 0.05, "\(control.endStopping)")
  }

  /// Contrast saturates where neighbours divide, and grows as its square where they do not.
  @Test func normalisationSaturates() throws {
    func answers(_ cell: some CorticalCell) throws -> [Double] {
      let electrode = try Electrode(cell, on: .reference)
      return try [0.25, 0.5, 1].map {
        try electrode.record(Grating(direction: 0, frequency: 1 / 8, contrast: $0))[0]
      }
    }
    let plain = try answers(EnergyCell(gabor, size: size))
    #expect(abs(plain[2] / plain[1] - 4) < 0.01)
    let divided = try answers(NormalizedCell(gabor, size: size, semisaturation: 0.5))
    #expect(divided[2] > divided[1] && divided[2] / divided[1] < 1.5, "\(divided)")
  }
}
