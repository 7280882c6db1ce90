import Foundation
import Striate
import Testing

/// A machine without oneDNN, or with something else under its name.
@Suite struct EngineFaultTests {
  private static let places = ["/nonexistent", "/etc/passwd", "/"]

  @Test(arguments: places) func namedDeviceSaysHowToGetIt(_ place: String) throws {
    let data = try SmallData()
    for verb in ["train", "bench", "summary"] {
      let arguments =
        switch verb {
        case "train": ["train", "--model", "lenet5", "--data", data.name, "--epochs", "1"]
        case "bench": ["bench", "--model", "lenet5"]
        default: ["summary", "lenet5"]
        }
      let outcome = try CommandLineProgram.run(
        arguments + ["--device", "cpu"], environment: ["STRIATE_ONEDNN": place],
        in: data.folder)
      expectFault(outcome, 1, ["oneDNN", "get it with: Scripts/bootstrap"])
      #expect(outcome.output.isEmpty)
      #expect(!FileManager.default.fileExists(atPath: data.path("runs")))
    }
  }

  @Test(arguments: places) func automaticDeviceTrainsAllTheSame(_ place: String) throws {
    let data = try SmallData()
    let outcome = try CommandLineProgram.run(
      [
        "train", "--model", "lenet5", "--data", data.name, "--epochs", "1", "--batch-size", "20",
        "--output-dir", data.path("run"), "--quiet", "--json",
      ], environment: ["STRIATE_ONEDNN": place])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.json?["device"]?.string == "reference")
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errors.hasPrefix("warning: ") && outcome.errors.contains("Scripts/bootstrap"))
  }

  @Test func doctorSaysWhatIsMissing() throws {
    let outcome = try CommandLineProgram.run(
      ["doctor", "--json"], environment: ["STRIATE_ONEDNN": "/nonexistent"])
    #expect(outcome.code == 0)
    let cpu = outcome.json?["devices"]?.array?.first { $0["id"]?.string == "cpu" }
    #expect(cpu?["available"]?.bool == false)
    #expect(cpu?["reason"]?.string?.contains("/nonexistent") == true)
  }
}
