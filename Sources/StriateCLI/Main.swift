import ArgumentParser

/// The command line `striate`.
@main
struct Main: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "striate", abstract: "Convolutional networks: train, run and inspect them.")
}
