import Foundation
import Striate
import StriateTestSupport
import Testing

/// Images with masks through train, eval and predict.
@Suite struct SegmentationVerbTests {
  /// Bright squares on dark ground with masks, a folder that goes away with it.
  private final class Squares {
    let path = FileManager.default.temporaryDirectory.path + "/squares-\(UUID().uuidString)"

    init() throws {
      for (split, count) in [("train", 6), ("val", 2), ("test", 2)] {
        for folder in ["images", "masks"] {
          try FileManager.default.createDirectory(
            atPath: "\(path)/\(split)/\(folder)", withIntermediateDirectories: true)
        }
        for index in 0..<count {
          let (x0, y0) = (index * 3 % 9, index * 5 % 7)
          let labels = (0..<320).map { place -> Int32 in
            (x0..<(x0 + 8)) ~= place % 20 && (y0..<(y0 + 8)) ~= place / 20 ? 1 : 0
          }
          let pixels = labels.flatMap { [UInt8($0 == 1 ? 220 : 20), 60, 60] }
          let image = try Image(width: 20, height: 16, channels: 3, pixels: pixels)
          try AtomicFile.write(image.png(), to: "\(path)/\(split)/images/\(index).png")
          try AtomicFile.write(
            Mask(width: 20, height: 16, labels: labels).png(),
            to: "\(path)/\(split)/masks/\(index).png")
        }
      }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  @Test("train, eval and predict agree about the task, the classes and the files")
  func wholeWay() throws {
    let squares = try Squares()
    let run = squares.path + "/run"
    let device = CommandLineProgram.device
    let trained = try CommandLineProgram.run([
      "train", "--model", "unet-small", "--data", "segfolder:\(squares.path)", "--input", "3,16,16",
      "--epochs", "2", "--batch-size", "3", "--lr-scheduler", "cosine", "--lr-warmup-epochs", "1",
      "--augment", "flip", "--loss", "ce+dice", "--class-weights", "balanced",
      "--output-dir", run, "--device", device, "--json",
    ])
    #expect(trained.code == 0, "\(trained.errors)")
    #expect(trained.json?["task"]?.string == "segment" && trained.json?["acc1"] == nil)
    #expect(trained.json?["best"]?["name"]?.string == "miou")
    #expect(trained.json?["final"]?["dice"]?.double != nil)
    let eval = try CommandLineProgram.run([
      "eval", "--weights", run, "--data", "segfolder:\(squares.path)", "--batch-size", "3",
      "--device",
      device, "--json",
    ])
    #expect(eval.code == 0, "\(eval.errors)")
    #expect(eval.json?["per_class"]?.array?.count == 2)
    #expect(eval.json?["protocol"]?["ignore_index"]?.int == 255)
    #expect(eval.json?["protocol"]?["split"]?.string == "test")
    #expect(eval.json?["protocol"]?["split_hash"]?.string?.count == 64)
    #expect(eval.json?["boundary_f"]?.double.map { 0...1 ~= $0 } == true)
    #expect(eval.json?["ap"] == nil)
    let (miou, final) = (eval.json?["miou"]?.double, trained.json?["final_miou"]?.double)
    #expect(miou != nil && miou == final)
    let out = squares.path + "/out"
    let predict = try CommandLineProgram.run([
      "predict", "--weights", run, "--output-dir", out, "\(squares.path)/test/images", "--device",
      device, "--json", "--probabilities",
    ])
    #expect(predict.code == 0, "\(predict.errors)")
    #expect(predict.json?.array?.count == 2)
    let mask = try Mask(file: "\(out)/0.mask.png")
    let file = try #require(predict.json?.array?[0]["probabilities"]?.string)
    let probabilities = try NPY.read(file)
    #expect(file == "\(out)/0.probabilities.npy" && probabilities.shape == [2, 16, 20])
    let values = probabilities.scalars(as: Float.self)
    for (place, label) in mask.labels.enumerated() {
      #expect(abs(values[place] + values[320 + place] - 1) < 1e-5)
      #expect((values[320 + place] > values[place]) == (label == 1))
    }
    #expect(mask.width == 20 && mask.height == 16 && mask.labels.allSatisfy { 0...1 ~= $0 })
    #expect(try Image(file: "\(out)/1.overlay.png").size == ImageSize(width: 20, height: 16))
    try tiles(of: run, squares.path)
  }

  /// Masks in tiles are those in one piece, at the image's own size.
  private func tiles(of run: String, _ folder: String) throws {
    let large = folder + "/large.png"
    let pixels = (0..<(330 * 70 * 3)).map { UInt8(truncatingIfNeeded: ($0 * 2_654_435_761) >> 11) }
    try AtomicFile.write(
      Image(width: 330, height: 70, channels: 3, pixels: pixels).png(), to: large)
    var masks: [String: Mask] = [:]
    for (tile, tiles) in [("330", 1), ("64", 12), ("auto", 1)] {
      let outcome = try CommandLineProgram.run([
        "predict", "--weights", run, "--output-dir", "\(folder)/\(tile)", large, "--tile", tile,
        "--device", CommandLineProgram.device, "--json",
      ])
      #expect(outcome.code == 0, "\(outcome.errors)")
      #expect(outcome.json?[0]?["tiling"]?["tiles"]?.int == tiles)
      #expect(outcome.json?[0]?["tiling"]?["alignment"]?[0]?.int == 16)
      masks[tile] = try Mask(file: "\(folder)/\(tile)/large.mask.png")
    }
    let whole = try #require(masks["330"])
    #expect(whole.width == 330 && Set(whole.labels).count == 2)
    for (tile, mask) in masks {
      // Kernels are chosen by shape and round differently: where two logits are equal either may win.
      let other = zip(mask.labels, whole.labels).count { $0 != $1 }
      #expect(other <= 2, "\(other) pixels differ in tiles of \(tile)")
    }
    for (tile, words) in [("0", "--tile"), ("large", "--tile")] {
      let outcome = try CommandLineProgram.run([
        "predict", "--weights", run, "--output-dir", "\(folder)/no", large, "--tile", tile,
      ])
      #expect(outcome.code == 2 && outcome.errors.contains(words), "\(outcome.errors)")
    }
  }

  @Test(
    "objects are counted at the extent of their images, and images of four deep channels are learned"
  )
  func objects() throws {
    let folder = try Scratch()
    for (split, count) in [("train", 3), ("test", 2)] {
      for index in 0..<count {
        let image = TIFFWriter(width: 20, height: 16, channels: 4, bits: 16, compression: 5)
        try folder.write("\(split)/images/\(index).tif", image.bytes())
        let labels = (0..<320).map { place -> Int32 in
          place % 20 < 6 ? 300 : place % 20 > 10 && place / 20 > 9 - index ? 7 : 0
        }
        try folder.write(
          "\(split)/masks/\(index).png",
          Mask(width: 20, height: 16, labels: labels).deepPNG())
      }
    }
    let (data, run) = ("instances:\(folder.path)", folder.path + "/run")
    let device = CommandLineProgram.device
    let trained = try CommandLineProgram.run([
      "train", "--model", "unet-small", "--data", data, "--input", "4,16,16", "--epochs", "1",
      "--batch-size", "3", "--augment", "flip", "--output-dir", run, "--device", device, "--json",
    ])
    #expect(trained.code == 0, "\(trained.errors)")
    let metadata = try WeightsFile("\(run)/last/weights.safetensors").metadata
    #expect(metadata["values"]?.contains("greatest") == true)
    #expect(WeightsMetadata(texts: metadata).preprocessing?.mean.count == 4)
    let eval = try CommandLineProgram.run([
      "eval", "--weights", run, "--data", data, "--device", device, "--json",
    ])
    #expect(eval.code == 0, "\(eval.errors)")
    for name in ["ap", "ap50", "ap75"] {
      let score = try #require(eval.json?[name])
      #expect(score.isNull || score.double.map { 0...1 ~= $0 } == true)
    }
    #expect(eval.json?["protocol"]?["instances"]?["connectivity"]?.int == 4)
    let predict = try CommandLineProgram.run([
      "predict", "--weights", run, "--output-dir", folder.path + "/out",
      folder.path + "/test/images", "--device", device, "--json",
    ])
    #expect(predict.code == 0, "\(predict.errors)")
    #expect(predict.json?.array?.count == 2)
    let other = try CommandLineProgram.run([
      "train", "--model", "enet", "--data", data, "--input", "4,16,16", "--epochs", "1",
      "--output-dir", folder.path + "/enet",
    ])
    #expect(other.code == 1 && other.errors.contains("unet-small"), "\(other.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/enet"))
  }

  @Test("what does not go together is said, and nothing is written")
  func refusals() throws {
    let squares = try Squares()
    let (run, data) = (squares.path + "/run", "segfolder:\(squares.path)")
    for (arguments, words) in [
      (["--model", "resnet20", "--data", data], "fcn_resnet50"),
      (
        [
          "--model", "unet-small", "--data", "imagefolder:\(squares.path)/train", "--val-split",
          "0.4",
        ],
        "images with masks"
      ),
      (["--model", "unet-small", "--data", data, "--task", "classify"], "every pixel"),
      (["--model", "unet-small", "--data", data, "--augment", "randaugment"], "randaugment"),
      (["--model", "unet-small", "--data", data, "--monitor", "acc1"], "miou"),
      (["--model", "unet-small", "--data", data, "--loss", "ce+hinge"], "--loss"),
      (["--model", "unet-small", "--data", data, "--class-weights", "1,2,3"], "2 classes"),
      (
        ["--model", "unet-small", "--data", data, "--loss", "dice", "--class-weights", "log"],
        "ce+dice"
      ),
      (
        ["--model", "lenet5", "--data", "mnist", "--loss", "dice"], "for networks for segmentation"
      ),
      (["--model", "unet-small", "--data", "voc-seg:\(squares.path)"], "JPEGImages"),
      (["--model", "unet-small", "--data", "camvid:\(squares.path)/train"], "train.txt"),
    ] {
      let outcome = try CommandLineProgram.run(
        ["train", "--input", "3,16,16", "--epochs", "1", "--output-dir", run] + arguments)
      #expect(outcome.code != 0 && outcome.errors.contains(words), "\(outcome.errors)")
      #expect(!FileManager.default.fileExists(atPath: run))
    }
  }
}
