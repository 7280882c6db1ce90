import StriateCore

/// What fits and what does not between the tensors of a file and those a network expects.
public struct LoadReport: Sendable, Hashable, CustomStringConvertible {
  /// A tensor of the right name and the wrong type.
  public struct Mismatch: Sendable, Hashable {
    /// The tensor's name.
    public var name: String
    /// The type the network has.
    public var expected: TensorType
    /// The type in the file.
    public var found: TensorType
  }

  /// Names the network expects and the file lacks.
  public private(set) var missing: [String] = []
  /// Names the file has and the network does not know.
  public private(set) var unexpected: [String] = []
  /// Tensors of another shape than expected.
  public private(set) var wrongShape: [Mismatch] = []
  /// Tensors of the expected shape and another element type.
  public private(set) var wrongDType: [Mismatch] = []
  /// The number of tensors that fit.
  public private(set) var matched = 0
  private var hints: [String: String] = [:]

  /// Compares the tensors of a file with the expected ones.
  public init(_ found: NamedTensors, expected: [(name: String, type: TensorType)]) {
    self.init(found: found.map { ($0.name, $0.value.type) }, expected: expected)
  }

  /// Compares types, of tensors that need not have been read.
  public init(
    found: [(name: String, type: TensorType)], expected: [(name: String, type: TensorType)]
  ) {
    let types = Dictionary(found.map { ($0.name, $0.type) }, uniquingKeysWith: { $1 })
    var known: Set<String> = []
    for (name, type) in expected {
      known.insert(name)
      guard let own = types[name] else {
        missing.append(name)
        continue
      }
      let mismatch = Mismatch(name: name, expected: type, found: own)
      if own.shape != type.shape {
        wrongShape.append(mismatch)
      } else if own.dtype != type.dtype {
        wrongDType.append(mismatch)
      } else {
        matched += 1
      }
    }
    unexpected = found.map(\.name).filter { !known.contains($0) }
    for name in unexpected.prefix(20) {
      hints[name] = NearMiss.suggestions(for: name, among: missing).first
    }
  }

  /// Whether every expected tensor is there with its type; unexpected ones do not count.
  public var isComplete: Bool { missing.isEmpty && wrongShape.isEmpty && wrongDType.isEmpty }

  /// Whether every expected tensor is there with its type, and no other.
  public var isExact: Bool { isComplete && unexpected.isEmpty }

  /// A line a fault, grouped by kind.
  public var lines: [String] {
    missing.map { "missing: \($0)" }
      + wrongShape.map { "wrong shape: \($0.name) is \($0.found), expected \($0.expected)" }
      + wrongDType.map { "wrong type: \($0.name) is \($0.found), expected \($0.expected)" }
      + unexpected.map { name in
        "unexpected: \(name)" + (hints[name].map { ", meant as \($0)?" } ?? "")
      }
  }

  /// The sums, then a line a fault.
  public var description: String {
    let head =
      "\(matched) matched, \(missing.count) missing, \(wrongShape.count) of wrong shape, "
      + "\(wrongDType.count) of wrong type, \(unexpected.count) unexpected"
    return ([head] + lines.map { "  \($0)" }).joined(separator: "\n")
  }

  /// Does nothing where the report is complete.
  ///
  /// - Throws: `FormatError` with the first faults.
  public func requireComplete(path: String? = nil) throws(FormatError) {
    guard !isComplete else { return }
    let faults = lines
    let more = faults.count > 4 ? "; and \(faults.count - 4) more" : ""
    throw FormatError(
      .mismatch,
      "the weights do not fit the network: " + faults.prefix(4).joined(separator: "; ") + more,
      path: path)
  }
}
