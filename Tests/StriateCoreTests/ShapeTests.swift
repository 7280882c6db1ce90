import StriateCore
import Testing

@Suite struct ShapeTests {
  @Test(
    arguments: [
      (Shape([]), Shape([]), Shape?.some([])),
      ([3], [], [3]),
      ([3], [1], [3]),
      ([2, 1, 4], [3, 1], [2, 3, 4]),
      ([0, 2], [1, 1], [0, 2]),
      ([0], [1], [0]),
      ([2], [3], nil),
      ([2, 3], [3, 2], nil),
      ([0], [2], nil),
    ] as [(Shape, Shape, Shape?)])
  func broadcast(a: Shape, b: Shape, expected: Shape?) {
    #expect(Shape.broadcast(a, b) == expected)
    #expect(Shape.broadcast(b, a) == expected)
  }

  @Test func accessorsAreTotal() {
    let shape: Shape = [2, 3]
    #expect(shape[-1] == 3)
    #expect(shape[2] == 0)
    #expect(shape[-3] == 0)
    #expect(shape.normalized(axis: -2) == 0)
    #expect(shape.normalized(axis: 2) == nil)
    #expect(Shape([Int.max, 2]).count == Int.max)
    #expect(Shape([-1, 2]).count == 0)
    #expect(shape.strides == [3, 1])
    #expect(TensorType(.float64, [Int.max / 2]).byteCount == Int.max)
  }

  @Test func reduction() {
    #expect(Shape([2, 3, 4]).reduced(axes: [1], keepingAxes: true) == [2, 1, 4])
    #expect(Shape([2, 3, 4]).reduced(axes: [0, 2], keepingAxes: false) == [3])
  }
}
