"""Gradients of deep networks with batch norm, away from the points where they have no derivative.

In a network of a million activations some lie so near the kink of a ReLU that single precision takes its other side,
and gradients then differ by far more than rounding (zoo.json has up to 16 %), whoever computes them. Here weights are
the zoo's formula, but batch norm's scales are small beside its shifts, and the shifts' sign is the channel's: so every
activation, and every sum of a residual block, is far from zero on one side of it, about half of the channels on
either. How far is measured in double precision and stands in smooth.json beside how far PyTorch's float32 is off;
of each gradient stands the zoo's digest in smooth.safetensors, in the order of the sorted keys.
"""

import collections
import json
import sys

import numpy
import torch
import torchvision

import common
import kinks
import segmentation
import zoo

# Networks of zoo.json and of segmentation.json, at inputs of their own where those there have too many windows of
# pooling for all of them to be far from a tie.
CLASSIFIERS = {
    "googlenet": (4, 3, 32, 32), "inception_v3_without_heads": (2, 3, 75, 75), "resnet34": None, "resnet50": None,
    "resnet101": None, "resnet152": None, "resnet50-v1": None, "seresnet50": None, "resnext50_32x4d": None,
    "wide_resnet50_2": None, "densenet121": (2, 3, 64, 64), "mobilenet_v1": None, "mobilenet_v2": None,
    "shufflenet_v2_x1_0": None, "mnasnet1_0": None, "regnet_x_400mf": None, "regnet_y_400mf": None, "resnet110": None}
SEGMENTERS = {"fcn_resnet50": None, "segnet": (2, 3, 32, 32), "enet": (2, 3, 32, 40)}
FLOOR = 1e-3
def state(model):
    result = zoo.state(model)
    for key, value in result.items():
        stem, leaf = key.rsplit(".", 1)
        if f"{stem}.running_mean" not in result or leaf not in ("weight", "bias"):
            continue
        if leaf == "weight":
            result[key] = zoo.values(key, value.shape, 0.02, 0.14)
        else:
            sign = (zoo.mixed("channel", len(value)) >> numpy.uint32(31)).astype(numpy.float32) * 2 - 1
            result[key] = zoo.values(key, value.shape, 0.25, 1) * torch.from_numpy(sign)
    return result


def loaded(model):
    weights = collections.OrderedDict(state(model))
    weights._metadata = model.state_dict()._metadata
    model.load_state_dict(weights)
    return model


def record(label, model, line, input, exact, singles):
    """`exact` and `singles` give results, gradients and statistics of images, as those of zoo.py do."""
    draw, activation, pool, batch = kinks.farthest(model, input)
    results, gradients, _ = exact(batch)
    ways = list(singles(batch))
    keys = sorted(gradients)
    rows = torch.tensor(numpy.array([zoo.digest(key, gradients[key]) for key in keys]))
    assert torch.isfinite(rows).all(), label
    whole = rows[:, 0].square().sum().sqrt().item()
    # A gradient that cancels (what is added before a batch norm changes nothing, but for an image's border) is held
    # to a thousandth of all gradients' norm.
    single = {key: max((torch.linalg.vector_norm(way[1][key].double() - gradients[key])
                        / max(own, FLOOR * whole)).item() for way in ways)
              for key, own in zip(keys, rows[:, 0].tolist())}
    loss = max(abs(way[0]["loss"].item() / results["loss"].item() - 1) for way in ways)
    print(f"{label}: draw {draw}, {activation:.3g} from kinks, {pool:.3g} from ties, float32 {max(single.values()):.1e},"
          f" median {numpy.median(list(single.values())):.1e}, loss {loss:.1e}")
    return {label: rows}, {
        "name": label, "input": list(input), "draw": draw, "activation_gap": activation,
        "pool_gap": pool if pool < float("inf") else None, "loss": results["loss"].item(),
        "single": [float(f"{single[key]:.1e}") for key in keys], "keys": len(keys)}


def row(file, label):
    return next(line for line in json.loads((common.GOLDENS / file).read_text()) if line["name"] == label)


def classifier(label, input):
    line = row("zoo.json", label)
    model = loaded(zoo.build(line["model"], line["classes"], line["hidden"]))
    input = input or line["input"]
    labels = torch.tensor([(3 * i + 1) % line["classes"] for i in range(input[0])])
    settings = (zoo.HEADS.get(line["model"], 0), True)
    return record(label, model, line, input, lambda images: zoo.run(model, images, labels, torch.float64, *settings),
                  lambda images: zoo.singles(model, images, labels, *settings))


def segmenter(label, input):
    line = row("segmentation.json", label)
    model = loaded(segmentation.build(label))
    return record(label, model, line, input or line["input"],
                  lambda images: segmentation.run(
                      model, images, True, torch.arange(len(images)), torch.float64),
                  lambda images: segmentation.singles(model, images, True))


def main(folder=common.GOLDENS, only=()):
    common.seed(20261201)
    torch.use_deterministic_algorithms(True, warn_only=True)  # unpooling has no such promise; one thread keeps it
    tensors, lines = {}, []
    for make, inputs in ((classifier, CLASSIFIERS), (segmenter, SEGMENTERS)):
        for label, input in inputs.items():
            if only and label not in only:
                continue
            found, line = make(label, input)
            tensors.update(found)
            lines.append(line)
    if only:
        return
    common.save(folder, "smooth", tensors, __file__, torchvision=torchvision.__version__)
    path = common.pathlib.Path(folder) / "smooth.json"
    path.write_text("[\n" + ",\n".join(json.dumps(line) for line in lines) + "\n]\n")
    print(f"{path.name}: {len(lines)} networks, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main(only=sys.argv[1:])
