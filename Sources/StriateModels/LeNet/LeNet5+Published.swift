import StriateCore
import StriateIR
import StriateNN

/// LeNet-5 as published (LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition",
/// Proceedings of the IEEE 86, 1998, section II.B).
///
/// | layer | maps | how | parameters | connections |
/// |---|---|---|---|---|
/// | c1 | 6×28×28 | 5×5 | 156 | 122,304 |
/// | s2 | 6×14×14 | sums of 2×2, a coefficient and a bias each | 12 | 5,880 |
/// | c3 | 16×10×10 | 5×5 by table I | 1,516 | 151,600 |
/// | s4 | 16×5×5 | as s2 | 32 | 2,000 |
/// | c5 | 120 | 5×5 of all | 48,120 | 48,120 |
/// | f6 | 84 | all | 10,164 | 10,164 |
/// | out | 10 | squared distances to fixed codes | | 840 |
///
/// 60,000 parameters, 340,908 connections. All units up to f6 squash. The codes are bitmaps of 7×12 drawn after figure 3.
/// Weights start uniform between ±1/√F of F inputs, where appendix A has ±2.4/F: from the latter curvatures of 10⁻⁵
/// follow and training at the paper's rates ends at chance, while those that it reports, 7·10⁻⁵ to 0.016 for a weight
/// at a global 5·10⁻⁴, say 0.011 to 7.1; ±1/√F gives up to 5.7.
/// Pictures of 28×28 are set into 32×32 of background, −0.1; ink is 1.175. Logits are the distances' negatives, so that
/// the loss of equation 9 is cross-entropy with one more class of a constant.
public struct LeNet5Published: RejectingClassifier {
  /// Table I: which maps of s2 each map of c3 sees.
  public static let table = [
    [0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [0, 4, 5], [0, 1, 5],
    [0, 1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5], [0, 3, 4, 5], [0, 1, 4, 5], [0, 1, 2, 5],
    [0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5], [0, 1, 2, 3, 4, 5],
  ]
  /// What pictures are surrounded by.
  public static let background = -0.1

  let c1: Conv2D
  let s2 = Subsampling(6)
  let c3: TableConvolution
  let s4 = Subsampling(16)
  let c5: Conv2D
  let f6: Linear

  private let classes: Int

  /// The constant of equation 9, negative: how far from every code a picture of none is.
  public let rejectionLogit = -1.0

  /// A network for pictures of one channel.
  ///
  /// - Parameter classes: ten are the digits; more have codes of ±1 drawn by chance, as the paper says of characters
  ///   whose looks mean nothing.
  public init(classes: Int = 10) {
    self.classes = classes
    func convolution(_ inputs: Int, _ outputs: Int) -> Conv2D {
      Conv2D(
        in: inputs, out: outputs, kernel: 5, weights: .uniform(fan: Double(25 * inputs)),
        biases: .uniform(fan: Double(25 * inputs)))
    }
    c1 = convolution(1, 6)
    c3 = TableConvolution(Self.table, inputs: 6, kernel: 5) { .uniform(fan: Double($0)) }
    c5 = convolution(16, 120)
    f6 = Linear(in: 120, out: 84, weights: .uniform(fan: 120), biases: .uniform(fan: 120))
  }

  /// The features that are compared with codes, `[N, 84]`, of pictures `[N, 1, 28, 28]` or `[N, 1, 32, 32]`.
  public func features(_ x: Tensor) -> Tensor {
    if x.isPoisoned { return x }
    var x = x
    if x.shape.rank == 4, x.shape[2] == 28, x.shape[3] == 28 {
      let border = [0, 0, 2, 2]
      x = x.padded(low: border, high: border, value: Self.background)
    }
    x = squash(s2(squash(c1(x))))  // [N, 6, 14, 14]
    x = squash(s4(squash(c3(x))))  // [N, 16, 5, 5]
    return squash(f6(squash(c5(x)).flattened(from: 1)))  // [N, 84]
  }

  /// Maps pictures to logits `[N, 10]`: the negatives of the squared distances to the codes.
  public func forward(_ x: Tensor) -> Tensor {
    let x = features(x)
    if x.isPoisoned { return x }
    let codes = DigitCodes.of(classes)
    guard let matrix = try? HostTensor(codes.flatMap { $0 }, shape: [1, codes.count, 84]) else {
      return x
    }
    let w = x.builder.constant(matrix).converted(to: x.dtype)
    return -square(x.reshaped([x.shape[0], 1, 84]) - w).sum(over: [2])
  }
}

/// The codes of digits: bitmaps of 7×12, ink 1 and paper −1, so that what looks alike has codes alike.
enum DigitCodes {
  /// A row of 84 a class.
  static func of(_ classes: Int) -> [[Float]] {
    var random = RandomStream(seed: 0, "codes")
    return (0..<max(classes, 1)).map { index in
      classes <= all.count
        ? all[index] : (0..<84).map { _ in Bool.random(using: &random) ? 1 : -1 }
    }
  }

  /// A row of 84 a digit.
  static let all: [[Float]] = drawings.map { rows in
    rows.joined().map { $0 == "#" ? 1 : -1 }
  }

  static let drawings: [[String]] = [
    [
      "..###..", ".#...#.", "#.....#", "#.....#", "#.....#", "#.....#", "#.....#", "#.....#",
      "#.....#", ".#...#.", "..###..", ".......",
    ],
    [
      "...#...", "..##...", ".#.#...", "...#...", "...#...", "...#...", "...#...", "...#...",
      "...#...", "...#...", ".#####.", ".......",
    ],
    [
      ".#####.", "#.....#", "......#", "......#", ".....#.", "....#..", "...#...", "..#....",
      ".#.....", "#......", "#######", ".......",
    ],
    [
      ".#####.", "#.....#", "......#", "......#", ".....#.", "..###..", ".....#.", "......#",
      "......#", "#.....#", ".#####.", ".......",
    ],
    [
      ".....#.", "....##.", "...#.#.", "..#..#.", ".#...#.", "#....#.", "#######", ".....#.",
      ".....#.", ".....#.", ".....#.", ".......",
    ],
    [
      "#######", "#......", "#......", "#......", "######.", "......#", "......#", "......#",
      "......#", "#.....#", ".#####.", ".......",
    ],
    [
      "..####.", ".#.....", "#......", "#......", "#.###..", "##...#.", "#.....#", "#.....#",
      "#.....#", ".#...#.", "..###..", ".......",
    ],
    [
      "#######", "......#", "......#", ".....#.", ".....#.", "....#..", "....#..", "...#...",
      "...#...", "..#....", "..#....", ".......",
    ],
    [
      "..###..", ".#...#.", "#.....#", "#.....#", ".#...#.", "..###..", ".#...#.", "#.....#",
      "#.....#", ".#...#.", "..###..", ".......",
    ],
    [
      "..###..", ".#...#.", "#.....#", "#.....#", "#.....#", ".#...##", "..###.#", "......#",
      "......#", ".....#.", ".####..", ".......",
    ],
  ]
}
