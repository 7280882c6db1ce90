import ArgumentParser

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The command line `striate`.
@main
enum Main {
  static func main() { exit(Session.run(Array(CommandLine.arguments.dropFirst()))) }
}

/// The verbs.
struct StriateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "striate",
    abstract: "Convolutional networks: train, run and inspect them.",
    discussion: """
      Begin with 'striate doctor', then
      'striate train --model lenet5 --data fashion-mnist --recipe lenet5-fashion'.
      Every verb has --help, and --json for scripts.
      """,
    version: version,
    subcommands: [
      DoctorVerb.self, ModelsVerb.self, SummaryVerb.self, TrainVerb.self, EvalVerb.self,
      PredictVerb.self, RunVerb.self, BenchVerb.self,
    ])
}
