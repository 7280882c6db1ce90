import StriateFormats

extension Benchmark {
  /// What was measured.
  public struct Result: Sendable {
    /// The model, as it was asked for.
    public var model: String
    /// What was timed.
    public var mode: Mode
    /// Images a step.
    public var batch: Int
    /// The device's id.
    public var device: String
    /// The device in words: library, instruction set, threads.
    public var deviceSummary: String
    /// Threads of the device.
    public var threads: Int
    /// Milliseconds of each timed step, in order.
    public var milliseconds: [Double]
    /// Floating-point operations of the convolutions and matrix products in a step.
    public var flops: Double
    /// Bytes that the program takes: weights, inputs, outputs and the planned arena.
    public var peakBytes: Int
    /// Bytes by which the process grew from before the model was built to its peak; nil where the system does
    /// not say, and where the bound, which takes memory too, is timed.
    public var residentBytes: Int?
    /// Milliseconds of each pass of the bare kernels, in order; none if they were not asked for.
    public var boundMilliseconds: [Double] = []
    /// The bare kernels for which the library has only generic code.
    public var boundNaive: [String] = []
    /// Milliseconds that tracing and compiling took.
    public var compileMilliseconds: Double
    /// Kernels for which the library fell back to slow, generic code.
    public var naive: [String]

    /// The middle time of a step in milliseconds.
    public var median: Double { milliseconds.quantile(0.5) }
    /// The time in milliseconds that nine of ten steps keep.
    public var p90: Double { milliseconds.quantile(0.9) }
    /// The middle time of the bare kernels in milliseconds; nil if they were not asked for.
    public var bound: Double? { boundMilliseconds.isEmpty ? nil : boundMilliseconds.quantile(0.5) }
    /// Images a second at the middle time.
    public var imagesPerSecond: Double { median > 0 ? Double(batch) / median * 1e3 : 0 }
    /// Billions of floating-point operations a second at the middle time.
    public var gflops: Double { median > 0 ? flops / median / 1e6 : 0 }
  }
}

extension Benchmark.Result {
  /// The result as the command line's contract has it.
  public var json: JSON {
    var json: JSONObject = [
      "model": JSON(model), "mode": JSON(mode.rawValue), "batch": JSON(batch),
      "device": JSON(device), "device_summary": JSON(deviceSummary), "threads": JSON(threads),
      "repeat": JSON(milliseconds.count), "median_ms": JSON(median.rounded(4)),
      "p90_ms": JSON(p90.rounded(4)), "images_per_sec": JSON(imagesPerSecond.rounded(1)),
      "gflops": JSON(gflops.rounded(2)), "peak_bytes": JSON(peakBytes),
      "compile_ms": JSON(compileMilliseconds.rounded(2)), "naive_kernels": JSON(naive),
    ]
    if let residentBytes { json["resident_bytes"] = JSON(residentBytes) }
    if let bound {
      json["bound_ms"] = JSON(bound.rounded(4))
      json["bound_naive_kernels"] = JSON(boundNaive)
    }
    return .object(json)
  }
}

extension Double {
  /// Rounded to this many decimals.
  package func rounded(_ digits: Int) -> Double {
    let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
    return (self * scale).rounded() / scale
  }
}

extension [Double] {
  /// The value below which this share of the values lies, between neighbours in proportion; 0 of none.
  func quantile(_ share: Double) -> Double {
    let sorted = sorted()
    guard let last = sorted.indices.last else { return 0 }
    let place = share * Double(last)
    let low = Swift.min(Int(place), last)
    let high = Swift.min(low + 1, last)
    return sorted[low] + (sorted[high] - sorted[low]) * (place - Double(low))
  }
}
