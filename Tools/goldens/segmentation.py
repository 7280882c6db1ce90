"""Networks for semantic segmentation at small inputs: what ours are held to.

Writes segmentation.json (a line a network: input, keys, how far PyTorch's float32 is at most from its float64) and
segmentation.safetensors. Weights, images and ground truth are the zoo's formula of key and place, and of every tensor
stands the zoo's digest, so that neither weights nor maps of logits need be stored. Dropout is off. The loss is the
cross-entropy over the pixels that are not ignored, and half of that of the auxiliary head.
"""

import collections
import copy
import json
import sys

import numpy
import torch
import torchvision
from safetensors.torch import load_file
from torch import nn

import common
import kinks
import segmentation_own
import zoo

CLASSES = 5
IGNORED = 255
HEAD = 0.5
# Networks of torchvision with the input, and whether a training step stands beside the logits in use. Four images, so
# that batch norm behind the mean of the whole image has four elements a channel.
TORCHVISION = {
    "fcn_resnet50": ((4, 3, 33, 40), True), "fcn_resnet101": ((1, 3, 40, 33), False),
    "deeplabv3_resnet50": ((4, 3, 40, 33), True), "deeplabv3_resnet101": ((1, 3, 33, 40), False),
    "deeplabv3_mobilenet_v3_large": ((4, 3, 65, 70), True),
    "lraspp_mobilenet_v3_large": ((2, 3, 65, 70), True),
}
# Their answers jump where two values of a window are equal: of some draws of images those that are farthest from it.
UNPOOLING = ("segnet", "enet")


def build(name):
    if name in segmentation_own.NETWORKS:
        model = segmentation_own.NETWORKS[name][0](CLASSES)
    else:
        heads = {} if name.startswith("lraspp") else {"aux_loss": True}
        model = torchvision.models.get_model(
            name, num_classes=CLASSES, weights=None, weights_backbone=None, **heads)
    for module in model.modules():
        if isinstance(module, (nn.Dropout, nn.Dropout2d)):
            module.p = 0.0
    zoo.exact(model)
    return model


def truth(shape):
    """A class for each pixel, or one that is ignored."""
    count = int(numpy.prod(shape))
    found = (zoo.mixed("truth", count) >> numpy.uint32(8)).astype(numpy.int64) % (CLASSES + 1)
    return torch.from_numpy(numpy.where(found == CLASSES, IGNORED, found)).reshape(shape)


def answers(model, images):
    answer = model(images)
    return answer if isinstance(answer, dict) else {"out": answer}


def run(model, images, trains, order, dtype, layout=torch.contiguous_format):
    """Inference's logits; then training's logits, loss, gradients and statistics after one step."""
    model = copy.deepcopy(model).to(dtype, memory_format=layout)
    images = images[order].to(dtype, memory_format=layout)
    with torch.no_grad():
        found = dict(answers(model.eval(), images))
    if not trains:
        return {key: value[order] for key, value in found.items()}, {}, {}
    answer = answers(model.train(), images)
    labels = truth((len(images), *answer["out"].shape[2:]))[order]
    losses = {key: nn.functional.cross_entropy(value, labels, ignore_index=IGNORED)
              for key, value in answer.items()}
    loss = losses["out"] + HEAD * losses.get("aux", 0)
    loss.backward()
    found |= {f"training_{key}": value.detach() for key, value in answer.items()}
    found = {key: value[order] for key, value in found.items()}
    found["loss"] = loss.detach().reshape(1)
    gradients = {key: p.grad for key, p in model.named_parameters()}
    statistics = {key: value for key, value in model.named_buffers() if value.is_floating_point()}
    return found, gradients, statistics


def singles(model, images, trains):
    """The same in float32 by every way that PyTorch has on a CPU; see zoo.py."""
    for onednn in (True, False):
        for layout in (torch.contiguous_format, torch.channels_last):
            for reverses in (False, True):
                order = torch.arange(len(images))
                with torch.backends.mkldnn.flags(enabled=onednn):
                    yield run(model, images, trains, order.flip(0) if reverses else order,
                              torch.float32, layout)


def record(name, input, trains):
    model = build(name)
    model.load_state_dict(collections.OrderedDict(zoo.state(model)))
    images, draw = zoo.values("input", input, 1.75), None
    if name in UNPOOLING:
        draw, *_, images = kinks.farthest(model, input, (False, True), 1)
    exact = run(model, images, trains, torch.arange(len(images)), torch.float64)
    ways = list(singles(model, images, trains))
    tensors, single = {}, {}
    for at, kind in enumerate(("results", "gradients", "statistics")):
        part = exact[at]
        if not part:
            continue
        rows = [zoo.digest(key, value) for key, value in part.items()]
        tensors[f"{name}.{kind}"] = torch.tensor(numpy.array(rows))
        assert torch.isfinite(tensors[f"{name}.{kind}"]).all(), (name, kind)
        single[kind] = {key: max(zoo.distance(way[at][key], value) for way in ways)
                        for key, value in part.items()}
    print(name, single["results"], max(single.get("gradients", {}).values(), default=0))
    line = {"name": name, "input": list(input), "classes": CLASSES,
            "keys": [[key, list(value.shape)] for key, value in model.state_dict().items()],
            "results": list(exact[0]), "gradients": list(exact[1]), "statistics": list(exact[2]),
            "single": single}
    if draw is not None:
        line["draw"] = draw
    return tensors, line


def main(folder=common.GOLDENS, only=()):
    """All networks; or some of them anew beside the others as they are."""
    common.seed(20241201)
    torch.use_deterministic_algorithms(True, warn_only=True)  # unpooling has no such promise; one thread keeps it
    path = common.pathlib.Path(folder) / "segmentation.json"
    former = {line["name"]: line for line in json.loads(path.read_text())} if only else {}
    kept = load_file(path.with_suffix(".safetensors")) if only else {}
    own = {name: settings for name, (_, *settings) in segmentation_own.NETWORKS.items()}
    tensors, lines = {}, []
    for name, (input, trains) in {**TORCHVISION, **own}.items():
        if name in former and name not in only:
            lines.append(former[name])
            tensors.update({key: value for key, value in kept.items() if key.split(".")[0] == name})
            continue
        found, line = record(name, input, trains)
        tensors.update(found)
        lines.append(line)
    common.save(folder, "segmentation", tensors, __file__, torchvision=torchvision.__version__)
    path.write_text("[\n" + ",\n".join(json.dumps(line) for line in lines) + "\n]\n")
    print(f"{path.name}: {len(lines)} networks, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main(only=sys.argv[1:])
