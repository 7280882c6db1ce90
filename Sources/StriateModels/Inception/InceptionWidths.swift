/// The channels of GoogLeNet's modules (table 1 of the paper), which both of its forms have.
struct InceptionWidths {
  /// Channels of the input.
  var inputs: Int
  /// Channels of the 1×1 branch.
  var single: Int
  /// Channels of the second branch's 1×1 and 3×3 convolutions.
  var second: (Int, Int)
  /// Channels of the third branch's 1×1 and 5×5 convolutions.
  var third: (Int, Int)
  /// Channels of the 1×1 convolution behind the pooling.
  var pool: Int

  static let inception3a = InceptionWidths(
    inputs: 192, single: 64, second: (96, 128), third: (16, 32), pool: 32)
  static let inception3b = InceptionWidths(
    inputs: 256, single: 128, second: (128, 192), third: (32, 96), pool: 64)
  static let inception4a = InceptionWidths(
    inputs: 480, single: 192, second: (96, 208), third: (16, 48), pool: 64)
  static let inception4b = InceptionWidths(
    inputs: 512, single: 160, second: (112, 224), third: (24, 64), pool: 64)
  static let inception4c = InceptionWidths(
    inputs: 512, single: 128, second: (128, 256), third: (24, 64), pool: 64)
  static let inception4d = InceptionWidths(
    inputs: 512, single: 112, second: (144, 288), third: (32, 64), pool: 64)
  static let inception4e = InceptionWidths(
    inputs: 528, single: 256, second: (160, 320), third: (32, 128), pool: 128)
  static let inception5a = InceptionWidths(
    inputs: 832, single: 256, second: (160, 320), third: (32, 128), pool: 128)
  static let inception5b = InceptionWidths(
    inputs: 832, single: 384, second: (192, 384), third: (48, 128), pool: 128)
}
