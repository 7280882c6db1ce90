import StriateCore
import StriateData
import Testing

/// Text put together by chance: an error that says where, or transforms that do their work.
@Suite struct PipelineFuzzTests {
  static let rounds = InputFile.environment("STRIATE_FUZZ_ROUNDS").flatMap { Int($0) } ?? 3000

  private static let pieces =
    Pipeline.grammar.map(\.name) + Pipeline.presets.map(\.name)
    + Array(Set(Pipeline.grammar.flatMap(\.arguments))).sorted() + [
      "(", ")", ",", "=", "..", "(", ")", ",", "(", ")", ",", "=", "0", "1", "0.5", "8", "-1",
      "1e9",
      "nan", "inf", "5x7", "bilinear", "reflect", "65536", "9223372036854775807", " ", "é", "x",
      "3",
    ]

  @Test func anyTextIsReadOrRefused() throws {
    var random = RandomStream(seed: 6, "text")
    var understood = 0
    for round in 0..<Self.rounds {
      // Half of them begin as sentences do, so that some are understood.
      var text = round % 2 == 0 ? Pipeline.grammar[random.index(Pipeline.grammar.count)].name : ""
      if round % 2 == 0 {
        let values = ["0", "1", "0.5", "3", "8", "0.1..0.9", "2..5", "bilinear", "5x7", "40"]
        text += "(\(values[random.index(values.count)]))"
      } else {
        for _ in 0...random.index(9) { text += Self.pieces[random.index(Self.pieces.count)] }
      }
      do {
        let pipeline = try Pipeline(text)
        #expect(try Pipeline(pipeline.description) == pipeline, "\(text)")
        understood += 1
        if round % 3 == 0 { try use(pipeline, text, &random) }
      } catch let error as DataError {
        #expect(error.message.contains("character"), "\(text): \(error)")
      }
    }
    #expect(understood > Self.rounds / 10)
  }

  private func use(_ pipeline: Pipeline, _ text: String, _ random: inout RandomStream) throws {
    let side = 1 + random.index(12)
    let image = try TransformTests.gradient(side, 1 + random.index(12), random.index(2) * 2 + 1)
    let data = TransformedDataset(
      One(source: image),
      try Preprocessing(input: [1, 4, 6], resizeSize: 5, mean: [0.5], std: [0.5]),
      augmentation: pipeline)
    var values = [Float](repeating: .nan, count: 24)
    do {
      try values.withUnsafeMutableBufferPointer {
        _ = try data.read(0, draw: SampleDraw(seed: 0, epoch: random.index(9)), into: $0)
      }
      #expect(values.allSatisfy { $0.isFinite && abs($0) <= 1 }, "\(text)")
    } catch let error as DataError {
      // Only an extent beyond what an image may have is refused.
      #expect(error.message.contains("pixels"), "\(text): \(error)")
    }
  }

  private struct One: ImageDataset {
    let source: Image
    let count = 1
    let classNames: [String] = []
    func image(at index: Int, minimum: Int?) -> Image { source }
    func label(at index: Int) -> Int32 { 0 }
    func name(at index: Int) -> String { "image" }
  }
}
