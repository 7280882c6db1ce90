import StriateCore
import StriateFormats
import StriateIR
import StriateModels

/// Which network of the catalogue tensors belong to.
public enum BestFit {
  /// The network with the most tensors of the same names and shapes, where that are more than half of them.
  ///
  /// Of equal ones the first. Tensors with a row a class may have another number of rows.
  public static func model(of shapes: [String: Shape]) -> CatalogEntry? {
    var best: (entry: CatalogEntry, share: Double)?
    for entry in Catalog.all {
      let parameters = Naming(entry.model()).parameters
      let matched = parameters.count { path, parameter in
        guard let found = shapes[path]?.dims else { return false }
        let own = parameter.type.shape.dims
        return found == own || (own.first == entry.classes && found.dropFirst() == own.dropFirst())
      }
      let share = Double(matched) / Double(max(parameters.count, shapes.count, 1))
      if share > max(best?.share ?? 0, 0.5) { best = (entry, share) }
    }
    return best?.entry
  }

  /// An error about weights that do not fit a network, with the one that they fit.
  public static func advised(
    _ error: FormatError, _ shapes: [String: Shape], for id: String
  ) -> FormatError {
    guard error.code == .mismatch, let better = model(of: shapes), better.id != id else {
      return error
    }
    var advised = error
    advised.message += "; they are those of \(better.id): --model \(better.id)"
    return advised
  }
}
