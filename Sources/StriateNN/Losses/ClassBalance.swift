#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Weights of classes by how often they occur, so that rare ones are not drowned.
public enum ClassBalance: String, Sendable, Hashable, CaseIterable {
  /// All pixels over those of the class times the number of classes that occur, as scikit-learn's `balanced`.
  case balanced
  /// The median of the frequencies over the class's own, a frequency being its pixels over those of the images that show
  /// it: Eigen and Fergus, ICCV 2015; Badrinarayanan, Kendall and Cipolla, "SegNet", PAMI 2017.
  case medianFrequency = "median"
  /// `1 / ln(1.02 + p)`, `p` the class's share of all pixels: Paszke et al., "ENet", 2016.
  case logarithmic = "log"

  /// A weight a class; 0 of one that does not occur but under `logarithmic`, since nothing can be said of it.
  ///
  /// - Parameters:
  ///   - pixels: how many there are of each class.
  ///   - area: how many pixels, of any class, the images have that show the class.
  public func weights(pixels: [Int], area: [Int]) -> [Double] {
    switch self {
    case .balanced:
      let (all, known) = (Double(pixels.reduce(0, +)), Double(pixels.count { $0 > 0 }))
      return pixels.map { $0 > 0 ? all / (known * Double($0)) : 0 }
    case .medianFrequency:
      let frequencies = zip(pixels, area).map { $1 > 0 ? Double($0) / Double($1) : 0 }
      let known = frequencies.filter { $0 > 0 }.sorted()
      guard let low = known.dropFirst((known.count - 1) / 2).first,
        let high = known.dropFirst(known.count / 2).first
      else { return frequencies }
      return frequencies.map { $0 > 0 ? (low + high) / 2 / $0 : 0 }
    case .logarithmic:
      let all = Double(max(pixels.reduce(0, +), 1))
      return pixels.map { 1 / log(1.02 + Double($0) / all) }
    }
  }
}
