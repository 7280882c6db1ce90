import StriateCPU
import StriateCore
import StriateIR
import StriateRuntime
import StriateTestSupport
import Testing

/// The CPU engine that the tests share; nil where oneDNN is not installed.
enum TestDevice {
  static let cpu: Device? = try? Device.cpu()
  static let isMissing: Comment = "oneDNN is not installed: run Scripts/bootstrap"
}

@Suite(.enabled(if: TestDevice.cpu != nil, TestDevice.isMissing))
struct OpAgreementTests {
  @Test("every op agrees with the interpreter, forward and gradients", arguments: allOpCases)
  func agrees(_ opCase: OpCase) throws {
    let device = try #require(TestDevice.cpu)
    for error in try compare(opCase, on: device) {
      #expect(error.error < 2e-5, "\(error)")
    }
  }

  @Test(
    "gradients of gradients agree where they are defined",
    arguments: convolutionCases + resizeCases + standardizationCases)
  func secondOrder(_ opCase: OpCase) throws {
    let device = try #require(TestDevice.cpu)
    for error in try compare(opCase.derivative(), on: device) {
      #expect(error.error < 2e-5, "\(error)")
    }
  }
}
