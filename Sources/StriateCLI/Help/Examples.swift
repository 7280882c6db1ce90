/// Command lines that show what a verb is for; `striate help examples` parses each of them.
enum Examples {
  /// A command line, without `striate`, and what it does.
  typealias Example = (line: String, purpose: String)

  /// What one begins with.
  static let first: [Example] = [
    ("doctor", "what this machine has, and how to get what is missing"),
    (
      "train --recipe lenet5-fashion --output-dir runs/first",
      "train LeNet-5 on Fashion-MNIST, in a minute or two"
    ),
    ("predict --weights runs/first photo.png", "ask the trained network"),
  ]

  /// Examples by verb.
  static let all: [String: [Example]] = [
    "doctor": [("doctor", "look"), ("doctor --json", "the same for a script")],
    "models": [("models", "the catalogue as a table")],
    "summary": [
      ("summary lenet5", "layers, parameters, receptive fields, memory"),
      ("summary resnet20 --input 3,64,64 --classes 200", "at another size"),
    ],
    "train": [
      ("train --recipe lenet5-fashion --output-dir runs/first", "settings that are known to work"),
      (
        "train --model resnet20 --data imagefolder:photos --classes 5 --epochs 30",
        "one's own folder of photographs, a folder a class"
      ),
      ("train --resume runs/first", "go on with a run that was stopped"),
      ("train --recipe lenet5-fashion --samples 16 --images blocks", "show test images at the end"),
    ],
    "eval": [
      ("eval --weights runs/first --data fashion-mnist", "test the best checkpoint"),
      (
        "eval --weights resnet50-11ad3fa6.pth --data ilsvrc:imagenet --views ten-crop",
        "published weights on ILSVRC's validation images"
      ),
    ],
    "features": [
      (
        "features --weights resnet50.pth --data imagefolder:photos --layer avgpool --probe",
        "how well a trained network's features tell one's own classes apart"
      )
    ],
    "predict": [
      ("predict --weights runs/first photo.png", "what is on an image"),
      ("predict --weights runs/first --data fashion-mnist --index 0,1,2", "test samples"),
    ],
    "run": [
      (
        "run --model lenet5 --weights runs/first --input images.npy --output-dir out",
        "raw tensors in, raw tensors out"
      )
    ],
    "bench": [
      ("bench --model lenet5 resnet20 --mode train --batch 128", "the speed of training steps"),
      ("bench --model resnet20 --bound", "the same beside what oneDNN's bare kernels take"),
      (
        "bench --model lenet5 --mode infer --batch 1 --int8",
        "the speed of an answer in 8-bit integers"
      ),
    ],
    "profile": [("profile lenet5", "where the time of a step goes")],
    "quantize": [
      (
        "quantize lenet5 --weights runs/first --calibrate fashion-mnist --output lenet5-int8.safetensors",
        "8-bit integers, and what they give and cost"
      )
    ],
    "weights": [
      ("weights inspect resnet18.pth", "names, shapes and ranges of a file of torch.save"),
      ("weights fetch resnet50", "torchvision's weights of ResNet-50"),
      (
        "weights convert resnet18.pth resnet18.safetensors --model resnet18",
        "the same tensors as safetensors"
      ),
    ],
    "explain": [("explain graph lenet5 --output lenet5.svg", "the traced graph as an SVG file")],
    "data": [
      ("data list", "the data sets that are known"), ("data inspect fashion-mnist", "look at one"),
    ],
    "completion": [
      (
        "completion bash",
        "the script; keep it with: striate completion bash > ~/.local/share/bash-completion/completions/striate"
      ),
      ("completion zsh", "keep it as _striate in a folder of $fpath"),
      ("completion fish", "keep it as ~/.config/fish/completions/striate.fish"),
    ],
  ]
}
