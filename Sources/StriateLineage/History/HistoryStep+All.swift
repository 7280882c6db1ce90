/// The steps, in the order of history.
extension HistoryStep {
  public static let all: [HistoryStep] = beginnings + learning + depth + after

  private static let beginnings: [HistoryStep] = [
    HistoryStep(
      year: 1962, title: "Simple and complex cells",
      paper: "Hubel and Wiesel, J. Physiol. 160; J. Neurophysiol. 28 (1965)",
      believed: "The visual cortex sees points of light, as the retina does.",
      changed: """
        Its cells answer edges and bars of an orientation; simple ones at a place, complex ones wherever it is in their \
        field. Some want an end. A hierarchy from one to the next is proposed.
        """,
      claims: ["simple-and-complex-cells", "end-stopping"], models: ["gabor"]),
    HistoryStep(
      year: 1980, title: "The Neocognitron", paper: "Fukushima, Biol. Cybern. 36",
      believed:
        "A network that knows patterns wherever they are must be wired by hand, or normalise them first.",
      changed: """
        Layers of feature cells and pooling cells in turn, the same features at all places, learned without a teacher: the \
        shape of every convolutional network since.
        """,
      claims: ["shift-invariance"], models: ["neocognitron"]),
    HistoryStep(
      year: 1985, title: "Motion energy", paper: "Adelson and Bergen, J. Opt. Soc. Am. A 2",
      believed: "To see motion, features are matched from one moment to the next.",
      changed:
        "Filters oriented in space and time and the energy of their answers tell it: complex cells for motion.",
      claims: ["direction-selectivity"], models: []),
  ]

  private static let learning: [HistoryStep] = [
    HistoryStep(
      year: 1989, title: "Convolution by backpropagation",
      paper: "LeCun et al., Neural Computation 1",
      believed: "Features for recognition are designed; only the classifier behind them learns.",
      changed:
        "Shared filters learn by gradients from pixels to digits, and few weights are enough.",
      claims: ["convolution-arithmetic"], models: ["lenet1"]),
    HistoryStep(
      year: 1998, title: "LeNet-5", paper: "LeCun, Bottou, Bengio and Haffner, Proc. IEEE 86",
      believed:
        "Convolutional networks are for small digits, and other classifiers will do as well.",
      changed:
        "A complete system that reads cheques, compared with all its rivals, with its own optimiser.",
      claims: ["weight-sharing", "backpropagation"], models: ["lenet5-1998", "lenet5"]),
    HistoryStep(
      year: 2007, title: "HMAX", paper: "Serre, Wolf, Bileschi, Riesenhuber and Poggio, PAMI 29",
      believed: "Objects in photographs need interest points and descriptors.",
      changed:
        "Simple and complex layers as in the cortex, with prototypes taken from pictures, rival them.",
      claims: [], models: ["hmax"]),
  ]

  private static let depth: [HistoryStep] = [
    HistoryStep(
      year: 2012, title: "AlexNet", paper: "Krizhevsky, Sutskever and Hinton, NIPS",
      believed: "A large network cannot be trained on photographs by gradients alone.",
      changed:
        "ReLU, dropout, two GPUs and a million pictures: the error of ILSVRC falls from 26 to 15 %.",
      claims: [
        "relu", "dropout", "local-response-norm", "overlapping-pooling", "two-gpu-groups",
      ], models: ["alexnet-2012", "alexnet", "alexnet-mini"]),
    HistoryStep(
      year: 2013, title: "Looking inside; networks in networks",
      paper: "Zeiler and Fergus, ECCV 2014; Lin, Chen and Yan, ICLR 2014",
      believed: "What a network has learned cannot be seen; its classifier is fully connected.",
      changed: """
        Deconvolution shows what units answer and finds the first layer too coarse. 1×1 convolutions and the mean over each \
        map take the place of the large layers at the end.
        """,
      claims: ["global-average-pooling"], models: ["zfnet", "zfnet-mini", "nin", "nin-mini"]),
    HistoryStep(
      year: 2014, title: "VGG and GoogLeNet",
      paper: "Simonyan and Zisserman, ICLR 2015; Szegedy et al., CVPR 2015",
      believed: "Large filters see more; depth beyond eight layers does not pay.",
      changed: """
        Nothing but 3×3 in nineteen layers; or branches of several sizes behind 1×1 bottlenecks, in 22. And features \
        learned once serve other tasks.
        """,
      claims: ["stacked-3x3", "bottleneck", "auxiliary-heads", "transfer"],
      models: ["vgg16", "vgg-mini", "googlenet-2014", "googlenet", "googlenet-mini"]),
    HistoryStep(
      year: 2015, title: "ResNet", paper: "He, Zhang, Ren and Sun, CVPR 2016",
      believed: "A deeper network can only be better, if it is initialised and normalised well.",
      changed:
        "It is worse, on its own training set, until each block adds to its input: then 152 layers learn.",
      claims: ["degradation", "lesions"],
      models: ["plain20", "resnet20", "resnet56", "resnet50", "plain-mini", "resnet-mini"]),
  ]

  private static let after: [HistoryStep] = [
    HistoryStep(
      year: 2015, title: "Dilation", paper: "Yu and Koltun, ICLR 2016",
      believed: "To see far a network must pool, and loses where things are.",
      changed: "Filters with gaps see exponentially far at full resolution.",
      claims: ["dilation"], models: []),
    HistoryStep(
      year: 2015, title: "Pruning",
      paper: "Han, Pool, Tran and Dally, NIPS; Frankle and Carbin, ICLR 2019",
      believed: "A trained network needs its weights.",
      changed:
        "Nine of ten can go, the smallest first; and what is left could have been trained alone.",
      claims: ["pruning", "lottery-ticket"], models: ["lenet-300-100"]),
    HistoryStep(
      year: 2016, title: "After ResNet",
      paper: "He et al., ECCV 2016; Zagoruyko and Komodakis, BMVC 2016; Huang et al., CVPR 2017",
      believed: "Residual networks are good because they are deep.",
      changed: """
        Shortcuts that nothing disturbs let a thousand layers learn; wide ones do as well with few; layers that see all \
        before them need fewer weights.
        """,
      claims: ["pre-activation", "wide-against-deep", "dense-connectivity"],
      models: ["preresnet-mini", "densenet121", "densenet-mini"]),
    HistoryStep(
      year: 2017, title: "Small and attentive",
      paper: "Howard et al., arXiv 1704.04861; Hu, Shen and Sun, CVPR 2018",
      believed: "Accuracy costs products.",
      changed:
        "Depthwise separable convolutions cost a ninth; channels weighed by a glance at the whole picture cost nothing.",
      claims: ["depthwise-separable"], models: ["mobilenet_v1", "mobilenet-mini", "senet-mini"]),
    HistoryStep(
      year: 2022, title: "ConvNeXt", paper: "Liu et al., CVPR 2022",
      believed: "Attention has overtaken convolution.",
      changed: "A ResNet with the recipe and the proportions of transformers is their equal.",
      claims: [], models: ["convnext_tiny", "convnext-mini"]),
  ]
}
