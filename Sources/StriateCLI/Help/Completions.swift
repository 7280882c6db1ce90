import ArgumentParser
import Striate

extension CompletionKind {
  /// The ids of the catalogue.
  static var models: CompletionKind { .list(Catalog.all.map(\.id)) }
  /// The names of data, and what names of data begin with.
  static var data: CompletionKind {
    .list(
      DataSource.known.map { name in
        name.firstIndex(of: ":").map { String(name[...$0]) } ?? name
      })
  }
  /// The names of recipes.
  static var recipes: CompletionKind { .list(Recipe.all.map(\.id)) }
}
