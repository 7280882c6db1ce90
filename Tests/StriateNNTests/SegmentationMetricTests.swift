import StriateCore
import StriateNN
import Testing

/// Random masks of some classes, in blobs, as masks are.
private func mask(_ stream: inout RandomStream, _ count: Int, classes: Int) -> [UInt8] {
  var (found, label): ([UInt8], UInt8) = ([], 0)
  for _ in 0..<count {
    if Double.random(in: 0..<1, using: &stream) < 0.3 {
      label = UInt8(Int.random(in: 0..<classes, using: &stream))
    }
    found.append(label)
  }
  return found
}

@Suite struct PixelConfusionTests {
  @Test("Scores of a small mask are those by hand")
  func byHand() throws {
    var confusion = try PixelConfusion(classes: 4, ignoring: 255)
    try confusion.add(
      truth: [0, 0, 0, 1, 1, 255, 2, 255] as [UInt8], answers: [0, 0, 1, 1, 0, 2, 0, 3])
    #expect(confusion.counts == [2, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
    #expect(confusion.pixels == 6 && confusion.ignored == 2)
    #expect(confusion.iou == [2.0 / 5, 1.0 / 3, 0, nil])
    #expect(confusion.dice == [4.0 / 7, 1.0 / 2, 0, nil])
    #expect(confusion.accuracy == [2.0 / 3, 1.0 / 2, 0, nil])
    #expect(confusion.pixelAccuracy == 0.5)
    #expect(abs((confusion.meanIoU ?? 0) - (0.4 + 1.0 / 3) / 3) < 1e-15)
    #expect(abs((confusion.meanAccuracy ?? 0) - (2.0 / 3 + 0.5) / 3) < 1e-15)
    #expect(abs((confusion.frequencyWeightedIoU ?? 0) - (3 * 0.4 + 2.0 / 3) / 6) < 1e-15)
    #expect(confusion[1, 0] == 1 && confusion[-1, 9] == 0)
  }

  @Test("Of nothing everything is undefined", arguments: [-3, 0, 2])
  func empty(_ classes: Int) throws {
    let confusion = try PixelConfusion(classes: classes)
    #expect(confusion.meanIoU == nil && confusion.pixelAccuracy == nil && confusion.meanDice == nil)
    #expect(confusion.meanAccuracy == nil && confusion.frequencyWeightedIoU == nil)
    #expect(confusion.iou.allSatisfy { $0 == nil })
  }

  /// A second formula: sets of pixels, image by image.
  @Test("Scores are those of sets of pixels, however the set is divided", arguments: 0..<20)
  func sets(_ seed: UInt64) throws {
    var stream = RandomStream(seed: seed, "confusion")
    let classes = 2 + Int(seed % 5)
    var (whole, parts) = (
      try PixelConfusion(classes: classes, ignoring: 9),
      try PixelConfusion(classes: classes, ignoring: 9)
    )
    var (truths, answers): ([Int], [Int]) = ([], [])
    for image in 0..<3 {
      var truth = mask(&stream, 97, classes: classes)
      for place in stride(from: image, to: 97, by: 13) { truth[place] = 9 }
      let answer = mask(&stream, 97, classes: classes)
      var part = try PixelConfusion(classes: classes, ignoring: 9)
      try part.add(truth: truth, answers: answer)
      try parts.add(part)
      try whole.add(truth: truth.map { Int32($0) }, answers: answer.map { Int32($0) })
      truths += truth.map { Int($0) }
      answers += answer.map { Int($0) }
    }
    #expect(whole == parts)
    let counted = truths.indices.filter { truths[$0] != 9 }
    var (ious, dices, accuracies, weighted) = ([Double](), [Double](), [Double](), 0.0)
    for number in 0..<classes {
      let so = Set(counted.filter { truths[$0] == number })
      let answered = Set(counted.filter { answers[$0] == number })
      let union = so.union(answered).count
      guard union > 0 else { continue }
      let iou = Double(so.intersection(answered).count) / Double(union)
      ious.append(iou)
      dices.append(2 * iou / (1 + iou))
      weighted += iou * Double(so.count) / Double(counted.count)
      if !so.isEmpty {
        accuracies.append(Double(so.intersection(answered).count) / Double(so.count))
      }
    }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    #expect(abs((whole.meanIoU ?? -1) - mean(ious)) < 1e-12)
    #expect(abs((whole.meanDice ?? -1) - mean(dices)) < 1e-12)
    #expect(abs((whole.meanAccuracy ?? -1) - mean(accuracies)) < 1e-12)
    #expect(abs((whole.frequencyWeightedIoU ?? -1) - weighted) < 1e-12)
    let right = counted.count { truths[$0] == answers[$0] }
    #expect(whole.pixelAccuracy == Double(right) / Double(counted.count))
  }

