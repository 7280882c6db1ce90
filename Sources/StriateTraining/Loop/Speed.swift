/// Samples over seconds.
struct Speed {
  private var count = 0
  private var seconds = 0.0

  mutating func add(_ samples: Int, _ time: Double) {
    count += samples
    seconds += time
  }

  var rate: Double { seconds > 0 ? Double(count) / seconds : 0 }
}
