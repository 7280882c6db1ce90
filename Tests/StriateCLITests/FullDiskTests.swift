import Foundation
import Striate
import Testing

/// A disk that is full while a checkpoint is written: one error, nothing lost, and the run goes on.
@Suite struct FullDiskTests {
  /// Bytes that a checkpoint of the small run takes.
  private static let checkpoint: Result<Int, any Error> = Result {
    let run = try SmallRun()
    let folder = run.data.path("run")
    _ = try CommandLineProgram.run(run.arguments("--output-dir", folder, "--epochs", "1"))
    return try ["weights", "optimizer"].reduce(0) { sum, name in
      sum + (try run.data.read("run/last/\(name).safetensors").count)
    }
  }

  /// Whether a file system of its own can be mounted here; says why not.
  static let canMount: Bool = {
    let outcome = try? CommandLineProgram.shell(
      "unshare -rm sh -c 'mount -t tmpfs -o size=64k none /mnt'")
    if outcome?.code == 0 { return true }
    print(
      "SKIPPED: full-disk tests need a tmpfs, and 'unshare -rm' with mount fails here: "
        + "\(outcome?.errors ?? "it cannot be started")")
    return false
  }()

  /// The share of a fourth checkpoint for which there is room, in percent, or a lack of files instead.
  @Test(.enabled(if: canMount), arguments: [2, 20, 40, 60, 80, 99, -1])
  func fullDiskLosesNothing(_ room: Int) throws {
    let run = try SmallRun()
    let disk = run.data.path("disk")
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
    let size = try Self.checkpoint.get() * (300 + max(room, 0)) / 100 + 36_864
    let options = room < 0 ? "size=64m,nr_inodes=22" : "size=\(size)"
    let folder = "\(disk)/run"
    func line(_ arguments: [String]) -> String {
      ([CommandLineProgram.path] + arguments).map { "'\($0)'" }.joined(separator: " ")
    }
    let out = run.data.folder
    // All in one mount namespace, which the system takes away with the shell.
    let script = """
      mount -t tmpfs -o \(options) none '\(disk)' || exit 90
      \(line(run.arguments("--output-dir", folder, "--checkpoint-every", "1", "--quiet"))) \
        >'\(out)/out1' 2>'\(out)/err1'
      echo $? >'\(out)/code1'
      cp -a '\(folder)' '\(out)/stopped'
      mount -o remount,size=64m,nr_inodes=1000 '\(disk)' || exit 91
      \(line(["train", "--device", CommandLineProgram.device, "--threads", "1", "--resume", folder])) \
        >'\(out)/out2' 2>'\(out)/err2'
      echo $? >'\(out)/code2'
      cp -a '\(folder)' '\(out)/ended'
      """
    let outcome = try CommandLineProgram.shell("unshare -rm sh -c \"$1\"", [script])
    #expect(outcome.code == 0, "\(outcome.errors)")
    func text(_ name: String) throws -> String {
      String(decoding: try run.data.read(name), as: UTF8.self)
    }
    expectFault(
      CommandLineProgram.Outcome(
        code: Int32(try text("code1").dropLast()) ?? 99, output: try text("out1"),
        errors: try text("err1")), 1, [disk, "No space left on device"])
    let steps = RunFolder("\(out)/stopped").steps
    #expect(steps.count >= 3, "\(steps)")
    try SmallRun.expectReadable("\(out)/stopped")
    let (code, errors) = (try text("code2"), try text("err2"))
    #expect(code == "0\n", "\(errors)")
    #expect(errors.contains("resuming after step \(steps.last ?? 0) "))
    #expect(!errors.contains("warning:"))
    try SmallRun.expectWhole("\(out)/ended")
  }

  /// A limit on the size of files, which comes with a signal, is an error as any other.
  @Test func fileSizeLimitIsAnError() throws {
    let run = try SmallRun()
    let folder = run.data.path("run")
    let outcome = try CommandLineProgram.shell(
      "ulimit -f 16; exec \"$0\" \"$@\"".replacingOccurrences(
        of: "$0", with: CommandLineProgram.path),
      run.arguments("--output-dir", folder, "--quiet"))
    expectFault(outcome, 1, [folder, "File too large"])
    let second = try CommandLineProgram.run(run.resume(folder))
    #expect(second.code == 0, "\(second.errors)")
    try SmallRun.expectWhole(folder)
  }

  /// A result that cannot be written is no success.
  @Test func fullStandardOutputIsAnError() throws {
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    let outcome = try CommandLineProgram.shell("'\(CommandLineProgram.path)' models >/dev/full")
    expectFault(outcome, 1, ["standard output", "No space left on device"])
  }
}
