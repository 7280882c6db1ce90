import Foundation
import Striate
import StriateCore
import StriateTestSupport
import Testing

/// What a lineage and claims refuse to write into, and what they leave there.
@Suite struct WorkFolderTests {
  /// What stands in the way, and what is said of it.
  private enum Obstacle: CaseIterable {
    case file, inUse, damaged, otherWork

    var words: [String] {
      switch self {
      case .file: ["cannot be made", "choose another --output-dir"]
      case .inUse: ["is in use", "wait for its end"]
      case .damaged: ["claims.json"]
      case .otherWork: ["holds findings on mnist, not fashion-mnist", "--output-dir"]
      }
    }
  }

  @Test(arguments: Obstacle.allCases)
  private func foldersAreRefusedInWords(_ obstacle: Obstacle) throws {
    let scratch = try Scratch()
    var folder = "\(scratch.path)/claims"
    var lock: FolderLock?
    var left: String?
    try Folder.make(folder)
    switch obstacle {
    case .file:
      folder = try scratch.write("claims/file", Array("text".utf8))
    case .inUse: lock = try Folder.lock(folder)
    case .damaged: left = "{\"data\": \"fash"
    case .otherWork: left = #"{"data": "mnist"}"#
    }
    if let left { try scratch.write("claims/claims.json", Array(left.utf8)) }
    let run = ClaimRun(claims: try Claim.find(["convolution-arithmetic"]), seeds: [0])
    let error = #expect(throws: (any Error).self) { try run.run(in: folder, on: .reference) }
    let said = "\(try #require(error))"
    for words in obstacle.words + [folder] { #expect(said.contains(words), "\(said)") }
    if let left {
      #expect(try String(contentsOfFile: "\(folder)/claims.json", encoding: .utf8) == left)
    }
    #expect(!Folder.exists("\(folder)/convolution-arithmetic"))
    withExtendedLifetime(lock) {}
  }

  /// Where the data cannot be read nothing is made.
  @Test func nothingIsMadeWithoutData() throws {
    let scratch = try Scratch()
    let data = "imagefolder:\(scratch.path)/none"
    let lineage = Lineage(
      data: data, budget: LineageBudget(seconds: 1), members: try LineageMember.find(["linear"]))
    let folder = "\(scratch.path)/lineage"
    #expect(throws: DataError.self) { try lineage.run(in: folder, on: .reference) }
    let claims = ClaimRun(claims: try Claim.find(["relu"]), seeds: [0], data: data)
    #expect(throws: DataError.self) { try claims.run(in: folder, on: .reference) }
    #expect(!Folder.exists(folder))
  }
}
