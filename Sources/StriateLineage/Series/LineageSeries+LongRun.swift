import StriateFormats

extension LineageSeries {
  /// The committed run of an hour for each seed on Fashion-MNIST, as `striate lineage compare --json` wrote it; reports of
  /// the same data show it beside their own figures.
  public static let longRun = (try? JSON(parsing: PackageResources.long_run_json)).flatMap {
    LineageSeries($0)
  }
}
