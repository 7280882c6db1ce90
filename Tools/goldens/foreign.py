"""Weights under the names that others give them: what timm and Keras make of random weights.

    foreign.py FOLDER

writes for every network a file of weights, an input and the logits into FOLDER, where `Golden` tests find them
(STRIATE_FOREIGN=FOLDER), and the names and shapes alone into Tests/Goldens/foreign.json. Needs timm and keras.
"""

import json
import os
import pathlib
import re
import sys

os.environ["KERAS_BACKEND"] = "torch"

import keras  # noqa: E402
import numpy as np  # noqa: E402
import timm  # noqa: E402
import torch  # noqa: E402
import torchvision  # noqa: E402
from safetensors.numpy import save_file  # noqa: E402

TIMM = {
    "vgg11_bn": "vgg11_bn",
    "mobilenet_v2": "mobilenetv2_100",
    "mobilenet_v3_small": "mobilenetv3_small_100",
    "mobilenet_v3_large": "mobilenetv3_large_100",
    "efficientnet_b0": "efficientnet_b0",
    "mnasnet1_0": "mnasnet_100",
    "regnet_x_800mf": "regnetx_008",
    "regnet_y_400mf": "regnety_004",
    "convnext_tiny": "convnext_tiny",
    "resnet18": "resnet18",
    "seresnet50": "seresnet50",
}
KERAS = {"vgg16": "VGG16", "resnet50-v1": "ResNet50", "densenet121": "DenseNet121"}


def scatter(model):
    """Random statistics of norms, and scales that keep activations of every layer in range."""
    for name, value in model.state_dict().items():
        if name.endswith("running_mean"):
            value.normal_(0, 0.2)
        elif name.endswith("running_var"):
            value.uniform_(0.5, 1.5)
        elif name.endswith("gamma") or name.endswith("layer_scale"):
            value.uniform_(0.2, 0.4)


def torch_case(model, side):
    scatter(model)
    model.eval()
    x = torch.randn(2, 3, side, side)
    with torch.no_grad():
        y = model(x)
    weights = {k: v.numpy() for k, v in model.state_dict().items()}
    return weights, x.numpy(), y.numpy()


def timm_case(name, own):
    model = timm.create_model(name, pretrained=False)
    norms = {m.eps for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)}
    if hasattr(torchvision.models, own):
        reference = getattr(torchvision.models, own)(weights=None)
        eps = {m.eps for m in reference.modules() if isinstance(m, torch.nn.BatchNorm2d)}
        if norms != eps:
            print(f"  {name}: timm adds {norms} in norms, torchvision {eps}; the latter is taken")
            for module in model.modules():
                if isinstance(module, torch.nn.BatchNorm2d):
                    module.eps = next(iter(eps))
    return torch_case(model, 64 if own != "vgg11_bn" else 224)


def keras_case(name):
    model = getattr(keras.applications, name)(weights=None, classifier_activation=None)
    generator = np.random.default_rng(0)
    for weight in model.weights:
        leaf = weight.path.split("/")[-1]
        if leaf == "moving_mean" or leaf in ("bias", "beta"):
            weight.assign(generator.normal(0, 0.1, weight.shape))
        elif leaf == "moving_variance":
            weight.assign(generator.uniform(0.5, 1.5, weight.shape))
    x = generator.normal(size=(1, 224, 224, 3)).astype(np.float32)
    y = model.predict(x, verbose=0)
    weights = {w.path: np.asarray(w.numpy(), dtype=np.float32) for w in model.weights}
    return weights, x.transpose(0, 3, 1, 2), y


def old_densenet():
    weights, x, y = torch_case(torchvision.models.densenet121(weights=None), 64)
    pattern = re.compile(r"(denselayer\d+\.(?:norm|conv))(\d)")
    return {pattern.sub(r"\1.\2", k): v for k, v in weights.items()}, x, y


def wrapped():
    weights, x, y = torch_case(torchvision.models.resnet18(weights=None), 64)
    return {f"module.{k}": v for k, v in weights.items()}, x, y


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    keras.utils.set_random_seed(0)
    cases = [("old-densenet", "densenet121", old_densenet), ("wrapped", "resnet18", wrapped)]
    cases += [("timm", own, lambda n=n, o=own: timm_case(n, o)) for own, n in TIMM.items()]
    cases += [("keras", own, lambda n=n: keras_case(n)) for own, n in KERAS.items()]
    index = []
    for convention, model, make in cases:
        weights, x, y = make()
        stem = f"{convention}-{model}"
        if convention == "keras":
            np.savez(folder / f"{stem}.npz", **weights)
        else:
            save_file({k: v.copy() for k, v in weights.items()}, folder / f"{stem}.safetensors")
        arrays = {"input": np.ascontiguousarray(x, dtype=np.float32), "logits": np.ascontiguousarray(y)}
        save_file(arrays, folder / f"{stem}.golden")
        shapes = [f"{k}:{','.join(map(str, v.shape))}" for k, v in weights.items()]
        kept = [s for s in shapes if "num_batches_tracked" not in s]
        index.append({"convention": convention, "model": model, "tensors": kept})
        print(stem, len(weights), "tensors, logits", float(np.abs(y).max()))
    target = pathlib.Path(__file__).parents[2] / "Tests" / "Goldens" / "foreign.json"
    target.write_text(json.dumps(index, separators=(",", ":")) + "\n")
    print(target.name, target.stat().st_size, "bytes")


main()
