/// Numbers of channels that are multiples of a divisor (Sandler et al., MobileNetV2, 2018).
enum ChannelCount {
  /// The nearest multiple of the divisor, at least the divisor and nine tenths of the channels; 0, which no layer
  /// takes, for what is no number of channels.
  static func rounded(_ channels: Double, to divisor: Int = 8) -> Int {
    guard channels > 0, channels < 1e6, divisor > 0 else { return 0 }
    let nearest = max(divisor, Int(channels + Double(divisor) / 2) / divisor * divisor)
    return Double(nearest) < 0.9 * channels ? nearest + divisor : nearest
  }
}