  @Test("What is no class is named with its pixel, and nothing of its image is counted")
  func refusals() throws {
    var confusion = try PixelConfusion(classes: 3, ignoring: 255)
    try confusion.add(truth: [0, 1] as [UInt8], answers: [0, 0])
    let before = confusion
    for (truth, answers, words) in [
      ([0, 0, 3, 1], [0, 0, 0, 0], "found 3 at pixel 2"), ([0], [0, 1], "found 2"),
      ([0, 1], [0, 255], "found 255 at pixel 1"), ([-1], [0], "found -1"),
      ([0], [.min], "found \(Int.min)"),
    ] as [([Int], [Int], String)] {
      let error = #expect(throws: MetricError.self) {
        try confusion.add(truth: truth, answers: answers)
      }
      #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
      #expect(confusion == before)
    }
    #expect(throws: MetricError.self) { try confusion.add(PixelConfusion(classes: 3)) }
    #expect(throws: MetricError.self) { try PixelConfusion(classes: .max) }
    #expect(throws: MetricError.self) { try BoundaryScore(classes: .max) }
    #expect(throws: MetricError.self) { try BoundaryScore(classes: 2, tolerance: .nan) }
  }
}

@Suite struct InstanceTests {
  @Test("Parts of a mask touch by edges, or by corners too")
  func parts() {
    let mask = [
      true, false, false, true,
      false, true, false, true,
      false, false, false, false,
      true, true, false, true,
    ]
    let four = Components(of: mask, width: 4)
    #expect(four.count == 5 && four.areas == [1, 2, 1, 2, 1])
    #expect(four.labels == [1, 0, 0, 2, 0, 3, 0, 2, 0, 0, 0, 0, 4, 4, 0, 5])
    let eight = Components(of: mask, width: 4, connectivity: .eight)
    #expect(eight.count == 4 && eight.areas == [2, 2, 2, 1])
    #expect(Components(of: mask, width: 5).count == 0 && Components(of: [], width: 3).count == 0)
  }

  @Test("A spiral is one part, and a large one needs no stack")
  func spiral() {
    let side = 301
    var mask = [Bool](repeating: false, count: side * side)
    for row in 0..<side {
      for column in 0..<side {
        let end = row % 4 == 1 ? side - 1 : 0
        mask[row * side + column] = row % 2 == 0 || column == end
      }
    }
    #expect(Components(of: mask, width: side).count == 1)
  }

  @Test("The precision of instances is that by hand")
  func byHand() throws {
    var precision = InstancePrecision()
    #expect(precision.average == nil)
    // One found with 3/4, one missed, one made up.
    try precision.add(
      truth: [7, 7, 7, 7, 0, 2, 2, 0, 0], answers: [1, 1, 1, 0, 0, 0, 0, 5, 5])
    #expect(precision.at50 == 1.0 / 3 && precision.at75 == 0)
    #expect(abs((precision.average ?? 0) - 5.0 / 10 / 3) < 1e-12)
    try precision.add(truth: [3, 3], answers: [9, 9])
    try precision.add(truth: [0, 0], answers: [0, 0])
    #expect(precision.images == 2 && precision.empty == 1)
    #expect(abs((precision.at50 ?? 0) - 2.0 / 3) < 1e-12)
    #expect(throws: MetricError.self) { try precision.add(truth: [1], answers: []) }
  }

