import StriateCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension RegNet {
  /// The numbers from which a network's widths and depths follow (section 3.3).
  ///
  /// Block `j` of `depth` wants the width `u = initial + slope · j`, rounded to a power `initial · step^s` with a whole `s`
  /// (equations 2 to 4), rounded to a multiple of 8; blocks of equal width are a stage, whose width is then rounded to a
  /// multiple of its groups' width.
  public struct Shape: Sendable, Hashable {
    /// The name in torchvision: `y_400mf`.
    public let id: String
    /// Blocks in all.
    public let depth: Int
    /// The paper's `w₀`.
    public let initial: Int
    /// The paper's `w_a`.
    public let slope: Double
    /// The paper's `w_m`.
    public let step: Double
    /// Channels in a group of the 3×3 convolutions.
    public let groupWidth: Int

    /// Whether blocks have squeeze and excitation: RegNetY.
    public var isSqueezed: Bool { id.hasPrefix("y") }

    /// The networks that torchvision has weights for.
    public static let all: [Shape] = [
      Shape("x_400mf", 22, 24, 24.48, 2.54, 16), Shape("x_800mf", 16, 56, 35.73, 2.28, 16),
      Shape("x_1_6gf", 18, 80, 34.01, 2.25, 24), Shape("x_3_2gf", 25, 88, 26.31, 2.25, 48),
      Shape("x_8gf", 23, 80, 49.56, 2.88, 120), Shape("x_16gf", 22, 216, 55.59, 2.1, 128),
      Shape("x_32gf", 23, 320, 69.86, 2.0, 168), Shape("y_400mf", 16, 48, 27.89, 2.09, 8),
      Shape("y_800mf", 14, 56, 38.84, 2.4, 16), Shape("y_1_6gf", 27, 48, 20.71, 2.65, 24),
      Shape("y_3_2gf", 21, 80, 42.63, 2.66, 24), Shape("y_8gf", 17, 192, 76.82, 2.19, 56),
      Shape("y_16gf", 18, 200, 106.23, 2.48, 112), Shape("y_32gf", 20, 232, 115.89, 2.53, 232),
      Shape("y_128gf", 27, 456, 160.83, 2.52, 264),
    ]

    init(
      _ id: String, _ depth: Int, _ initial: Int, _ slope: Double, _ step: Double, _ groupWidth: Int
    ) {
      (self.id, self.depth, self.initial) = (id, depth, initial)
      (self.slope, self.step, self.groupWidth) = (slope, step, groupWidth)
    }

    /// Width, depth and group width of each stage.
    var stages: [(width: Int, depth: Int, groupWidth: Int)] {
      var stages: [(width: Int, depth: Int, groupWidth: Int)] = []
      for block in 0..<depth {
        let wanted = Double(initial) + slope * Double(block)
        let power = (log(wanted / Double(initial)) / log(step)).rounded(.toNearestOrEven)
        let width = (Double(initial) * pow(step, power) / 8).rounded(.toNearestOrEven) * 8
        if let last = stages.last, last.width == Int(width) {
          stages[stages.count - 1].depth += 1
        } else {
          stages.append((Int(width), 1, groupWidth))
        }
      }
      return stages.map { stage in
        let group = min(groupWidth, stage.width)
        return (ChannelCount.rounded(Double(stage.width), to: group), stage.depth, group)
      }
    }
  }
}
