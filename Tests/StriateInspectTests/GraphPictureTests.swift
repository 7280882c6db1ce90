import Foundation
import Striate
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct GraphPictureTests {
  struct Case: Sendable, CustomStringConvertible {
    var id: String
    var mode: ModelSubject.Mode
    var level: GraphPicture.Level
    var description: String { "\(id), \(mode.rawValue), \(level.rawValue)" }
  }

  static let cases = ["lenet5", "resnet20", "pair", "sequence"].flatMap { id in
    ModelSubject.Mode.allCases.flatMap { mode in
      GraphPicture.Level.allCases.map { Case(id: id, mode: mode, level: $0) }
    }
  }

  private func drawn(_ one: Case) throws -> GraphPicture {
    try GraphPicture(subject(one.id), one.mode, level: one.level, on: devices[devices.count - 1])
  }

  private func subject(_ id: String) throws -> ModelSubject {
    switch id {
    case "pair": return PairNet.subject
    case "sequence":
      return ModelSubject(SequenceNet(), named: id, input: [4, 20], batch: 2)
    default:
      let entry = try Catalog.find(id)
      return ModelSubject(entry.model(), named: id, input: entry.input, batch: 2)
    }
  }

  @Test("is valid, whole, always the same, and no box lies on another", arguments: cases)
  func picture(_ one: Case) throws {
    let picture = try drawn(one)
    #expect(try drawn(one).svg == picture.svg)
    let reader = SVGReader()
    let parser = XMLParser(data: Data(picture.svg.utf8))
    parser.delegate = reader
    #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
    #expect(reader.boxes.count == picture.boxes)
    #expect(reader.edgePaths > 0 && picture.edges > 0)
    for (index, a) in reader.boxes.enumerated() {
      #expect(a.minX >= -0.5 && a.minY >= -0.5 && a.maxX <= reader.width && a.maxY <= reader.height)
      for b in reader.boxes[(index + 1)...] {
        #expect(!a.insetBy(dx: 0.5, dy: 0.5).intersects(b), "\(a) and \(b)")
      }
    }
  }

  @Test("texts are escaped")
  func escaping() throws {
    let subject = ModelSubject(
      Sequential(Linear(in: 4, out: 2)), named: "a<b>&\"c'\u{1}\u{7}", input: [4])
    let picture = try GraphPicture(subject, on: .reference)
    let parser = XMLParser(data: Data(picture.svg.utf8))
    #expect(parser.parse())
    #expect(picture.svg.contains("a&lt;b&gt;&amp;&quot;c&#39;"))
  }

  @Test("is light or dark as its reader")
  func dark() throws {
    let picture = try GraphPicture(subject("lenet5"), on: .reference)
    #expect(picture.svg.contains("prefers-color-scheme: dark"))
    for name in ["conv1", "pool#1", "6×28×28", "48,120 parameters"] {
      #expect(picture.svg.contains(name), "\(name)")
    }
  }
}

/// Counts the boxes and the paths of a picture.
private final class SVGReader: NSObject, XMLParserDelegate {
  var boxes: [CGRect] = []
  var edgePaths = 0
  var width = 0.0
  var height = 0.0
  private var groups: [String] = []
  private var isInPicture = false

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?,
    attributes: [String: String] = [:]
  ) {
    func number(_ key: String) -> Double { attributes[key].flatMap(Double.init) ?? .nan }
    switch name {
    case "svg": (width, height) = (number("width"), number("height"))
    case "g":
      groups.append(attributes["class"] ?? "")
      if attributes["transform"] != nil { isInPicture = true }
    case "rect" where isInPicture && groups.last?.isEmpty == false:
      boxes.append(
        CGRect(x: number("x"), y: number("y"), width: number("width"), height: number("height")))
    case "path" where attributes["class"] == "edge" || attributes["class"] == "crossing":
      edgePaths += 1
    default: break
    }
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    if name == "g" {
      groups.removeLast()
      if groups.isEmpty { isInPicture = false }
    }
  }
}
