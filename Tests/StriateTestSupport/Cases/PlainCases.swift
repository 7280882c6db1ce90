/// The cases of every family but matrix products, convolutions, poolings and normalisations.
public let plainOpCases: [OpCase] =
  elementwiseCases + creationCases + reductionCases + softmaxCases + movementCases
  + arrangementCases + logicCases + integerCases + indexingCases + sortingCases + quantizationCases
  + quantizedConvolutionCases
