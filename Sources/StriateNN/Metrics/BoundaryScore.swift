import StriateCore

/// How well the boundaries of classes are met: Csurka, Larlus and Perronnin, "What is a good evaluation measure for
/// semantic segmentation?", BMVC 2013.
///
/// A pixel lies on the boundary of its class where one of the four pixels beside it is of another class. Precision is the
/// share of answered boundary pixels with a true one of that class within a distance, recall the reverse, F the harmonic
/// mean of both. F is that of one class in one image; of a class it is the mean over the images where the class has a
/// boundary on either side, of the set the mean over the classes. Pixels that are ignored are of no class and bound none.
public struct BoundaryScore: Sendable, Hashable {
  /// The number of classes.
  public let classes: Int
  /// The label of pixels that do not count.
  public let ignoring: Int?
  /// The distance within which boundaries meet, as a share of the image's diagonal.
  public let tolerance: Double

  private var sums: [Double]
  private var images: [Int]

  /// No images; the paper's tolerance is 0.75 % of the diagonal.
  ///
  /// - Throws: `MetricError` where there are more classes than `PixelConfusion.classLimit`, or the tolerance is no share.
  public init(
    classes: Int, ignoring: Int? = nil, tolerance: Double = 0.0075
  ) throws(MetricError) {
    guard classes <= PixelConfusion.classLimit, tolerance >= 0, tolerance <= 1 else {
      throw MetricError(
        "expected at most \(PixelConfusion.classLimit) classes and a tolerance from 0 to 1, found "
          + "\(classes) and \(tolerance)")
    }
    self.classes = max(classes, 0)
    self.ignoring = ignoring
    self.tolerance = tolerance
    sums = [Double](repeating: 0, count: self.classes)
    images = [Int](repeating: 0, count: self.classes)
  }

  /// Counts an image.
  ///
  /// - Throws: `MetricError` where truth and answers are no rows of this width of one length.
  public mutating func add<T: FixedWidthInteger>(
    truth: [T], answers: [T], width: Int
  ) throws(MetricError) {
    guard truth.count == answers.count, width >= 1, truth.count % width == 0 else {
      throw MetricError(
        "expected rows of \(width) pixels of truth and as many of answers, found \(truth.count) and "
          + "\(answers.count) pixels")
    }
    let height = truth.count / width
    let diagonal = (Double(width * width) + Double(height * height)).squareRoot()
    let reach = tolerance * diagonal
    let skips = truth.map { label in ignoring.map { label == $0 } ?? false }
    for number in 0..<classes {
      let plane = Boundary(width: width, height: height, skips: skips)
      let so = plane.places { truth[$0] == number }
      let answered = plane.places { answers[$0] == number }
      guard so.contains(true) || answered.contains(true) else { continue }
      let precision = plane.share(of: answered, near: so, within: reach)
      let recall = plane.share(of: so, near: answered, within: reach)
      let sum = precision + recall
      sums[number] += sum > 0 ? 2 * precision * recall / sum : 0
      images[number] += 1
    }
  }

  /// The F of each class; nil where it has no boundary.
  public var byClass: [Double?] {
    zip(sums, images).map { $1 > 0 ? $0 / Double($1) : nil }
  }

  /// The mean F of the classes; nil where none has a boundary.
  public var mean: Double? { StriateNN.mean(byClass) }
}

/// The boundaries of one class in an image.
private struct Boundary {
  let width, height: Int
  let skips: [Bool]

  /// The places of a class that touch another class.
  func places(_ isMember: (Int) -> Bool) -> [Bool] {
    var members = [Bool](repeating: false, count: skips.count)
    for place in members.indices { members[place] = !skips[place] && isMember(place) }
    var result = [Bool](repeating: false, count: skips.count)
    for row in 0..<height {
      for column in 0..<width where members[row * width + column] {
        let place = row * width + column
        func bounds(_ next: Int) -> Bool { !skips[next] && !members[next] }
        result[place] =
          (column > 0 && bounds(place - 1)) || (column + 1 < width && bounds(place + 1))
          || (row > 0 && bounds(place - width)) || (row + 1 < height && bounds(place + width))
      }
    }
    return result
  }

  /// The share of places that have one of the others within a distance; 0 where there are none.
  func share(of places: [Bool], near others: [Bool], within reach: Double) -> Double {
    let distances = squaredDistances(to: others)
    var (near, all) = (0, 0)
    for place in places.indices where places[place] {
      all += 1
      if distances[place] <= reach * reach { near += 1 }
    }
    return all > 0 ? Double(near) / Double(all) : 0
  }

  /// The squared distance of every place to the nearest of some, exact (Felzenszwalb and Huttenlocher, "Distance
  /// transforms of sampled functions", 2012).
  private func squaredDistances(to places: [Bool]) -> [Double] {
    var distances = places.map { $0 ? 0 : Double.infinity }
    for column in 0..<width {
      var line = (0..<height).map { distances[$0 * width + column] }
      Self.lower(&line)
      for row in 0..<height { distances[row * width + column] = line[row] }
    }
    for row in 0..<height {
      var line = Array(distances[(row * width)..<((row + 1) * width)])
      Self.lower(&line)
      for column in 0..<width { distances[row * width + column] = line[column] }
    }
    return distances
  }

  /// Replaces a function on a line by `min over q of f(q) + (p − q)²`: the lower envelope of its parabolas.
  private static func lower(_ line: inout [Double]) {
    var roots: [Int] = []
    var starts: [Double] = []
    for q in line.indices where line[q] < .infinity {
      var start = -Double.infinity
      while let root = roots.last {
        let rise = line[q] - line[root] + Double(q * q - root * root)
        start = rise / Double(2 * (q - root))
        if start > starts[starts.count - 1] { break }
        roots.removeLast()
        starts.removeLast()
        start = -.infinity
      }
      roots.append(q)
      starts.append(start)
    }
    if roots.isEmpty { return }
    let values = line
    var at = 0
    for p in line.indices {
      while at + 1 < roots.count, starts[at + 1] < Double(p) { at += 1 }
      line[p] = values[roots[at]] + Double((p - roots[at]) * (p - roots[at]))
    }
  }
}
