import StriateCore
import StriateIR
import Testing

@Suite("Shape rule of windows")
struct WindowTests {
  /// Output positions by counting, as the definition says.
  func counted(
    _ extent: Int, kernel: Int, stride: Int, pad: Int, dilation: Int, ceil: Bool
  ) -> Int {
    let reach = dilation * (kernel - 1) + 1
    var count = 0
    var start = -pad
    while start + reach <= extent + pad {
      count += 1
      start += stride
    }
    // Ceil mode: one more window if elements or padding are left over, unless it starts in the padding above;
    // the only window may be larger than input and padding, by less than a step.
    let isLeftOver =
      count > 0 ? start - stride + reach < extent + pad : reach - extent - 2 * pad < stride
    if ceil, isLeftOver, start < extent { count += 1 }
    return count
  }

  @Test("max pooling counts windows, ceil included")
  func pooling() throws {
    for extent in 1...9 {
      for kernel in 1...4 {
        for stride in 1...4 {
          for pad in 0...(kernel - 1) {
            for dilation in 1...3 {
              for ceil in [false, true] {
                let builder = GraphBuilder()
                let x = builder.input("x", TensorType(.float32, [1, 1, extent]))
                let y = maxPool(
                  x, kernel: [kernel], stride: [stride], padding: [pad], dilation: [dilation],
                  ceil: ceil)
                if y.isPoisoned { continue }
                let expected = counted(
                  extent, kernel: kernel, stride: stride, pad: pad, dilation: dilation, ceil: ceil)
                #expect(
                  y.shape == [1, 1, expected], "\(extent) \(kernel) \(stride) \(pad) \(ceil)")
              }
            }
          }
        }
      }
    }
  }

  @Test("convolution counts windows")
  func convolutions() throws {
    for extent in 1...8 {
      for kernel in 1...4 {
        for stride in 1...3 {
          for pad in 0...2 {
            for dilation in 1...3 {
              let builder = GraphBuilder()
              let x = builder.input("x", TensorType(.float32, [1, 1, extent]))
              let w = builder.input("w", TensorType(.float32, [1, 1, kernel]))
              let y = convolution(x, w, stride: [stride], padLow: [pad], dilation: [dilation])
              let expected = counted(
                extent, kernel: kernel, stride: stride, pad: pad, dilation: dilation, ceil: false)
              #expect(y.isPoisoned ? expected == 0 : y.shape == [1, 1, expected])
            }
          }
        }
      }
    }
  }
}
