import Striate

/// What `--autotune` comes to: kernels that are tried and remembered, or those of the run that is resumed.
struct KernelTuning {
  /// For the device that is made; nil where rules choose kernels.
  let choice: Autotune?
  private let cache: AutotuneCache?
  private let machine = MachineName()

  /// The machine is known once the device is there.
  private final class MachineName: @unchecked Sendable { var text: String? }

  init(_ wish: DeviceOptions.Autotuning?, replaying kernels: [String: String]?) {
    guard wish != .off, wish == .on || kernels != nil else {
      (choice, cache) = (nil, nil)
      return
    }
    if let kernels {
      (choice, cache) = (Autotune(replaying: kernels), nil)
      return
    }
    let cache = AutotuneCache { Output.warning($0) }
    self.cache = cache
    choice = Autotune { [machine] tuned in
      let (shapes, time) = tuned.effort
      let seconds = Numbers.fixed(time / .seconds(1), 1)
      let place = cache.map { "; kept in \($0.path)" } ?? ""
      Output.note("tried kernels for \(Numbers.counted(shapes, "shape")) in \(seconds) s\(place)")
      if let cache, let machine = machine.text { cache.keep(tuned.known, for: machine) }
    }
  }

  /// Takes what is known for the device's machine; says so where the device has no kernels to choose from.
  func begin(on device: Device) {
    guard let choice else { return }
    guard let backend = device.backend as? CPUBackend else {
      return Output.warning("--autotune on: \(device.id) has no kernels to choose from")
    }
    guard let cache else { return }
    let machine = AutotuneCache.machine(backend)
    self.machine.text = machine
    choice.adopt(cache.choices(for: machine))
  }
}
