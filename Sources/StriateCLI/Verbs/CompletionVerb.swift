import ArgumentParser
import Striate

struct CompletionVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completion", abstract: "Completion of verbs, options and names for a shell.",
    discussion: """
      Prints the script to keep where the shell looks for it: bash in \
      ~/.local/share/bash-completion/completions/striate, zsh as _striate in a folder of $fpath, fish in \
      ~/.config/fish/completions/striate.fish.
      """)

  enum Shell: String, ExpressibleByArgument, CaseIterable { case bash, zsh, fish }

  @Argument(help: "bash, zsh or fish.")
  var shell: Shell

  func run() throws {
    let kind: CompletionShell =
      switch shell {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    let script = StriateCommand.completionScript(for: kind)
    try Output.result(shell == .bash ? BashCompletion(script).text : script)
  }
}
