import Striate
import Testing

@Suite(.enabled(if: devices.count > 1, "oneDNN is not there"))
struct DoctorTests {
  /// The families that have a fast kernel for every corner that is tried.
  static let fast = [
    "convolution", "pooling", "norm", "matmul", "softmax", "loss", "reduction", "pointwise",
    "resize", "movement", "training lenet5", "training resnet20",
  ]

  @Test("no common op is left to slow code", arguments: fast)
  func gaps(_ family: String) throws {
    let gaps = DoctorTests.gaps.filter { $0.place.hasPrefix(family) }
    let lines = gaps.map {
      "\($0.op) \($0.shape) by \($0.implementation): \($0.reason), \($0.place)"
    }
    #expect(gaps.isEmpty, "\(lines.joined(separator: "; "))")
  }

  private static let gaps = Doctor().gaps

  @Test("a gap says what, who, why and where")
  func reasons() {
    for gap in DoctorTests.gaps {
      #expect(!gap.op.isEmpty && !gap.implementation.isEmpty && !gap.reason.isEmpty)
      #expect(gap.implementation != "none", "\(gap.place) cannot be compiled: \(gap.reason)")
    }
    // Double runs in the interpreter on purpose.
    #expect(DoctorTests.gaps.contains { $0.shape.hasPrefix("f64") })
  }

  @Test("looks in no time")
  func speed() {
    let start = ContinuousClock.now
    _ = Doctor()
    #expect(ContinuousClock.now - start < .seconds(20))
  }
}
