import StriateCore

/// Tensors of every element type.
func everyType() throws -> NamedTensors {
  [
    "w": try HostTensor([1, -2.5, .infinity, 0, -0.0, 3] as [Float], shape: [2, 3]),
    "a.double": try HostTensor([1, 2] as [Double], shape: [2, 1]),
    "labels": HostTensor([1, -1] as [Int32]),
    "steps": HostTensor(scalar: 7 as Int64),
    "bytes": HostTensor([1, 2, 3] as [UInt8]),
    "signed": HostTensor([-128, 127, 0] as [Int8]),
    "mask": HostTensor([true, false, true]),
    "empty": try HostTensor([] as [Float], shape: [0, 4]),
    "b.weight": HostTensor([9, 8] as [Float]),
  ]
}
