"""The zoo's networks at small inputs, three of them also as published: what ours are held to.

Writes zoo.json (a line a network: input, keys, how far PyTorch's float32 is at most from its float64) and
zoo.safetensors. Weights, statistics and images are no draws but a formula of key and place that the
tests share, so that no weights need be stored; all are exact in float32. Dropout is off. Of a gradient
or a statistic stands a digest: its norm, and its products with eight vectors of signs. For an error e
the mean square of the products' errors is |e|² in expectation, so that digests tell the relative error
of whole tensors.
"""

import collections
import copy
import hashlib
import json
import math
import sys

import numpy
import torch
import torchvision
from safetensors.torch import load_file
from torch import nn

import common
import zoo_own

CLASSES = 10
HIDDEN = 32  # of AlexNet and VGG, where torchvision has 4096
SIGNS = 8
# Extents that leave 2x2 elements a channel or more in the last layers, so that batch norm has 8 of them. At many
# of them one of GoogLeNet's activations is so near a kink that half of PyTorch's ways take its other side (3 % of
# some gradients); not at these.
SMALL = {
    "alexnet": (63, 95), "vgg11": (32, 64), "vgg13": (32, 32), "vgg16": (32, 32),
    "vgg19": (32, 32), "vgg11_bn": (32, 32), "vgg13_bn": (32, 32), "vgg16_bn": (32, 32),
    "vgg19_bn": (32, 32), "googlenet": (90, 70), "inception_v3 without heads": (123, 107),
    "googlenet-2014 without heads": (64, 70), "nin": (64, 70), "resnet18": (33, 40),
    "resnet34": (33, 33), "resnet50": (40, 33), "resnet101": (33, 33), "resnet152": (33, 33),
    "resnet50-v1": (33, 40), "seresnet50": (40, 33), "resnext50_32x4d": (40, 33),
    "wide_resnet50_2": (33, 33), "densenet121": (64, 70), "squeezenet1_0": (40, 46),
    "squeezenet1_1": (40, 46), "mobilenet_v1": (33, 40), "mobilenet_v2": (33, 40),
    "mobilenet_v3_large": (33, 40), "mobilenet_v3_small": (33, 40), "shufflenet_v2_x1_0": (33, 40),
    "mnasnet1_0": (33, 40), "efficientnet_b0": (33, 40), "efficientnet_v2_s": (33, 40),
    "regnet_x_400mf": (40, 33), "regnet_y_400mf": (33, 40), "convnext_tiny": (64, 70),
}
# Of these, as of the largest above, only the logits in use: they differ from others in numbers alone.
LOGITS = {
    "zfnet-wide": (224, 224), "resnext101_32x8d": (33, 33), "resnext101_64x4d": (33, 33),
    "wide_resnet101_2": (33, 33), "densenet161": (64, 64), "densenet169": (64, 64),
    "densenet201": (64, 64), "shufflenet_v2_x0_5": (33, 40), "shufflenet_v2_x1_5": (33, 40),
    "shufflenet_v2_x2_0": (33, 40), "mnasnet0_5": (33, 40), "mnasnet0_75": (33, 40),
    "mnasnet1_3": (33, 40), **{f"efficientnet_b{i}": (33, 40) for i in range(1, 8)},
    "efficientnet_v2_m": (33, 40), "efficientnet_v2_l": (33, 40),
    **{f"regnet_{kind}_{size}": (33, 40) for kind in "xy"
       for size in ("800mf", "1_6gf", "3_2gf", "8gf", "16gf", "32gf")},
    "convnext_small": (64, 70), "convnext_base": (64, 70), "convnext_large": (64, 70),
    "preresnet164": (32, 32), "wrn-22-2": (32, 32),
}
# The smallest inputs that torchvision takes; in batches of 8, for batch norm.
SMALLEST = {"googlenet": 15, "resnet18": 1, "mobilenet_v2": 1}
# Those for other images, at their published classes, and those whose extents are fixed.
OWN = {
    "lenet-300-100": (2, 1, 28, 28), "lenet5": (2, 1, 28, 28), "resnet20": (2, 3, 16, 12),
    "resnet110": (2, 3, 12, 16), "plain20": (2, 3, 16, 12), "preresnet110": (2, 3, 16, 16),
    "wrn-16-4": (2, 3, 16, 12), "nin-cifar": (2, 3, 24, 20), "alexnet-2012": (1, 3, 227, 227),
    "zfnet": (1, 3, 224, 224), "airbench94": (2, 3, 32, 32),
}
FULL = {"vgg16": 1, "resnet50": 2, "mobilenet_v2": 1, "googlenet-2014": 2, "inception_v3": 2}
# The weights of auxiliary losses: GoogLeNet's paper, Inception v3's code.
HEADS = {"googlenet": 0.3, "googlenet-2014": 0.3, "inception_v3": 0.4}


