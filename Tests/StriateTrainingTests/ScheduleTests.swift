import StriateFormats
import StriateTraining
import Testing

/// The rates of PyTorch 2's schedulers at base rate 0.1.
private let cases: [(schedule: Schedule, total: Int, rates: [Double])] = [
  (.constant, 3, [0.1, 0.1, 0.1]),
  (
    .oneCycle(), 12,
    [
      0.0040000000000000036, 0.0349789654219583, 0.08792851591221287, 0.09944154354509119,
      0.09330129698414118, 0.0811745653949763, 0.06473789976951033, 0.046263710266697504,
      0.028306099820869922, 0.01334775301888306, 0.0034566987425395223, 4e-07,
    ]
  ),
  (
    .oneCycle(warmup: 0.5, initialDivisor: 10, finalDivisor: 100), 5,
    [
      0.009999999999999995, 0.07749999999999999, 0.09046039886902862, 0.03461460113097138, 0.0001,
    ]
  ),
  (
    .cosine(minimum: 0.01), 8,
    [
      0.1, 0.0965745789630079, 0.08681980515339463, 0.07222075445642905, 0.055,
      0.03777924554357096, 0.023180194846605363, 0.013425421036992097, 0.01,
    ]
  ),
  (
    .multistep(milestones: [3, 5], factor: 0.1), 8,
    [0.1, 0.1, 0.1, 0.01, 0.01, 0.001, 0.001, 0.001]
  ),
]

@Test(arguments: cases.indices)
func schedulesEqualPyTorch(_ index: Int) {
  let (schedule, total, rates) = cases[index]
  for (step, expected) in rates.enumerated() {
    let found = schedule.rate(step: step, total: total, base: 0.1)
    #expect(abs(found - expected) < 1e-15, "step \(step)")
  }
  #expect(Schedule(schedule.json) == schedule)
}

@Test(arguments: [0, 1, 2, 3])
func shortRunsHaveRates(_ total: Int) {
  for schedule in [
    Schedule.oneCycle(), .oneCycle(warmup: 1), .oneCycle(warmup: 0), .cosine(minimum: 0),
  ] {
    for step in 0...total {
      let rate = schedule.rate(step: step, total: total, base: 1)
      #expect(rate.isFinite && rate >= 0 && rate <= 1)
    }
  }
}
