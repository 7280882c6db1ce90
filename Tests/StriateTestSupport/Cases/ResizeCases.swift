import StriateCore
import StriateIR

/// Resampling in every mode, up, down, both at once, to and from one element.
public let resizeCases: [OpCase] =
  modes.flatMap { name, rule in
    ([
      ([2, 3, 4, 5], [7, 11]), ([1, 2, 8, 9], [3, 4]), ([2, 1, 5, 4], [10, 2]),
      ([1, 17, 1, 1], [3, 2]), ([1, 2, 6, 7], [1, 1]), ([2, 2, 3, 3], [3, 3]),
    ] as [(Shape, [Int])]).map { made(name, rule, $0, $1) } + [
      made(name, rule, [2, 3, 7], [12]), made(name, rule, [1, 2, 4, 3, 5], [3, 6, 7]),
      made(name, rule, [0, 2, 4, 4], [8, 8]),
    ]
  } + factorCases + [
    OpCase("resize backward", .normal([2, 2, 5, 7]), isMultilinear: true) { x in
      let rule = Resize(size: [5, 7], mode: .cubic)
      return x[0].builder.one(.resizeBackward(ResizeBackward(rule, spatial: [3, 9])), x[0])
    },
    OpCase("resize backward by factors", .normal([2, 2, 7, 4]), isMultilinear: true) { x in
      let rule = Resize(size: [7, 4], mode: .linear, factors: [1.5, 0.5])
      return x[0].builder.one(.resizeBackward(ResizeBackward(rule, spatial: [5, 9])), x[0])
    },
    OpCase("upsampled by rows", .normal([2, 16, 40, 33]), isMultilinear: true) {
      resize($0[0], size: [80, 66])
    },
  ]

/// Resampling by factors, which say where elements lie.
private let factorCases: [OpCase] = Resize.Mode.allCases.flatMap { mode -> [OpCase] in
  let all: [[Double]] = [[1.5, 2.5], [0.6, 2], [1.2, 1.2]]
  return all.map { factors -> OpCase in
    let size = [Int(5 * factors[0]), Int(4 * factors[1])]
    let rule = Resize(size: size, mode: mode, factors: factors)
    return OpCase("resize \(mode) by \(factors)", .normal([2, 3, 5, 4]), isMultilinear: true) {
      $0[0].builder.one(.resize(rule), $0[0])
    }
  }
}

private typealias Rule = @Sendable ([Int]) -> Resize

private let modes: [(String, Rule)] =
  Resize.Mode.allCases.map { mode in (mode.rawValue, { Resize(size: $0, mode: mode) }) }
  + [Resize.Mode.linear, .cubic].flatMap { mode -> [(String, Rule)] in
    [
      ("\(mode) aligned", { Resize(size: $0, mode: mode, alignsCorners: true) }),
      ("\(mode) antialiased", { Resize(size: $0, mode: mode, antialiases: true) }),
    ]
  }

private func made(_ name: String, _ rule: @escaping Rule, _ shape: Shape, _ size: [Int]) -> OpCase {
  OpCase("resize \(name) \(shape) to \(size)", .normal(shape), isMultilinear: true) {
    $0[0].builder.one(.resize(rule(size)), $0[0])
  }
}
