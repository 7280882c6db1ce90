import ArgumentParser
import Striate

struct LabOriginalVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "neocognitron",
    abstract: "The Neocognitron of 1980 on its own problem: five digits at 35 places.",
    discussion: """
      Learned without a teacher from random places with each seed, then asked about every place. --sweep does it for \
      several selectivities beside the published 4, 1.5, 1.5.
      """)

  @Option(help: "The selectivity r of each stage, joined by commas (4,1.5,1.5).")
  var selectivity: String?

  @Option(
    help: "When the stages learn: at-once or stage-by-stage.",
    completion: .list(OriginalProblem.Order.allCases.map(\.rawValue)))
  var order = OriginalProblem.Order.stageByStage

  @Option(help: "Seeds, from 0.")
  var seeds = 8

  @Flag(help: "Several selectivities, in both orders.")
  var sweep = false

  @OptionGroup var device: DeviceOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if !(1...1000).contains(seeds) {
      throw ValidationError("--seeds must be from 1 to 1000, found \(seeds)")
    }
    if let selectivity, parsed(selectivity) == nil {
      throw ValidationError(
        "--selectivity takes three numbers above 0 joined by commas, found '\(selectivity)'")
    }
  }

  func run() throws {
    let device = try device.find()
    let chosen = selectivity.flatMap { parsed($0) } ?? OriginalProblem().selectivity
    var problems: [OriginalProblem] = []
    func add(_ selectivity: [Double], _ order: OriginalProblem.Order) {
      var problem = OriginalProblem()
      (problem.selectivity, problem.order) = (selectivity, order)
      problems.append(problem)
    }
    add(chosen, order)
    if sweep {
      for other in OriginalProblem.Order.allCases where other != order { add(chosen, other) }
      for selectivity in [[4, 4, 4], [1.5, 1.5, 1.5], [2, 1.5, 1.5], [4, 1, 1], [4, 2.5, 2.5]] {
        add(selectivity, order)
      }
    }
    var table = TextTable([
      ("r", .left), ("order", .left), ("right", .right), ("from", .right), ("to", .right),
      ("one cell alone", .right), ("cells used", .left),
    ])
    var json: [JSON] = []
    for problem in problems {
      let found = try (0..<seeds).map { try problem.outcome(seed: UInt64($0), on: device) }
      func mean(_ value: (OriginalProblem.Outcome) -> Double) -> Double {
        found.reduce(0) { $0 + value($1) } / Double(found.count)
      }
      let cells = found.map(\.cells)
      let accuracies = found.map(\.accuracy)
      table.add([
        problem.selectivity.map { Numbers.plain($0) }.joined(separator: ", "),
        problem.order.rawValue, Numbers.percent(mean(\.accuracy)),
        Numbers.percent(accuracies.min() ?? 0), Numbers.percent(accuracies.max() ?? 0),
        Numbers.percent(mean(\.alone)), "\(cells.min() ?? 0) to \(cells.max() ?? 0)",
      ])
      json.append([
        "selectivity": .array(problem.selectivity.map { JSON($0) }),
        "order": JSON(problem.order.rawValue), "accuracy": .array(accuracies.map { JSON($0) }),
        "alone": .array(found.map { JSON($0.alone) }), "cells": .array(cells.map { JSON($0) }),
      ])
      if !output.json, problems.count > 1 { output.note("r \(problem.selectivity): done") }
    }
    try output.show(.array(json), text: table.text)
  }

  private func parsed(_ text: String) -> [Double]? {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
    guard numbers.count == 3, numbers.allSatisfy({ ($0 ?? 0) > 0 && ($0 ?? 0) < 1e6 }) else {
      return nil
    }
    return numbers.compactMap { $0 }
  }
}

extension OriginalProblem.Order: ExpressibleByArgument {}
