import StriateData
import StriateFormats

/// What tells whether two scores were measured on the same images against the same ground truth.
public enum SplitHash {
  /// The SHA-256 of the names of the images, from the data's folder on, and of the bytes of their masks' files, in the
  /// order of the names.
  ///
  /// - Throws: `FormatError` where a mask cannot be read.
  public static func hex(of selection: MaskedSelection) throws -> String {
    var digest = SHA256()
    for (name, mask) in selection.files {
      digest.update(Array("\(name)\n\(try SHA256.hex(ofFile: mask))\n".utf8))
    }
    return digest.hexDigest()
  }
}
