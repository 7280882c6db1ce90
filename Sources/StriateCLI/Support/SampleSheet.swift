import Striate

/// Test images with predicted and true labels.
struct SampleSheet {
  private var tiles: [ContactSheet.Tile] = []

  /// Answers the first test images.
  init(
    _ model: any Layer, weights path: String, data: DataSplits, count: Int, on device: Device
  ) throws {
    let count = min(count, data.test.count)
    let names = data.test.classNames
    func name(_ index: Int) -> String { names.indices.contains(index) ? names[index] : "\(index)" }
    let classifier = try Classifier(
      model, weights: Safetensors.read(path).tensors, input: data.test.inputShape, on: device)
    let samples = try (0..<count).map { try data.test.sample($0) }
    let answers = try classifier.probabilities(samples.map(\.0))
    for ((tensor, label), probabilities) in zip(samples, answers) {
      let answer = Classifier.top(1, of: probabilities).first?.index ?? 0
      tiles.append(
        ContactSheet.Tile(
          try Image(tensor, mean: data.mean, std: data.std), prediction: name(answer),
          truth: name(label)))
    }
  }

  /// The sheet as a PNG file's bytes.
  func png() throws -> [UInt8] { try ContactSheet().render(tiles).png() }

  /// The images side by side as text, as many a line as the terminal holds.
  func terminal() throws -> String {
    let (width, gap) = (18, 1)
    let color = Terminal.hasColor
    let across = max((Terminal.columns + gap) / (width + gap), 1)
    var lines: [String] = []
    for start in stride(from: 0, to: tiles.count, by: across) {
      let row = tiles[start..<min(start + across, tiles.count)]
      let images = try row.map { tile in
        try TerminalImage.render(tile.image.shrunk(to: width), columns: width, color: color)
          .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      }
      for line in 0..<(images.map(\.count).max() ?? 0) {
        lines.append(
          images.map { $0.indices.contains(line) ? $0[line] : String(repeating: " ", count: width) }
            .joined(separator: " "))
      }
      lines.append(row.map { label($0, width, color) }.joined(separator: " "))
      lines.append(
        row.map { tile in
          padded(tile.prediction == tile.truth ? "" : "is \(tile.truth ?? "")", width)
        }.joined(separator: " "))
    }
    return lines.joined(separator: "\n")
  }

  private func label(_ tile: ContactSheet.Tile, _ width: Int, _ color: Bool) -> String {
    let isRight = tile.prediction == tile.truth
    let text = padded((isRight ? "✓ " : "✗ ") + tile.prediction, width)
    return color ? "\u{1B}[\(isRight ? 32 : 31)m\(text)\u{1B}[0m" : text
  }

  private func padded(_ text: String, _ width: Int) -> String {
    let cut = text.prefix(width)
    return cut + String(repeating: " ", count: width - cut.count)
  }
}

extension Image {
  /// This image at a size of at most so many pixels a row.
  fileprivate func shrunk(to side: Int) throws -> Image {
    guard width > side else { return self }
    return try resized(width: side, height: max(height * side / width, 1))
  }
}
