import StriateCore

/// Orders of samples that are a function of a random stream alone.
public enum SampleOrder {
  /// The numbers from 0 to `count - 1`, shuffled.
  ///
  /// Fisher and Yates' method from the last place down, one draw of 64 bits a place; written out here
  /// because the standard library does not promise to keep its own.
  public static func shuffled(_ count: Int, by stream: RandomStream) -> [Int] {
    var order = Array(0..<max(count, 0))
    var stream = stream
    for last in stride(from: order.count - 1, to: 0, by: -1) {
      let other = Int(stream.next().multipliedFullWidth(by: UInt64(last + 1)).high)
      order.swapAt(last, other)
    }
    return order
  }
}
