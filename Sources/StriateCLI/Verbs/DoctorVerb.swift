import ArgumentParser
import Striate

struct DoctorVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "What was found on this machine, what was not, and how to get it.")

  @OptionGroup var output: OutputOptions

  @Option(help: "Threads of the cpu device.")
  var threads: Int?

  func run() throws {
    let doctor = Doctor(threads: threads)
    try output.show(doctor.json, text: doctor.text)
  }
}
