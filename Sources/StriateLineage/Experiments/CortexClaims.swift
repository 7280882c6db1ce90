import StriateCore
import StriateCortex
import StriateInspect

/// What Hubel and Wiesel saw, in cells whose answers are known.
extension Claim {
  static let cortex: [Claim] = [
    Claim(
      "simple-and-complex-cells", 1962,
      "Hubel and Wiesel, J. Physiol. 160; Skottun et al., Vision Res. 31 (1991)",
      "Simple cells follow a drifting grating bar by bar, complex cells do not, and both prefer an orientation.",
      setup: """
        A half-wave rectified Gabor function and the energy of a pair in quadrature, on the bench: a grating drifts in 72 \
        directions. F1/F0 is the fundamental of the answer over its mean. The wave is drawn by the seed.
        """,
      bars: [
        Bar("F1/F0 of the simple cell", .above, 1.5),
        Bar("F1/F0 of the complex cell", .below, 0.05),
        Bar("orientation selectivity of the simple cell", .above, 0.9),
        Bar("orientation selectivity of the complex cell", .above, 0.9),
      ], needsPictures: false, axes: ("direction, degrees", "answer")
    ) { trial in
      let gabor = trial.gabor()
      var found = Findings()
      for (name, bench) in [
        ("simple", Bench(try Electrode(SimpleCell(gabor, size: 65), on: trial.device))),
        ("complex", Bench(try Electrode(EnergyCell(gabor, size: 65), on: trial.device))),
      ] {
        let report = try bench.examine(frequency: gabor.frequency)
        found.add("F1/F0 of the \(name) cell", report.modulation.ratio ?? .nan)
        found.add("orientation selectivity of the \(name) cell", report.tuning.osi ?? .nan)
        found.add(
          name,
          zip(report.tuning.directions, report.tuning.responses).map { (Angle.inDegrees($0), $1) })
      }
      return found
    },
    Claim(
      "direction-selectivity", 1985, "Adelson and Bergen, J. Opt. Soc. Am. A 2",
      "The energy of filters oriented in space and time tells the direction of motion; filters of space times time cannot.",
      setup:
        "Motion energy of a Gabor pair and two temporal filters, and its separable control, before drifting gratings.",
      bars: [
        Bar("direction selectivity", .above, 0.9),
        Bar("direction selectivity of the separable control", .below, 0.05),
      ], needsPictures: false
    ) { trial in
      var gabor = trial.gabor()
      gabor.wavelength = 6
      var found = Findings()
      for (name, isSeparable) in [
        ("direction selectivity", false),
        ("direction selectivity of the separable control", true),
      ] {
        let cell = MotionEnergyCell(gabor, size: 25, isSeparable: isSeparable)
        var bench = Bench(try Electrode(cell, on: trial.device))
        bench.directions = 24
        found.add(name, abs(try bench.examine(frequency: gabor.frequency).tuning.dsi ?? .nan))
      }
      return found
    },
    Claim(
      "end-stopping", 1965, "Hubel and Wiesel, J. Neurophysiol. 28",
      "Hypercomplex cells answer a bar of the right length and fall silent as it grows.",
      setup:
        "An energy cell inhibited by two at its ends, and the same without inhibition, before bars of growing length.",
      bars: [
        Bar("end-stopping index", .above, 0.5),
        Bar("end-stopping index without inhibition", .below, 0.05),
      ], needsPictures: false, axes: ("length, pixels", "answer")
    ) { trial in
      let gabor = Gabor(direction: trial.gabor().direction, wavelength: 8, across: 4)
      var found = Findings()
      for (name, inhibition) in [("", 1.0), (" without inhibition", 0)] {
        let cell = EndStoppedCell(gabor, size: 65, inhibition: inhibition)
        let report = try Bench(try Electrode(cell, on: trial.device)).examine(
          frequency: gabor.frequency)
        found.add("end-stopping index\(name)", report.endStopping.index ?? .nan)
        found.add(
          name.isEmpty ? "with inhibition" : "without",
          zip(report.lengths, report.endStopping.responses).map { ($0, $1) })
      }
      return found
    },
  ]
}

extension Trial {
  /// A Gabor function of 8 pixels a wave, its direction drawn by the seed.
  fileprivate func gabor() -> Gabor {
    var random = RandomStream(seed: seed, "gabor", 0)
    return Gabor(
      direction: .pi * Double(Int.random(in: 0..<36, using: &random)) / 36, wavelength: 8)
  }
}
