import Striate
import Testing

/// Ranges of activations from numbers whose distribution is known.
@Suite struct SizeHistogramTests {
  /// Nearly normal numbers of deviation 1, and one far outlier.
  private func normal(_ count: Int, outlier: Float?) -> [Float] {
    let generator = Philox(key: 8)
    var numbers = (0..<count).map { index -> Float in
      (0..<12).reduce(Float(-6)) {
        $0 + Philox.unit(generator.word(at: UInt64(index), stream: UInt64($1)))
      }
    }
    if let outlier { numbers.append(outlier) }
    return numbers
  }

  private func histogram(_ numbers: [Float]) -> SizeHistogram {
    var histogram = SizeHistogram()
    numbers.withUnsafeBufferPointer { numbers in
      let isFinite = histogram.range(numbers)
      #expect(isFinite)
      histogram.count(numbers)
    }
    return histogram
  }

  @Test("the greatest size, the size that a share keeps, the size of the least divergence")
  func thresholds() {
    let numbers = normal(50_000, outlier: -40)
    let found = histogram(numbers)
    func threshold(_ method: CalibrationMethod, _ percentile: Double = 99.99) -> Double {
      found.threshold(method, levels: 128, percentile: percentile)
    }
    #expect(threshold(.minmax) == 40)
    // Of a normal distribution 95.45 % lie within two deviations.
    #expect(abs(threshold(.percentile, 95.45) - 2) < 0.05)
    #expect(threshold(.percentile, 100) == 40)
    let kl = threshold(.kl)
    #expect(kl > 2 && kl < 10, "\(kl)")
  }

  @Test("zeros, nothing and what is no number")
  func edges() {
    let zeros = histogram([0, 0, 0])
    for method in CalibrationMethod.allCases {
      #expect(zeros.threshold(method, levels: 256, percentile: 99) == 0)
    }
    var histogram = SizeHistogram()
    for number in [Float.nan, .infinity] {
      let isFinite = [1, number].withUnsafeBufferPointer { histogram.range($0) }
      #expect(!isFinite)
    }
    // Zeros weigh nothing: most of what ReLU makes is 0.
    let half = self.histogram([Float](repeating: 0, count: 1000) + [1, 2, 3, 4])
    #expect(abs(half.threshold(.percentile, levels: 256, percentile: 50) - 2) < 0.01)
  }
}

/// What counts as an optimisation.
@Suite struct QuantizationReportTests {
  private func report(_ times: (Double, Double), _ shares: (Double, Double)?) -> QuantizationReport
  {
    QuantizationReport(
      before: .init(bytes: 400, milliseconds: [times.0, 9, times.0, 0], accuracy: shares?.0),
      after: .init(bytes: 100, milliseconds: [times.1, 0, 9, times.1], accuracy: shares?.1))
  }

  @Test("slower or much worse is none")
  func verdict() {
    #expect(report((4, 1), (0.9, 0.895)).fault(allowing: 1) == nil)
    #expect(report((4, 1), nil).fault(allowing: 1) == nil)
    #expect(report((4, 1), (0.9, 0.92)).fault(allowing: 0) == nil)
    #expect(report((4, 1), (0.9, 0.88)).fault(allowing: 1)?.contains("2.00 points") == true)
    #expect(report((2, 2), (0.9, 0.9)).fault(allowing: 1)?.contains("2.000 ms") == true)
    #expect(report((1, 4), (0.9, 0.1)).fault(allowing: 1)?.contains("; 80.00 points") == true)
    #expect(report((4, 1), nil).speedup == 4)
  }
}
