import StriateCore

/// Files that are no weights, or weights of a kind that is not read: what they are, and what to do.
enum ForeignFile {
  /// What a file is, with the remedy; nil where it is nothing that is known here.
  static func name(of source: ByteSource) -> String? {
    guard let head = try? source.bytes(at: 0, count: min(source.count, 512)) else { return nil }
    if head.isEmpty {
      return "the file is empty: it has 0 bytes, a file of weights at least 8 bytes"
    }
    return binary(head, source) ?? text(head)
  }

  private static func binary(_ head: [UInt8], _ source: ByteSource) -> String? {
    func begins(_ bytes: [UInt8], at offset: Int = 0) -> Bool {
      head.count >= offset + bytes.count && Array(head[offset..<offset + bytes.count]) == bytes
    }
    if begins([0x1F, 0x8B]) {
      return "this is a gzip-compressed file; unpack it with: gunzip FILE"
    }
    if begins(Array("BZh".utf8)) {
      return "this is a bzip2-compressed file; unpack it with: bunzip2 FILE"
    }
    if begins([0xFD] + Array("7zXZ".utf8)) {
      return "this is an xz-compressed file; unpack it with: unxz FILE"
    }
    if begins([0x28, 0xB5, 0x2F, 0xFD]) {
      return "this is a zstd-compressed file; unpack it with: unzstd FILE"
    }
    if begins([0x89] + Array("HDF\r\n".utf8)) {
      return
        "this is an HDF5 file, as Keras writes (.h5); in Python, numpy.savez(FILE, **{w.path: w.numpy() for w "
        + "in model.weights}) writes one that is read"
    }
    if begins([0x93] + Array("NUMPY".utf8)) {
      return "this is a single array of NumPy; weights are read from .npz, which numpy.savez writes"
    }
    if begins(Array("TFL3".utf8), at: 4) { return "this is a TFLite model, which is not read yet" }
    if begins([0x89] + Array("PNG".utf8)) || begins([0xFF, 0xD8, 0xFF]) {
      return "this is an image, expected a file of weights"
    }
    if begins([0x50, 0x4B, 0x05, 0x06]) {
      return "this is an empty ZIP file: no tensors are in it"
    }
    if begins([0x50, 0x4B, 0x03, 0x04]) { return archive(source) }
    if TarMembers.isAtStart(of: source) {
      return
        "this is a tar archive, but none of torch.save; unpack it with tar -xf FILE and give the file of weights "
        + "in it"
    }
    return nil
  }

  private static func archive(_ source: ByteSource) -> String {
    let names = ((try? ZipArchive(source))?.entries.keys).map { $0.sorted() } ?? []
    if names.contains("model.weights.h5") {
      return
        "this is a .keras file, whose weights are HDF5; in Python, numpy.savez(FILE, **{w.path: w.numpy() for w "
        + "in model.weights}) writes one that is read"
    }
    let list = names.prefix(3).joined(separator: ", ")
    return
      "this is a ZIP file of \(Numbers.counted(names.count, "entry", "entries")) (\(list)), but none of torch.save "
      + "or numpy.savez; unpack it with unzip FILE and give the file of weights in it"
  }

  private static func text(_ head: [UInt8]) -> String? {
    let start = String(decoding: head, as: UTF8.self)
    let lowered = start.lowercased().drop { $0.isWhitespace }
    if lowered.hasPrefix("version https://git-lfs") {
      return "this is a pointer of git LFS, not the file itself; get that with: git lfs pull"
    }
    if ["<!doctype html", "<html", "<?xml", "<head"].contains(where: lowered.hasPrefix) {
      return
        "this is an HTML page, not a file of weights: a download that ended at a page of the server; fetch the "
        + "file itself"
    }
    if lowered.hasPrefix("{") || lowered.hasPrefix("[") {
      return "this is JSON text, and no index of sharded weights; give the file of weights itself"
    }
    if lowered.hasPrefix("7767517") {
      return "this is ncnn's description of a network, not its weights"
    }
    return nil
  }
}
