import Striate

/// `striate predict` of a network for segmentation: a mask and an overlay an image.
struct SegmentationPredict {
  let verb: PredictVerb

  func run() throws {
    guard verb.data == nil, verb.index == nil else {
      throw InspectError(.usage, "--data and --index are for classifiers; give image files")
    }
    guard let folder = verb.outputDir else {
      throw InspectError(
        .usage, "a network for segmentation answers with masks; say where with --output-dir FOLDER")
    }
    let trained = try TrainedSegmenter(
      verb.model, weights: verb.weights, classes: verb.shape.classes, input: verb.shape.input?.shape
    )
    for line in trained.notes { verb.output.note(line) }
    let device = try verb.device.find()
    let names = try Self.outputs(of: verb.files(tiff: true), in: folder)
    let answer = try answering(trained, device)
    do { try Folder.make(folder) } catch {
      throw InspectError(.unanswered, "\(folder) cannot be made: \(error.reason)", cause: error)
    }
    var (results, faults): ([JSON], [(name: String, error: any Error)]) = ([], [])
    var lines: [String] = []
    for (file, name) in names {
      do {
        let (answer, plan) = try answer(file)
        let (mask, image) = (answer.mask, answer.image)
        let (maskPath, overlayPath) = (
          "\(folder)/\(name).mask.png", "\(folder)/\(name).overlay.png"
        )
        try AtomicFile.write(mask.png(), to: maskPath)
        try AtomicFile.write(image.overlaid(with: mask).png(), to: overlayPath)
        var result = json(file, mask, maskPath, overlayPath, trained, device, plan)
        if let probabilities = answer.probabilities {
          let path = "\(folder)/\(name).probabilities.npy"
          try AtomicFile.write(NPY.encode(probabilities), to: path)
          result["probabilities"] = JSON(path)
        }
        results.append(.object(result))
        lines.append(line(file, mask, trained) + (plan.map { "  (\(Self.text($0)))" } ?? ""))
      } catch {
        faults.append((file, error))
      }
    }
    if results.isEmpty, let first = faults.first { throw first.error }
    try verb.output.show(.array(results), text: lines.joined(separator: "\n"))
    try verb.report(faults, of: names.count)
  }

  /// How an image is answered: resized to what the network learned from, or in tiles at its own size.
  private func answering(
    _ trained: TrainedSegmenter, _ device: Device
  ) throws -> (String) throws -> (Segmenter.Answer, TiledSegmenter.Plan?) {
    let (inverts, probabilities) = (verb.invert, verb.probabilities)
    guard let tile = verb.tile else {
      let segmenter = try Segmenter(trained, on: device)
      return { file in
        let answer = try segmenter.answer(
          file: file, inverts: inverts, givesProbabilities: probabilities)
        return (answer, nil)
      }
    }
    let side: TiledSegmenter.Side =
      switch tile {
      case .auto: .auto(bytes: verb.tileMemory << 20)
      case .pixels(let pixels): .pixels(pixels)
      }
    let segmenter = try TiledSegmenter(trained, on: device, side: side)
    return { file in
      guard try !DeepImage.isDeep(file: file) else {
        throw InspectError(
          .usage, "\(file) has other than 8 bits or 1 or 3 channels; leave --tile out")
      }
      let image = try Image(file: file)
      let seen = inverts ? image.inverted() : image
      return try segmenter.answer(image: seen, givesProbabilities: probabilities)
    }
  }

  private static func text(_ plan: TiledSegmenter.Plan) -> String {
    "\(Numbers.counted(plan.tiles, "tile")) of \(plan.side) pixels, of the image "
      + "\(plan.largest.map(String.init).joined(separator: "×")), \(Numbers.bytes(plan.bytes))"
  }

  private static func json(_ plan: TiledSegmenter.Plan) -> JSON {
    [
      "tiles": JSON(plan.tiles), "side": JSON(plan.side),
      "alignment": .array(plan.alignment.map { JSON($0) }),
      "largest": .array(plan.largest.map { JSON($0) }), "bytes": JSON(plan.bytes),
    ]
  }

  /// The files with the names of what is written for them; none may hide another's.
  private static func outputs(
    of files: [String], in folder: String
  ) throws -> [(file: String, name: String)] {
    var seen: [String: String] = [:]
    return try files.map { file in
      let last = file.split(separator: "/").last.map(String.init) ?? file
      let name = last.lastIndex(of: ".").map { String(last[..<$0]) } ?? last
      if let other = seen.updateValue(file, forKey: name) {
        throw InspectError(
          .usage,
          "\(other) and \(file) would both be written to \(folder)/\(name).mask.png; give them apart"
        )
      }
      return (file, name)
    }
  }

  private func json(
    _ file: String, _ mask: Mask, _ maskPath: String, _ overlayPath: String,
    _ trained: TrainedSegmenter, _ device: Device, _ plan: TiledSegmenter.Plan?
  ) -> JSONObject {
    let classes = mask.counts.map { label, pixels -> JSON in
      [
        "index": JSON(Int(label)), "name": JSON(trained.className(Int(label))),
        "pixels": JSON(pixels), "share": JSON(Double(pixels) / Double(mask.labels.count)),
      ]
    }
    var members: JSONObject = [
      "file": JSON(file), "mask": JSON(maskPath), "overlay": JSON(overlayPath),
      "width": JSON(mask.width), "height": JSON(mask.height), "classes": .array(classes),
      "device": JSON(device.id),
    ]
    if let plan { members["tiling"] = Self.json(plan) }
    return members
  }

  private func line(_ file: String, _ mask: Mask, _ trained: TrainedSegmenter) -> String {
    let most = mask.counts.sorted { $0.pixels > $1.pixels }.prefix(5).map { label, pixels in
      "\(trained.className(Int(label))) "
        + Numbers.percent(Double(pixels) / Double(max(mask.labels.count, 1)), 1)
    }
    return "\(file)  \(most.joined(separator: ", "))"
  }
}