  /// A second formula: every pair of instances as sets of pixels.
  @Test("The precision of instances is that of all pairs", arguments: 0..<10)
  func pairs(_ seed: UInt64) throws {
    var stream = RandomStream(seed: seed, "instances")
    let truth = mask(&stream, 300, classes: 12).map { Int32($0) }
    let answers = zip(truth, mask(&stream, 300, classes: 12)).map {
      Double.random(in: 0..<1, using: &stream) < 0.8 ? ($0 * 5) % 12 : Int32($1)
    }
    func instances(_ map: [Int32]) -> [Set<Int>] {
      (1..<12).map { label in Set(map.indices.filter { map[$0] == Int32(label) }) }
        .filter { !$0.isEmpty }
    }
    let (so, answered) = (instances(truth), instances(answers))
    let scores = (0..<10).map { step -> Double in
      let threshold = 0.5 + 0.05 * Double(step)
      let found = so.count { one in
        answered.contains {
          Double(one.intersection($0).count) / Double(one.union($0).count) > threshold
        }
      }
      return Double(found) / Double(so.count + answered.count - found)
    }
    var precision = InstancePrecision()
    try precision.add(truth: truth, answers: answers)
    #expect(abs((precision.average ?? -1) - scores.reduce(0, +) / 10) < 1e-12)
    #expect(precision.at50 == scores[0] && precision.at75 == scores[5])
  }
}

@Suite struct BoundaryScoreTests {
  @Test("A shifted square is met within the shift, and not below")
  func shift() throws {
    let side = 40
    func square(_ left: Int) -> [UInt8] {
      (0..<(side * side)).map { place in
        (10..<30) ~= place / side && (left..<(left + 20)) ~= place % side ? 1 : 0
      }
    }
    for (shift, tolerance, isWhole) in [(0, 0.0, true), (2, 2.1, true), (2, 1.9, false)] {
      let diagonal = Double(2 * side * side).squareRoot()
      var score = try BoundaryScore(classes: 2, tolerance: tolerance / diagonal)
      try score.add(truth: square(10), answers: square(10 + shift), width: side)
      #expect((score.mean == 1) == isWhole, "\(shift) within \(tolerance): \(score.byClass)")
      #expect((score.mean ?? 0) > 0.4)
    }
  }

  @Test("Without boundaries nothing is defined, and ignored pixels bound nothing")
  func undefined() throws {
    var score = try BoundaryScore(classes: 3, ignoring: 255)
    #expect(score.mean == nil)
    try score.add(truth: [0, 0, 255, 255] as [UInt8], answers: [0, 0, 1, 2], width: 2)
    #expect(score.mean == nil && score.byClass == [nil, nil, nil])
    try score.add(truth: [0, 1, 0, 1] as [UInt8], answers: [0, 0, 0, 0], width: 2)
    #expect(score.byClass == [0, 0, nil])
    #expect(throws: MetricError.self) {
      try score.add(truth: [0] as [UInt8], answers: [0], width: 2)
    }
  }

  /// A second formula: the nearest of all pairs of boundary pixels.
  @Test("The score is that of all pairs of boundary pixels", arguments: 0..<8)
  func pairs(_ seed: UInt64) throws {
    var stream = RandomStream(seed: seed, "boundaries")
    let (width, height, classes) = (13, 9, 3)
    var truth = mask(&stream, width * height, classes: classes)
    for place in stride(from: 5, to: truth.count, by: 17) { truth[place] = 255 }
    let answers = mask(&stream, width * height, classes: classes)
    func boundary(_ map: [UInt8], _ number: UInt8) -> [(x: Int, y: Int)] {
      map.indices.compactMap { place in
        let (y, x) = place.quotientAndRemainder(dividingBy: width)
        guard map[place] == number, truth[place] != 255 else { return nil }
        let touches = [(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)].contains { x, y in
          guard 0..<width ~= x, 0..<height ~= y else { return false }
          return truth[y * width + x] != 255 && map[y * width + x] != number
        }
        return touches ? (x, y) : nil
      }
    }
    let reach = 1.5
    func share(_ places: [(x: Int, y: Int)], _ others: [(x: Int, y: Int)]) -> Double {
      let near = places.count { a in
        others.contains { b in
          Double((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)) <= reach * reach
        }
      }
      return places.isEmpty ? 0 : Double(near) / Double(places.count)
    }
    let diagonal = Double(width * width + height * height).squareRoot()
    var score = try BoundaryScore(classes: classes, ignoring: 255, tolerance: reach / diagonal)
    try score.add(truth: truth, answers: answers, width: width)
    for number in 0..<classes {
      let so = boundary(truth, UInt8(number))
      let answered = boundary(answers, UInt8(number))
      let (precision, recall) = (share(answered, so), share(so, answered))
      let sum = precision + recall
      let expected =
        so.isEmpty && answered.isEmpty ? nil : sum > 0 ? 2 * precision * recall / sum : 0
      #expect(
        score.byClass[number].map { abs($0 - (expected ?? -1)) < 1e-12 } ?? (expected == nil))
    }
  }
}
