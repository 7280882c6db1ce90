import StriateFormats

/// Something that watches a training, may ask for its end, and is carried on where a run is resumed.
///
/// ```swift
/// final class StopAtGoal: TrainingCallback {
///   let name = "goal"
///   func observe(_ event: TrainingEvent) -> CallbackAnswer {
///     guard case .epoch(let report) = event, let test = report.test else { return .proceed }
///     return test.accuracy > 0.9 ? .stop(reason: "nine of ten are right") : .proceed
///   }
/// }
/// options.callbacks = [StopAtGoal()]
/// ```
///
/// What it counts or remembers belongs into `state`, which every checkpoint holds: then a run that was killed
/// and resumed ends as it would have ended. A checkpoint is saved after the step or the epoch that it
/// follows was told.
public protocol TrainingCallback: AnyObject {
  /// The name under which its state is kept; each callback of a run has another one.
  var name: String { get }

  /// What it must remember from one event to the next; null for nothing.
  var state: JSON { get }

  /// Takes back what it remembered, where a run is resumed.
  ///
  /// - Throws: what ends the run, where the state is not understood.
  func restore(_ state: JSON) throws

  /// Is told what happens. What it throws ends the run at once, without saving.
  func observe(_ event: TrainingEvent) throws -> CallbackAnswer
}

/// What a callback wants.
public enum CallbackAnswer: Sendable, Hashable {
  /// The run goes on.
  case proceed
  /// The run is saved after this step or epoch and ends; resumed, it goes on.
  case stop(reason: String)
}

extension TrainingCallback {
  /// Nothing to remember.
  public var state: JSON { nil }

  /// Nothing to take back.
  public func restore(_ state: JSON) {}
}
