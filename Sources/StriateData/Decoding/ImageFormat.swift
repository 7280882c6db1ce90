/// The kind of an image file, told from its first bytes and never from its name.
public enum ImageFormat: String, Sendable, Hashable, CaseIterable {
  case jpeg = "JPEG"
  case png = "PNG"
  case gif = "GIF"
  case webp = "WebP"
  case bmp = "BMP"
  case tiff = "TIFF"
  case heic = "HEIC"
  case avif = "AVIF"
  case jpegXL = "JPEG XL"
  case jpeg2000 = "JPEG 2000"
  case photoshop = "Photoshop"
  case netpbm = "Netpbm"

  /// The bytes that are enough to tell.
  public static let signatureLength = 16

  /// The kind of file that begins with these bytes; nil where they are no image's.
  public static func detect(_ bytes: some Collection<UInt8>) -> ImageFormat? {
    let head = Array(bytes.prefix(signatureLength))
    func at(_ offset: Int, _ text: String) -> Bool {
      head.dropFirst(offset).starts(with: Array(text.utf8))
    }
    if head.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
    if head.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .png }
    if at(0, "GIF87a") || at(0, "GIF89a") { return .gif }
    if at(0, "RIFF"), at(8, "WEBP") { return .webp }
    if at(0, "II*\0") || at(0, "MM\0*") || at(0, "II+\0") || at(0, "MM\0+") { return .tiff }
    if at(4, "ftyp") { return isoMedia(at) }
    if head.starts(with: [0xFF, 0x0A]) || at(4, "JXL ") { return .jpegXL }
    if at(4, "jP  ") || head.starts(with: [0xFF, 0x4F, 0xFF, 0x51]) { return .jpeg2000 }
    if at(0, "8BPS") { return .photoshop }
    // Two letters are little to go by, so the header's reserved zeros are asked for as well.
    if at(0, "BM"), head.count >= 10, head[6..<10].allSatisfy({ $0 == 0 }) { return .bmp }
    if head.count >= 3, head[0] == UInt8(ascii: "P"), (0x31...0x36).contains(head[1]),
      [0x20, 0x0A, 0x0D, 0x09].contains(head[2])
    {
      return .netpbm
    }
    return nil
  }

  private static func isoMedia(_ at: (Int, String) -> Bool) -> ImageFormat? {
    if at(8, "avif") || at(8, "avis") { return .avif }
    let brands = ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"]
    return brands.contains { at(8, $0) } ? .heic : nil
  }

  /// Whether files of this kind are decoded.
  public var isDecoded: Bool { self == .jpeg || self == .png }

  /// The ending of a name, in small letters without the point, that names an image file.
  static let suffixes: Set<String> = [
    "jpg", "jpeg", "jpe", "jfif", "png", "gif", "webp", "bmp", "tif", "tiff", "heic", "heif",
    "avif", "jxl", "jp2", "psd", "ppm", "pgm", "pbm",
  ]

  /// The files of a folder, not of those inside, whose names are those of JPEG or PNG images, in their order.
  ///
  /// - Parameter tiff: whether TIFF images are among them.
  /// - Throws: `DataError` where the folder cannot be read.
  package static func files(
    in folder: String, tiff: Bool = false
  ) throws(DataError) -> [String] {
    let names = try Folder(folder).files.filter { name in
      let ending = name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() }
      return (["jpg", "jpeg", "jpe", "jfif", "png"] + (tiff ? ["tif", "tiff"] : []))
        .contains(ending)
    }
    return names.map { folder.hasSuffix("/") ? folder + $0 : "\(folder)/\($0)" }
  }

  /// Whether a file of this name should be an image.
  static func isNamedAsImage(_ name: String) -> Bool {
    guard let point = name.lastIndex(of: ".") else { return false }
    return suffixes.contains(name[name.index(after: point)...].lowercased())
  }
}
