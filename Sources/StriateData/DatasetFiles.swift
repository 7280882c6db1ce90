import StriateCore

/// A file that a data set is published in.
public struct PublishedFile: Sendable, Hashable {
  /// Where it is.
  public var address: String
  /// Its name.
  public var name: String
  /// The SHA-256 of its bytes, or what that begins with.
  public var sha256: String
  /// Its size in bytes; nil where it is small.
  public var count: Int?

  /// A file that is published somewhere.
  public init(address: String, name: String, sha256: String, count: Int? = nil) {
    (self.address, self.name, self.sha256, self.count) = (address, name, sha256, count)
  }
}

extension KnownDataset {
  /// The files that the data set is published in.
  public var published: [PublishedFile] {
    switch self {
    case .fashionMNIST:
      Self.idxFiles(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        [
          "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
          "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
          "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
          "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ])
    case .mnist:
      Self.idxFiles(
        "https://ossci-datasets.s3.amazonaws.com/mnist",
        [
          "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
          "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
          "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
          "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ])
    case .cifar10:
      [
        PublishedFile(
          address: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
          name: "cifar-10-binary.tar.gz",
          sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
          count: 170_052_171)
      ]
    case .cifar100:
      [
        PublishedFile(
          address: "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
          name: "cifar-100-binary.tar.gz",
          sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
          count: 168_513_733)
      ]
    }
  }

  private static func idxFiles(_ address: String, _ sums: [String]) -> [PublishedFile] {
    let names = [
      "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz",
      "t10k-labels-idx1-ubyte.gz",
    ]
    return zip(names, sums).map { name, sum in
      PublishedFile(address: "\(address)/\(name)", name: name, sha256: sum, count: nil)
    }
  }

  /// The folder that it is fetched into: the first of those it is looked for in.
  public var fetchFolder: String? { folders.first }

  /// Whether a folder holds its training images, under the names that they are published with.
  public func isIn(folder: String) -> Bool { isPresent(in: folder) }
}