# The formula --------------------------------------------------------------------------------------


def mixed(name, count):
    """32 bits for each place: lowbias32 (Wellons, 2018) of the place and the name's FNV-1a hash."""
    start = 2166136261
    for byte in name.encode():
        start = (start ^ byte) * 16777619 % 2**32
    x = numpy.arange(count, dtype=numpy.uint32) + numpy.uint32(start)
    x ^= x >> numpy.uint32(16)
    x *= numpy.uint32(0x7FEB352D)
    x ^= x >> numpy.uint32(15)
    x *= numpy.uint32(0x846CA68B)
    x ^= x >> numpy.uint32(16)
    return x


def values(name, shape, scale=1.0, mean=0.0):
    """Numbers around a mean, uniform within the scale, rounded to float32."""
    unit = (mixed(name, math.prod(shape)) >> numpy.uint32(8)).astype(numpy.float64) / 2**23 - 1
    return torch.from_numpy((unit * scale + mean).astype(numpy.float32)).reshape(shape)


def state(model):
    """He's uniform weights, and norms whose scales and statistics are away from 1 and 0."""
    result, before = {}, model.state_dict()
    for key, value in before.items():
        shape = tuple(value.shape)
        stem, leaf = key.rsplit(".", 1)
        if leaf == "num_batches_tracked":
            result[key] = torch.tensor(0)
        elif leaf == "running_var":
            result[key] = values(key, shape, 0.5, 1)
        elif leaf == "weight" and len(shape) > 1:
            result[key] = values(key, shape, math.sqrt(6 / math.prod(shape[1:])))
        elif leaf == "weight":
            result[key] = values(key, shape, 0.25, 0.75)
        else:
            result[key] = values(key, shape, 0.25)
    return result


def digest(name, tensor):
    """The norm of a tensor, and its products with vectors of signs."""
    flat = tensor.detach().double().numpy().reshape(-1)
    bits = mixed("signs " + name, flat.size)
    products = [
        flat @ (((bits >> numpy.uint32(k)) & numpy.uint32(1)).astype(numpy.float64) * 2 - 1)
        for k in range(SIGNS)]
    return [numpy.linalg.norm(flat), *products]


# Running ------------------------------------------------------------------------------------------


class Hardsigmoid(nn.Module):
    """PyTorch's own has a derivative of 1/6 in single precision, whatever the type."""

    def forward(self, x):
        return nn.functional.relu6(x + 3) / 6


def exact(model):
    for name, child in model.named_children():
        if isinstance(child, nn.Hardsigmoid):
            setattr(model, name, Hardsigmoid())
        exact(child)


def build(name, classes, hidden):
    if name in zoo_own.NETWORKS:
        return zoo_own.NETWORKS[name](classes, hidden)
    options = {"init_weights": False} if name.startswith(("googlenet", "inception")) else {}
    if name.endswith(" without heads"):
        name, options["aux_logits"] = name.removesuffix(" without heads"), False
    model = torchvision.models.get_model(name, num_classes=classes, **options)
    for module in model.modules():
        if isinstance(module, (nn.Dropout, torchvision.ops.StochasticDepth)):
            module.p = 0.0
    exact(model)
    if hidden:
        first, second, third = (i for i, m in enumerate(model.classifier)
                                if isinstance(m, nn.Linear))
        inputs = model.classifier[first].in_features
        model.classifier[first] = nn.Linear(inputs, hidden)
        model.classifier[second] = nn.Linear(hidden, hidden)
        model.classifier[third] = nn.Linear(hidden, classes)
    return model


def run(model, images, labels, dtype, head, trains, layout=torch.contiguous_format):
    """Inference's logits; then training's logits, loss, gradients and statistics after one step."""
    model = copy.deepcopy(model).to(dtype, memory_format=layout)
    images = images.to(dtype, memory_format=layout)
    with torch.no_grad():
        found = {"logits": model.eval()(images)}
    if not trains:
        return found, {}, {}
    answer = model.train()(images)
    logits, *heads = answer if isinstance(answer, tuple) else (answer,)
    loss = nn.functional.cross_entropy(logits, labels)
    loss = loss + head * sum(nn.functional.cross_entropy(each, labels) for each in heads)
    loss.backward()
    found |= {"training_logits": logits.detach(), "loss": loss.detach().reshape(1)}
    gradients = {key: p.grad for key, p in model.named_parameters()}
    statistics = {key: value for key, value in model.named_buffers() if value.is_floating_point()}
    return found, gradients, statistics


