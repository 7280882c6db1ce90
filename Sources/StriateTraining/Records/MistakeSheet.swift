import StriateCore
import StriateData

/// The first test images of an epoch that were answered wrongly, with answer and truth.
struct MistakeSheet {
  /// Images on a sheet at most.
  static let count = 16
  /// The layout of small sheets, as they stand in logs.
  static let layout = ContactSheet(columns: 8, side: 64)

  private let data: DataSplits
  private var tiles: [ContactSheet.Tile] = []

  init(_ data: DataSplits) { self.data = data }

  /// Takes the wrongly answered images of a batch, as long as there is room.
  mutating func add(_ tested: TestedBatch) throws {
    guard let answers = tested.answers, tiles.count < Self.count, data.test.hasImages else {
      return
    }
    let labels = tested.batch.labels.scalars(as: Int32.self)
    let shape = data.test.inputShape
    for (row, (label, answer)) in zip(labels, answers).enumerated()
    where Int(label) != answer && tiles.count < Self.count {
      let image = HostTensor(type: TensorType(.float32, shape)) { place in
        tested.batch.inputs.withUnsafeBytes { all in
          let start = row * place.count
          guard start + place.count <= all.count else { return }
          place.copyMemory(
            from: UnsafeRawBufferPointer(rebasing: all[start..<(start + place.count)]))
        }
      }
      tiles.append(
        ContactSheet.Tile(
          try Image(image, mean: data.mean, std: data.std),
          prediction: data.test.className(answer), truth: data.test.className(Int(label))))
    }
  }

  /// The sheet; nil where nothing was answered wrongly.
  func render() throws -> Image? { tiles.isEmpty ? nil : try Self.layout.render(tiles) }
}
