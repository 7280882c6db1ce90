import StriateCore
import StriateFormats
import Testing

@Suite struct JSONTests {
  @Test func roundTrip() throws {
    let value: JSON = [
      "step": 12, "loss": 0.1, "big": 9_007_199_254_740_993, "tiny": 1e-300, "ok": true,
      "none": nil, "text": "quote \" slash \\ line \n é 🙂 \u{1}", "list": [1, [2.5], ["a": []]],
      "empty": [:],
    ]
    #expect(try JSON(parsing: value.text()) == value)
    #expect(try JSON(parsing: value.text(pretty: true)) == value)
    #expect(value.text() == value.text())
    #expect(value["list"]?[1]?[0]?.double == 2.5)
    #expect(value["step"]?.int == 12)
    #expect(value["list"]?[9] == nil)
    #expect(value.object?.names.first == "step")
  }

  @Test(arguments: [
    ("1", JSON.int(1)), ("-0", .double(-0.0)), ("1.0", .double(1)), ("1e3", .double(1000)),
    (" [ ] ", .array([])), ("\"\\u00e9\\ud83d\\ude42\"", "é🙂"),
    ("18446744073709551615", .double(0x1p64)),
  ])
  func reads(text: String, expected: JSON) throws {
    #expect(try JSON(parsing: text) == expected)
  }

  @Test(arguments: [
    "", " ", "{", "[1,]", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "01", "1.", ".5", "+1", "1e", "1e999",
    "nul", "\"", "\"\\x\"", "\"\\ud800\"", "\"\\udc00\"", "\"\t\"", "[1] 2", "{1:2}", "NaN", "'a'",
    "[1 2]", "\"\\u12\"", "-", "// c\n1", "{\"a\" 1}",
  ])
  func refuses(text: String) {
    #expect(throws: FormatError.self) { try JSON(parsing: text) }
  }

  @Test func refusesWhatIsNotUTF8() {
    #expect(throws: FormatError.self) { try JSON(parsing: [0x22, 0xFF, 0x22]) }
  }

  @Test func depthIsLimited() throws {
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: FormatError.self) { try JSON(parsing: deep) }
    #expect(throws: FormatError.self) { try JSON(parsing: "[[1]]", depth: 1) }
    #expect(try JSON(parsing: "[[1]]", depth: 2) == [[1]])
  }

  @Test func numbersThatJSONLacks() {
    #expect(JSON(Double.nan) == .null)
    #expect(JSON(Float(0.1)).text() == "0.1")
    #expect(JSON(UInt64.max).uint64 == .max)
    #expect(JSON.double(3).int == 3)
    #expect(JSON.double(3.5).int == nil)
  }

  @Test func prettyText() {
    let value: JSON = ["a": [1, 2], "b": ["c": nil]]
    #expect(value.text(pretty: true) == "{\n  \"a\": [1, 2],\n  \"b\": {\n    \"c\": null\n  }\n}")
  }

  @Test func theErrorNamesTheByte() {
    let error = #expect(throws: FormatError.self) { try JSON(parsing: "[1, x]") }
    #expect(error?.location.offset == 4)
    #expect(error?.description == "byte 4: this is not valid JSON: expected a value, found 'x'")
  }
}
