import StriateCore
import StriateIR

extension CatalogEntry {
  /// An entry for ILSVRC's thousand classes: counts are those of torchvision's metadata, where it has the network.
  static func imageNet(
    _ id: String, _ year: Int, _ title: String, _ paper: Paper, _ parameters: Int, _ macs: Int,
    extent: Int = 224, make: @escaping @Sendable (_ classes: Int, _ channels: Int) -> any Layer
  ) -> CatalogEntry {
    CatalogEntry(
      id: id, year: year, title: title, paper: paper.rawValue, input: [3, extent, extent],
      classes: 1000, parameters: parameters, macs: macs, make: { make($0, $1?[0] ?? 3) })
  }

  /// An entry for CIFAR-10.
  static func cifar(
    _ id: String, _ year: Int, _ title: String, _ paper: Paper, _ parameters: Int, _ macs: Int,
    make: @escaping @Sendable (_ classes: Int, _ channels: Int) -> any Layer
  ) -> CatalogEntry {
    CatalogEntry(
      id: id, year: year, title: title, paper: paper.rawValue, input: [3, 32, 32], classes: 10,
      parameters: parameters, macs: macs, make: { make($0, $1?[0] ?? 3) })
  }
}

/// The papers of the catalogue's networks.
enum Paper: String {
  case neocognitron1983 =
    "Fukushima, Miyake, Ito: Neocognitron: a neural network model for a mechanism of visual pattern recognition"
  case neocognitron1988 =
    "Fukushima: Neocognitron: a hierarchical neural network capable of visual pattern recognition"
  case neocognitron =
    "Fukushima: Neocognitron for handwritten digit recognition"
  case leNet1 =
    "LeCun et al.: Handwritten digit recognition with a back-propagation network"
  case leNet =
    "LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document recognition"
  case hmax =
    "Serre, Wolf, Bileschi, Riesenhuber, Poggio: Robust object recognition with cortex-like mechanisms"
  case alexNet =
    "Krizhevsky, Sutskever, Hinton: ImageNet classification with deep convolutional neural networks"
  case oneWeirdTrick =
    "Krizhevsky: One weird trick for parallelizing convolutional neural networks"
  case zfNet = "Zeiler, Fergus: Visualizing and understanding convolutional networks"
  case networkInNetwork = "Lin, Chen, Yan: Network in network"
  case vgg =
    "Simonyan, Zisserman: Very deep convolutional networks for large-scale image recognition"
  case googLeNet = "Szegedy et al.: Going deeper with convolutions"
  case inceptionV3 =
    "Szegedy et al.: Rethinking the Inception architecture for computer vision"
  case resNet = "He, Zhang, Ren, Sun: Deep residual learning for image recognition"
  case preActivation = "He, Zhang, Ren, Sun: Identity mappings in deep residual networks"
  case stochasticDepth =
    "Huang, Sun, Liu, Sedra, Weinberger: Deep networks with stochastic depth"
  case wideResNet = "Zagoruyko, Komodakis: Wide residual networks"
  case resNeXt =
    "Xie, Girshick, Dollár, Tu, He: Aggregated residual transformations for deep neural networks"
  case squeezeExcitation = "Hu, Shen, Sun: Squeeze-and-excitation networks"
  case denseNet =
    "Huang, Liu, van der Maaten, Weinberger: Densely connected convolutional networks"
  case squeezeNet =
    "Iandola et al.: SqueezeNet: AlexNet-level accuracy with 50x fewer parameters"
  case mobileNet =
    "Howard et al.: MobileNets: Efficient convolutional neural networks for mobile vision"
  case mobileNetV2 =
    "Sandler, Howard, Zhu, Zhmoginov, Chen: MobileNetV2: Inverted residuals and linear bottlenecks"
  case mobileNetV3 = "Howard et al.: Searching for MobileNetV3"
  case shuffleNetV2 =
    "Ma, Zhang, Zheng, Sun: ShuffleNet V2: Practical guidelines for efficient CNN design"
  case mnasNet = "Tan et al.: MnasNet: Platform-aware neural architecture search for mobile"
  case efficientNet =
    "Tan, Le: EfficientNet: Rethinking model scaling for convolutional neural networks"
  case efficientNetV2 = "Tan, Le: EfficientNetV2: Smaller models and faster training"
  case regNet = "Radosavovic, Kosaraju, Girshick, He, Dollár: Designing network design spaces"
  case airbench = "Jordan: 94% on CIFAR-10 in 3.29 seconds on a single GPU"
  case convNeXt = "Liu, Mao, Wu, Feichtenhofer, Darrell, Xie: A ConvNet for the 2020s"
}
