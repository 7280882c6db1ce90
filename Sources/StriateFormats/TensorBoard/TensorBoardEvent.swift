/// A record of a TensorBoard event file: what is known of a run after a step.
public struct TensorBoardEvent: Sendable, Hashable {
  /// What a tag holds.
  public enum Value: Sendable, Hashable {
    /// A number.
    case scalar(Float)
    /// A distribution.
    case histogram(Histogram)
    /// An image as a PNG file's bytes.
    case image(width: Int, height: Int, png: [UInt8])
    /// A text in Markdown.
    case text(String)
  }

  /// What the record says.
  public enum Content: Sendable, Hashable {
    /// The version of the file; the first record.
    case version(String)
    /// A part of a run begins: what was recorded of this step and later ones no longer counts.
    case start
    /// Values under their tags.
    case values([Tagged])
    /// Something that is not read here.
    case other
  }

  /// A value under its tag.
  public struct Tagged: Sendable, Hashable {
    /// The name under which TensorBoard shows it; what precedes a slash groups.
    public var tag: String
    /// The value.
    public var value: Value

    /// A value under its tag.
    public init(_ tag: String, _ value: Value) {
      self.tag = tag
      self.value = value
    }
  }

  /// Seconds since 1970.
  public var time: Double
  /// Steps made.
  public var step: Int
  /// What the record says.
  public var content: Content

  /// A record.
  public init(time: Double, step: Int = 0, _ content: Content) {
    self.time = time
    self.step = step
    self.content = content
  }

  /// The version of the files written here.
  static let fileVersion = "brain.Event:2"
}
