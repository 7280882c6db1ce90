/// Field numbers of TensorFlow's `event.proto`, `summary.proto` and `tensor.proto`.
private enum Field {
  enum Event { static let (time, step, version, summary, session) = (1, 2, 3, 5, 7) }
  enum Value {
    static let (tag, scalar, image, histogram, tensor, metadata) = (1, 2, 4, 5, 8, 9)
  }
  enum Image { static let (height, width, colors, bytes) = (1, 2, 3, 4) }
  enum Histogram {
    static let (least, greatest, count, sum, squares, limits, counts) = (1, 2, 3, 4, 5, 6, 7)
  }
  enum Tensor { static let (type, shape, text) = (1, 2, 8) }
  static let (summaryValue, sessionStatus, pluginData, pluginName) = (1, 1, 1, 1)
  static let (dimension, size) = (2, 1)
  /// `SessionLog.START` and `DT_STRING`.
  static let (start, string) = (1, 7)
}

extension TensorBoardEvent {
  /// The record as a message of Protocol Buffers.
  package var encoded: [UInt8] {
    var writer = ProtobufWriter()
    writer.double(Field.Event.time, time)
    if step != 0 { writer.integer(Field.Event.step, step) }
    switch content {
    case .version(let text): writer.string(Field.Event.version, text)
    case .start:
      writer.message(Field.Event.session) { $0.integer(Field.sessionStatus, Field.start) }
    case .values(let values):
      writer.message(Field.Event.summary) { summary in
        for entry in values {
          summary.message(Field.summaryValue) { Self.write(entry, to: &$0) }
        }
      }
    case .other: break
    }
    return writer.bytes
  }

  private static func write(_ entry: Tagged, to writer: inout ProtobufWriter) {
    writer.string(Field.Value.tag, entry.tag)
    switch entry.value {
    case .scalar(let number): writer.float(Field.Value.scalar, number)
    case .image(let width, let height, let png):
      writer.message(Field.Value.image) { image in
        image.integer(Field.Image.height, height)
        image.integer(Field.Image.width, width)
        image.integer(Field.Image.colors, 3)
        image.raw(Field.Image.bytes, png)
      }
    case .histogram(let histogram):
      writer.message(Field.Value.histogram) { message in
        message.double(Field.Histogram.least, histogram.least)
        message.double(Field.Histogram.greatest, histogram.greatest)
        message.double(Field.Histogram.count, histogram.count)
        message.double(Field.Histogram.sum, histogram.sum)
        message.double(Field.Histogram.squares, histogram.squares)
        message.doubles(Field.Histogram.limits, histogram.limits)
        message.doubles(Field.Histogram.counts, histogram.counts)
      }
    case .text(let text):
      writer.message(Field.Value.tensor) { tensor in
        tensor.integer(Field.Tensor.type, Field.string)
        tensor.message(Field.Tensor.shape) { shape in
          shape.message(Field.dimension) { $0.integer(Field.size, 1) }
        }
        tensor.string(Field.Tensor.text, text)
      }
      writer.message(Field.Value.metadata) { metadata in
        metadata.message(Field.pluginData) { $0.string(Field.pluginName, "text") }
      }
    }
  }

  /// The record in a message; fields that are not known are passed over.
  ///
  /// - Throws: `FormatError` where the bytes are no message.
  package init(decoding message: [UInt8]) throws(FormatError) {
    self.init(time: 0, .other)
    for (number, field) in try ProtobufReader.fields(message) {
      switch number {
      case Field.Event.time: time = field.double ?? 0
      case Field.Event.step: step = field.integer ?? 0
      case Field.Event.version: content = .version(field.string ?? "")
      case Field.Event.session: content = try Self.session(field.raw ?? [])
      case Field.Event.summary: content = .values(try Self.values(field.raw ?? []))
      default: break
      }
    }
  }

  private static func session(_ bytes: ArraySlice<UInt8>) throws(FormatError) -> Content {
    let isStart = try ProtobufReader.fields(bytes).contains {
      $0.number == Field.sessionStatus && $0.value.integer == Field.start
    }
    return isStart ? .start : .other
  }

  private static func values(_ bytes: ArraySlice<UInt8>) throws(FormatError) -> [Tagged] {
    var values: [Tagged] = []
    for (number, field) in try ProtobufReader.fields(bytes) where number == Field.summaryValue {
      if let value = try value(field.raw ?? []) { values.append(value) }
    }
    return values
  }

  private static func value(
    _ bytes: ArraySlice<UInt8>
  ) throws(FormatError) -> Tagged? {
    var (tag, value): (String, Value?) = ("", nil)
    for (number, field) in try ProtobufReader.fields(bytes) {
      switch number {
      case Field.Value.tag: tag = field.string ?? ""
      case Field.Value.scalar: value = field.float.map(Value.scalar)
      case Field.Value.image: value = try image(field.raw ?? [])
      case Field.Value.histogram: value = .histogram(try histogram(field.raw ?? []))
      case Field.Value.tensor:
        for (number, field) in try ProtobufReader.fields(field.raw ?? [])
        where number == Field.Tensor.text {
          value = field.string.map(Value.text)
        }
      default: break
      }
    }
    return value.map { Tagged(tag, $0) }
  }

  private static func image(_ bytes: ArraySlice<UInt8>) throws(FormatError) -> Value {
    var (width, height, png): (Int, Int, [UInt8]) = (0, 0, [])
    for (number, field) in try ProtobufReader.fields(bytes) {
      switch number {
      case Field.Image.height: height = field.integer ?? 0
      case Field.Image.width: width = field.integer ?? 0
      case Field.Image.bytes: png = Array(field.raw ?? [])
      default: break
      }
    }
    return .image(width: width, height: height, png: png)
  }

  private static func histogram(_ bytes: ArraySlice<UInt8>) throws(FormatError) -> Histogram {
    var histogram = Histogram()
    for (number, field) in try ProtobufReader.fields(bytes) {
      switch number {
      case Field.Histogram.least: histogram.least = field.double ?? 0
      case Field.Histogram.greatest: histogram.greatest = field.double ?? 0
      case Field.Histogram.count: histogram.count = field.double ?? 0
      case Field.Histogram.sum: histogram.sum = field.double ?? 0
      case Field.Histogram.squares: histogram.squares = field.double ?? 0
      case Field.Histogram.limits: histogram.limits = field.doubles ?? []
      case Field.Histogram.counts: histogram.counts = field.doubles ?? []
      default: break
      }
    }
    return histogram
  }
}
