// The umbrella: one import for the whole library.
@_exported import StriateCPU
@_exported import StriateCore
@_exported import StriateCortex
@_exported import StriateData
@_exported import StriateFormats
@_exported import StriateIR
@_exported import StriateInspect
@_exported import StriateLineage
@_exported import StriateModels
@_exported import StriateNN
@_exported import StriateRuntime
@_exported import StriateTasks
@_exported import StriateTraining
