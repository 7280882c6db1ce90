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
  static func main() {
    // A reader that has left and a limit on file sizes are failed writes, not the end of a training.
    _ = signal(SIGPIPE, SIG_IGN)
    _ = signal(SIGXFSZ, SIG_IGN)
    // Whoever started this may have blocked what asks a training to save and end.
    var asked = sigset_t()
    sigemptyset(&asked)
    sigaddset(&asked, SIGINT)
    sigaddset(&asked, SIGTERM)
    pthread_sigmask(SIG_UNBLOCK, &asked, nil)
    exit(Session.run(Array(CommandLine.arguments.dropFirst())))
  }
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
      PredictVerb.self, RunVerb.self, BenchVerb.self, ProfileVerb.self, ExplainVerb.self,
      QuantizeVerb.self, WeightsVerb.self, FeaturesVerb.self, LabVerb.self,
      LineageVerb.self, ClaimsVerb.self, HistoryVerb.self, CompletionVerb.self, DataVerb.self,
    ])
}
