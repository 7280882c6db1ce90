import StriateCore

/// The thousand classes of the ImageNet Large Scale Visual Recognition Challenge, 2012 to 2017.
///
/// Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", IJCV 2015. Networks answer them in the
/// order of their synsets; the development kit numbers them otherwise. Names are torchvision's, which tell both
/// cranes and both maillots apart.
public enum ILSVRC {
  /// One of the classes.
  public struct Category: Sendable, Hashable {
    /// Its set of synonyms in WordNet 3.0: `n01440764`.
    public let synset: String
    /// Its number in the development kit, from 1: the labels of the validation images.
    public let number: Int
    /// Its name: `tench`.
    public let name: String
  }

  /// The classes in the order of networks' answers.
  public static let categories: [Category] = table.split(whereSeparator: { ";\n".contains($0) })
    .compactMap { entry in
      let words = entry.split(separator: " ")
      guard words.count >= 3, let number = Int(words[1]) else { return nil }
      return Category(
        synset: String(words[0]), number: number,
        name: words[2...].joined(separator: " "))
    }

  /// The names in the order of networks' answers.
  public static let names = categories.map(\.name)
  /// The synsets in the order of networks' answers.
  public static let synsets = categories.map(\.synset)

  /// The label of each number of the development kit.
  static let labels = Dictionary(
    categories.enumerated().map { ($0.element.number, Int32($0.offset)) },
    uniquingKeysWith: { first, _ in first })
  private static let nameOfSynset = Dictionary(
    categories.map { ($0.synset, $0.name) }, uniquingKeysWith: { first, _ in first })

  /// The name of a synset's class; nil where it is none of the thousand.
  public static func name(ofSynset synset: String) -> String? { nameOfSynset[synset] }
}
