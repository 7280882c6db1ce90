import Striate

/// Test images with predicted and true labels.
struct SampleSheet {
  private var tiles: [ContactSheet.Tile] = []

  /// Answers test images evenly spaced over the split, as many splits stand in the order of their classes.
  init(
    _ model: any Layer, weights path: String, data: DataSplits, count: Int, on device: Device
  ) throws {
    let count = min(count, data.test.count)
    let names = data.test.classNames
    func name(_ index: Int) -> String { names.indices.contains(index) ? names[index] : "\(index)" }
    let classifier = try Classifier(
      model, weights: Safetensors.read(path).tensors, input: data.test.inputShape, on: device)
    let samples = try (0..<count).map { try data.test.labelled($0 * data.test.count / count) }
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

  /// The images as the terminal can show them: as one picture, or side by side as text, as many a line as
  /// it holds.
  func terminal(_ style: TerminalStyle) throws -> String {
    if style.images != .blocks {
      let sheet = try ContactSheet(columns: 8, side: 56).render(tiles)
      return try TerminalImage.show(sheet, columns: style.columns - 1, style: style)
    }
    let (width, gap) = (18, 1)
    let across = max((style.columns + gap) / (width + gap), 1)
    var lines: [String] = []
    for start in stride(from: 0, to: tiles.count, by: across) {
      let row = tiles[start..<min(start + across, tiles.count)]
      let images = try row.map { tile in
        try TerminalImage.render(tile.image.shrunk(to: width), columns: width, colors: style.colors)
          .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      }
      for line in 0..<(images.map(\.count).max() ?? 0) {
        lines.append(
          images.map { $0.indices.contains(line) ? $0[line] : String(repeating: " ", count: width) }
            .joined(separator: " "))
      }
      lines.append(row.map { label($0, width, style) }.joined(separator: " "))
      lines.append(
        row.map { tile in
          TerminalText.padded(
            tile.prediction == tile.truth ? "" : "is \(tile.truth ?? "")", columns: width)
        }.joined(separator: " "))
    }
    return lines.joined(separator: "\n")
  }

  private func label(
    _ tile: ContactSheet.Tile, _ width: Int, _ style: TerminalStyle
  ) -> String {
    let isRight = tile.prediction == tile.truth
    let text = TerminalText.padded((isRight ? "✓ " : "✗ ") + tile.prediction, columns: width)
    return style.paint(text, isRight ? .good : .bad)
  }
}

extension Image {
  /// This image at a size of at most so many pixels a row.
  fileprivate func shrunk(to side: Int) throws -> Image {
    guard width > side else { return self }
    return try resized(width: side, height: max(height * side / width, 1))
  }
}
