import ArgumentParser
import Striate

/// The parser's completion script for bash, with what it does not complete: verbs behind `help`, folders behind
/// `imagefolder:`, and a flag that is the beginning of another option.
struct BashCompletion {
  private let script: String

  /// The parser's script.
  init(_ script: String) { self.script = script }

  /// The script that is kept.
  var text: String { "\(patched)\n\(Self.additions)" }

  /// The parser leaves out what is on the line already, also where that is still being completed.
  private var patched: String {
    var lines = script.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard let place = lines.firstIndex(where: { $0.trimmedLeft == "-*)" }) else { return script }
    let last = "unparsed_word_indices[${#unparsed_word_indices[@]} - 1]"
    lines.insert(
      contentsOf: [
        "                if [[ \"${word_index}\" -eq \"${\(last)}\" ]]; then",
        "                    unset \"unparsed_words[${word_index}]\"",
        "                    continue",
        "                fi",
      ], at: place + 1)
    return lines.joined(separator: "\n")
  }

  private static var additions: String {
    let verbs = StriateCommand.configuration.subcommands.compactMap { $0.configuration.commandName }
    let words = (verbs + ["examples"]).joined(separator: " ")
    let kinds = DataSource.known.compactMap { form in
      form.firstIndex(of: ":").map { form[...$0] + "*" }
    }.joined(separator: "|")
    return #"""

      _striate_names() {
          local line="${COMP_LINE:0:${COMP_POINT}}"
          # The word as it was typed: bash parts it at colons.
          local word="${line##*[[:space:]]}"
          case "${word}" in
          KINDS)
              local place="${word#*:}" lead="" kind=-d name
              # Only what follows the last colon is replaced, where colons part words.
              [[ "${COMP_WORDBREAKS}" == *:* ]] || lead="${word%%:*}:"
              [[ "${word}" == webdataset:* ]] && kind=-f
              COMPREPLY=()
              while IFS='' read -r name; do
                  COMPREPLY+=("${lead}${name}")
              done < <(compgen "${kind}" -- "${place}")
              return
              ;;
          esac
          if [[ "${COMP_CWORD}" -eq 2 && "${COMP_WORDS[1]}" == help ]]; then
              COMPREPLY=($(compgen -W 'VERBS' -- "${2}"))
              return
          fi
          _striate "${@}"
          # What ends with a colon is no file's name and goes on behind it.
          for name in "${COMPREPLY[@]}"; do
              if [[ "${name}" == *: ]]; then
                  compopt +o filenames -o nospace 2>/dev/null
              fi
          done
      }

      complete -o filenames -F _striate_names striate
      """#.replacing("VERBS", with: words).replacing("KINDS", with: kinds)
  }
}

extension String {
  fileprivate var trimmedLeft: Substring { drop { $0 == " " } }
}
