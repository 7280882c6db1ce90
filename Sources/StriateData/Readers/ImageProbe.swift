import StriateCore

/// Looks at files and samples before they are used.
enum ImageProbe {
  /// What was seen.
  enum Verdict: Sendable, Hashable {
    /// An image, as far as was looked.
    case image
    /// No image, and not named as one.
    case other
    /// Something that should be an image and cannot be read, with the reason.
    case bad(String)
  }

  /// Looks at a file: at its first bytes, or by decoding it.
  static func file(_ path: String, decodes: Bool) -> Verdict {
    let file: InputFile
    do throws(SystemFailure) {
      file = try InputFile(path)
    } catch {
      return ImageFormat.isNamedAsImage(path) ? .bad("cannot be read: \(error.reason)") : .other
    }
    let isNamed = ImageFormat.isNamedAsImage(path)
    do throws(DataError) {
      let head = try DataError.imageBytes(of: file, at: 0, count: min(file.count, 4096))
      let format = ImageFormat.detect(head)
      if !isNamed, format?.isDecoded != true { return .other }
      _ = try Image.format(of: head)
      if !decodes {
        let verdict = try header(file, head)
        if verdict != .image { return verdict }
        if try hasEnd(file, at: 0, count: file.count) { return .image }
      }
      let bytes = try DataError.imageBytes(of: file, at: 0, count: file.count)
      _ = try Image(encoded: bytes, decoding: ImageDecoding(minimum: 1, orients: false))
      return .image
    } catch {
      return .bad(error.message)
    }
  }

  /// Looks at a sample in a file.
  static func sample(_ file: InputFile, at offset: Int, count: Int, decodes: Bool) -> Verdict {
    do throws(DataError) {
      let bytes = try DataError.imageBytes(
        of: file, at: offset, count: decodes ? count : min(count, 4096))
      _ = try Image.format(of: bytes)
      if !decodes, let size = size(bytes) {
        try Image.checkDecoded(width: size.width, height: size.height)
      }
      if !decodes, try hasEnd(file, at: offset, count: count) { return .image }
      let whole =
        bytes.count == count
        ? bytes : try DataError.imageBytes(of: file, at: offset, count: count)
      _ = try Image(encoded: whole, decoding: ImageDecoding(minimum: 1, orients: false))
      return .image
    } catch {
      return .bad(error.message)
    }
  }

  /// Checks the extents that a file announces; where they do not follow soon, decoding will tell.
  private static func header(_ file: InputFile, _ head: [UInt8]) throws(DataError) -> Verdict {
    var found = size(head)
    if found == nil {
      found = size(try DataError.imageBytes(of: file, at: 0, count: min(file.count, 1 << 18)))
      if found == nil, file.count <= 1 << 18 { return .bad("the file ends before its image") }
    }
    if let found { try Image.checkDecoded(width: found.width, height: found.height) }
    return .image
  }

  /// Whether what ends a JPEG or PNG image is near the end of its bytes; without it decoding tells.
  private static func hasEnd(
    _ file: InputFile, at offset: Int, count: Int
  ) throws(DataError) -> Bool {
    let length = min(count, 4096)
    let tail = try DataError.imageBytes(of: file, at: offset + count - length, count: length)
    func ends(with mark: [UInt8]) -> Bool {
      guard tail.count >= mark.count else { return false }
      return (0...(tail.count - mark.count)).contains { tail[$0...].starts(with: mark) }
    }
    return ends(with: [0xFF, 0xD9]) || ends(with: Array("IEND".utf8))
  }

  /// The extents that the beginning of a JPEG or PNG file announces.
  static func size(_ bytes: [UInt8]) -> (width: Int, height: Int)? {
    if ImageFormat.detect(bytes) == .png {
      guard bytes.count >= 24 else { return nil }
      func number(_ at: Int) -> Int { bytes[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) } }
      return (number(16), number(20))
    }
    return bytes.withUnsafeBufferPointer { (try? JPEGHeader($0)).map { ($0.width, $0.height) } }
  }

  /// Looks at many, on as many threads; the verdicts are in order.
  static func verdicts(
    _ count: Int, threads: Int, _ look: @escaping @Sendable (Int) -> Verdict
  ) -> [Verdict] {
    let seen = Parallel.Guarded([Verdict](repeating: .image, count: max(count, 0)))
    Parallel.forEach(count, threads: threads) { range in
      let found = range.map(look)
      seen.update { $0.replaceSubrange(range, with: found) }
    }
    return seen.value
  }

  /// The error for files that cannot be read, where they are not to be left out or nothing else is there.
  ///
  /// - Parameters:
  ///   - what: what is counted, a file or a sample.
  ///   - fault: what cannot be done with it.
  static func refusal(
    _ bad: [BadFile], of count: Int, _ what: String = "file",
    _ fault: String = "cannot be read as images", path: String
  ) -> DataError {
    let shown = bad.prefix(5).map(\.description).joined(separator: "; ")
    let more = bad.count > 5 ? "; and \(bad.count - 5) more" : ""
    let advice =
      bad.count < count
      ? "Mend or remove them, or leave them out with --bad-files skip" : "None is left to use"
    return DataError(
      .malformed,
      "\(bad.count) of \(Numbers.counted(count, what)) \(fault): \(shown)\(more). \(advice)",
      path: path)
  }
}
