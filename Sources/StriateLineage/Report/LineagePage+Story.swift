import StriateCore
import StriateFormats

extension LineagePage {
  /// The story: what was believed, what changed, and where it is shown.
  var story: String {
    HistoryStep.all.map { step in
      let claims = step.claims.map { "<code>striate claims run \(Markup.escaped($0))</code>" }
      let members = step.models.filter { id in report.members.contains { $0.id == id } }.map {
        "<a href=\"#\($0)\">\($0)</a>"
      }
      var facts = [
        ("believed", Markup.escaped(step.believed)), ("changed", Markup.escaped(step.changed)),
      ]
      if !claims.isEmpty { facts.append(("claims", claims.joined(separator: ", "))) }
      if !members.isEmpty { facts.append(("members", members.joined(separator: ", "))) }
      return """
        <div class="card"><h3>\(step.year) · \(Markup.escaped(step.title))</h3><p>\(Markup.escaped(step.paper))</p>
        <dl>\(facts.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" }.joined())</dl></div>
        """
    }.joined(separator: "\n")
  }
}