def distance(a, b):
    norm = torch.linalg.vector_norm(b.double()).item()
    error = torch.linalg.vector_norm(a.double() - b.double()).item()
    return float(f"{error / norm if norm else error:.1e}")


def singles(model, images, labels, *settings):
    """The same in float32 by every way that PyTorch has on a CPU: with oneDNN or without it, channels first or
    last, the images in their order or reversed. All are equally right, and round differently: where an
    activation lies so near a kink that one of them takes its other side, gradients differ by far more than
    rounding, and how far single precision is off can only be told from several."""
    for onednn in (True, False):
        for layout in (torch.contiguous_format, torch.channels_last):
            for reverses in (False, True):
                order = torch.arange(len(labels) - 1, -1, -1) if reverses else torch.arange(len(labels))
                with torch.backends.mkldnn.flags(enabled=onednn):
                    found, *parts = run(
                        model, images[order], labels[order], torch.float32, *settings, layout)
                for key in found.keys() & {"logits", "training_logits"}:
                    found[key] = found[key][order]
                yield found, *parts


def record(name, label, input, classes, hidden, trains=True):
    model = build(name, classes, hidden)
    weights = collections.OrderedDict(state(model))
    weights._metadata = model.state_dict()._metadata  # MNASNet's loading asks for its version
    model.load_state_dict(weights)
    images = values("input", input, 1.75)
    labels = torch.tensor([(3 * i + 1) % classes for i in range(input[0])])
    settings = (HEADS.get(name, 0), trains)
    found, *parts = run(model, images, labels, torch.float64, *settings)
    ways = list(singles(model, images, labels, *settings))
    tensors = {f"{label}.{key}": value for key, value in found.items()}
    single = {key: max(distance(way[0][key], value) for way in ways) for key, value in found.items()}
    for at, (kind, part) in enumerate(zip(("gradients", "statistics"), parts), 1):
        if part:
            rows = [digest(key, value) for key, value in part.items()]
            tensors[f"{label}.{kind}"] = torch.tensor(numpy.array(rows))
        single[kind] = {key: max(distance(way[at][key], value) for way in ways)
                        for key, value in part.items()}
    for key, value in tensors.items():
        assert torch.isfinite(value).all(), key
    line = {"name": label, "model": name, "input": list(input), "classes": classes,
            "hidden": hidden, "keys": list(model.state_dict()), "single": single}
    if not trains:
        # The keys of all of them would be half a megabyte.
        keys = "\n".join(f"{key} {tuple(value.shape)}" for key, value in sorted(model.state_dict().items()))
        line["keys"] = hashlib.sha256(keys.encode()).hexdigest()
    print(label, {key: single[key] for key in found},
          {kind: max(single[kind].values(), default=0) for kind in ("gradients", "statistics")})
    return tensors, line


def main(folder=common.GOLDENS, only=()):
    """All networks; or some of them, by their labels, anew beside the others as they are."""
    common.seed(20240901)
    tensors, lines = {}, []
    path = common.pathlib.Path(folder) / "zoo.json"
    former = {line["name"]: line for line in json.loads(path.read_text())} if only else {}
    kept = load_file(path.with_suffix(".safetensors")) if only else {}

    def add(name, label, *arguments):
        if label in former and label not in only:
            lines.append(former[label])
            tensors.update({k: v for k, v in kept.items() if k.rsplit(".", 1)[0] == label})
            return
        values, line = record(name, label, *arguments)
        tensors.update(values)
        lines.append(line)

    def hidden(name):
        return HIDDEN if name.startswith(("alexnet", "vgg", "zfnet")) else None

    for name, extents in SMALL.items():
        add(name, name.replace(" ", "_"), (2, 3, *extents), CLASSES, hidden(name))
    for name, extent in SMALLEST.items():
        add(name, f"{name}_smallest", (8, 3, extent, extent), CLASSES, None)
    for name, input in OWN.items():
        add(name, name, input, CLASSES, hidden(name))
    for name, extents in LOGITS.items():
        add(name, name, (1, 3, *extents), CLASSES, hidden(name), False)
    for name, images in FULL.items():
        extent = 299 if name == "inception_v3" else 224
        add(name, f"{name}_full", (images, 3, extent, extent), 1000, None)
    common.save(folder, "zoo", tensors, __file__, torchvision=torchvision.__version__)
    path.write_text("[\n" + ",\n".join(json.dumps(line) for line in lines) + "\n]\n")
    print(f"{path.name}: {len(lines)} networks, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main(only=sys.argv[1:])
