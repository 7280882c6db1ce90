"""Small networks of Striate's catalogue in PyTorch with random weights, and the names that others give these."""

import collections
import functools
import pathlib
import re
import sys

import torch
import torchvision
from torch import nn

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "goldens"))
import models  # noqa: E402

# How often a network is drawn; the large ones seldom, as their files are.
SHARES = {
    "resnet20": 45, "lenet5": 18, "shufflenet_v2_x0_5": 12, "squeezenet1_1": 6, "mobilenet_v3_small": 5,
    "mnasnet0_5": 4, "regnet_y_400mf": 2, "densenet121": 2, "googlenet": 2, "resnet18": 1,
}
# The first name of the layer that gives the answer.
CLASSIFIERS = {
    "lenet5": "fc3.", "squeezenet1_1": "classifier.1.", "mobilenet_v3_small": "classifier.3.",
    "mnasnet0_5": "classifier.1.", "densenet121": "classifier.",
}
# The names of GoogLeNet's auxiliary heads, which only training needs.
HEADS = re.compile(r"aux\d\.")
COUNTER = ".num_batches_tracked"


def classifier(network):
    return CLASSIFIERS.get(network, "fc.")


def image_shape(network):
    """The shape of an image to try a network with."""
    return {"lenet5": (1, 28, 28), "resnet20": (3, 32, 32)}.get(network, (3, 64, 64))


@functools.cache
def build(network, classes, dtype=torch.float32):
    """The network in evaluation mode; one for all cases, as its weights are loaded anew for each."""
    if network == "resnet20":
        model = models.CIFARResNet(classes=classes)
    elif network == "lenet5":
        model = models.LeNet5()
        model.fc3 = nn.Linear(84, classes)
    else:
        options = {"init_weights": False} if network == "googlenet" else {}
        model = torchvision.models.get_model(network, num_classes=classes, **options)
    return model.eval().to(dtype).requires_grad_(False)


def random_state(network, classes, seed):
    """He's weights, and norms whose scales and statistics are away from 1 and 0, so that no layer can be missed."""
    generator = torch.Generator().manual_seed(seed)

    def uniform(shape, low, high):
        return torch.rand(shape, generator=generator) * (high - low) + low

    state = {}
    for name, value in build(network, classes).state_dict().items():
        leaf, shape = name.rsplit(".", 1)[1], value.shape
        if leaf == "num_batches_tracked":
            state[name] = torch.randint(1, 5000, (), generator=generator)
        elif leaf == "running_var" or (leaf == "weight" and len(shape) == 1):
            state[name] = uniform(shape, 0.5, 1.5)
        elif leaf == "weight":
            scale = (2 / shape[1:].numel()) ** 0.5
            state[name] = torch.randn(shape, generator=generator) * scale
        else:
            state[name] = uniform(shape, -0.25, 0.25)
    return state


def load(network, classes, state, dtype=torch.float32):
    """The network with a state dictionary in it, as `load_state_dict` does, and the names that the state lacked."""
    model = build(network, classes, dtype)
    fresh = model.state_dict()
    counters = {name: torch.tensor(0) for name in fresh if name.endswith(COUNTER)}
    # torchvision's MNASNet asks for the version of its own saving.
    complete = collections.OrderedDict(counters | state)
    complete._metadata = fresh._metadata
    missing, unexpected = model.load_state_dict(complete, strict=False)
    if unexpected:
        raise ValueError(f"{network} has no {unexpected}")
    return model, set(missing)


# The names of others ------------------------------------------------------------------------------


def old_densenet(name):
    """torchvision's names of 2017, `denselayer1.norm.1` for `denselayer1.norm1`."""
    return re.sub(r"(denselayer\d+\.(?:norm|conv))(\d)", r"\1.\2", name)


def timm_regnet(name):
    """`trunk_output.block2.block2-3.f.a.0` is `s2.b4.conv1.conv`."""
    part = {"0": "conv", "1": "bn"}
    if found := re.fullmatch(r"stem\.(\d)\.(\w+)", name):
        return f"stem.{part[found[1]]}.{found[2]}"
    if found := re.fullmatch(r"fc\.(\w+)", name):
        return f"head.fc.{found[1]}"
    found = re.fullmatch(r"trunk_output\.block(\d)\.block\d-(\d+)\.(.+)", name)
    place, rest = f"s{found[1]}.b{int(found[2]) + 1}", found[3].split(".")
    if rest[0] == "proj":
        return f"{place}.downsample.{part[rest[1]]}.{rest[2]}"
    if rest[1] == "se":
        return f"{place}.se.{rest[2]}.{rest[3]}"
    return f"{place}.conv{'abc'.index(rest[1]) + 1}.{part[rest[2]]}.{rest[3]}"


def timm_mobilenet(name):
    """`features.6.block.2.fc1` is `blocks.2.2.se.conv_reduce`: blocks of one stage have one number."""
    stages = [(0, 0), (1, 0), (1, 1), (2, 0), (2, 1), (2, 2), (3, 0), (3, 1), (4, 0), (4, 1), (4, 2)]
    head, rest = name.split(".", 1)
    if head == "classifier":
        return rest.replace("0.", "conv_head.", 1) if rest[0] == "0" else rest.replace("3.", "classifier.", 1)
    index, rest = int(rest.split(".")[0]), rest.split(".")[1:]
    if index == 0:
        return {"0": "conv_stem", "1": "bn1"}[rest[0]] + f".{rest[1]}"
    if index == 12:
        return "blocks.5.0." + {"0": "conv", "1": "bn1"}[rest[0]] + f".{rest[1]}"
    place = "blocks.%d.%d" % stages[index - 1]
    if rest[2].startswith("fc"):
        return f"{place}.se.conv_{'reduce' if rest[2] == 'fc1' else 'expand'}.{rest[3]}"
    # The first block does not widen, and timm calls what narrows there `conv_pw`.
    kinds = ["conv_dw", "conv_pw"] if index == 1 else ["conv_pw", "conv_dw", "conv_pwl"]
    order = min(int(rest[1]), len(kinds) - 1)
    return f"{place}.{kinds[order] if rest[2] == '0' else f'bn{order + 1}'}.{rest[3]}"


CONVENTIONS = {
    "old-densenet": {"densenet121": old_densenet},
    "timm": {"regnet_y_400mf": timm_regnet, "mobilenet_v3_small": timm_mobilenet},
}


def renamed(network, state, convention):
    """The state as a convention names and shapes it."""
    if convention == "torchvision":
        return state
    rename = CONVENTIONS[convention][network]
    result = {rename(name): value for name, value in state.items()}
    if rename is timm_mobilenet:
        # timm's last hidden layer is a convolution.
        result["conv_head.weight"] = result["conv_head.weight"][:, :, None, None]
    return result


def restored(network, state, convention, names):
    """The state under torchvision's names again, of those of `names` that are there."""
    if convention == "torchvision":
        return {name: state[name] for name in names if name in state}
    rename = CONVENTIONS[convention][network]
    found = {name: state[rename(name)] for name in names if rename(name) in state}
    if rename is timm_mobilenet and "classifier.0.weight" in found:
        found["classifier.0.weight"] = found["classifier.0.weight"].flatten(1)
    return found
