import Striate

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What a run's summary page says beside its settings.
enum RunFacts {
  /// Tables of the command, the network, the data and the machine.
  static func all(
    _ model: some Layer, _ entry: CatalogEntry, _ data: DataSplits, on device: Device
  ) -> [SummaryPage.Facts] {
    var network: [(name: String, value: String)] = [
      ("network", "\(entry.title) (\(entry.year))"), ("paper", entry.paper),
      ("input", data.train.inputShape.description),
    ]
    // A network that cannot be summed up is trained all the same.
    if let summary = try? ModelSummary(
      model, named: entry.id, input: data.train.inputShape, on: .reference)
    {
      network += [
        ("parameters", Numbers.grouped(summary.parameters)),
        ("MACs", Numbers.grouped(summary.macs)),
        ("layers", "\(summary.rows.count)"),
      ]
    }
    return tables(network, data, on: device)
  }

  /// Tables of the command, a network that is described, the data and the machine.
  static func tables(
    _ network: [(name: String, value: String)], _ data: DataSplits, on device: Device
  ) -> [SummaryPage.Facts] {
    var samples: [(name: String, value: String)] = [
      ("training samples", Numbers.grouped(data.train.count))
    ]
    samples.append(
      (data.isHeldOut ? "held-out samples" : "test samples", Numbers.grouped(data.test.count)))
    if let final = data.final { samples.append(("test samples", Numbers.grouped(final.count))) }
    return [
      SummaryPage.Facts("Command", [("command", command), ("version", "striate \(version)")]),
      SummaryPage.Facts("Network", network),
      SummaryPage.Facts(
        "Data",
        [(name: "data", value: data.name)] + samples
          + [(name: "classes", value: data.train.classNames.joined(separator: ", "))]),
      SummaryPage.Facts(
        "Machine",
        [
          ("device", device.id), ("library", device.backend.summary),
          ("threads", "\(device.threads)"), ("system", system),
        ]),
    ]
  }

  /// The command line as a shell would take it.
  static var command: String {
    (["striate"] + CommandLine.arguments.dropFirst()).map(quoted).joined(separator: " ")
  }

  private static func quoted(_ word: String) -> String {
    let plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,@#+%"
    if !word.isEmpty, word.allSatisfy(plain.contains) { return word }
    return "'"
      + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }

  /// Kernel and processor kind.
  private static var system: String {
    var name = utsname()
    guard uname(&name) == 0 else { return "unknown" }
    func text<T>(_ field: T) -> String {
      withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
    return "\(text(name.sysname)) \(text(name.release)), \(text(name.machine))"
  }
}
