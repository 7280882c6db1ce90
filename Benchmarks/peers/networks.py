"""The networks that peers run: torchvision's under its names, and the small ones of the goldens."""

import pathlib
import re
import sys

GOLDENS = pathlib.Path(__file__).resolve().parents[2] / "Tools" / "goldens"
# Small networks: the class in Tools/goldens/models.py, the shape of an image.
SMALL = {"lenet5": ("LeNet5", (1, 28, 28)), "resnet20": ("resnet20", (3, 32, 32))}
# What a torchvision model needs to be told to be the network that is compared.
SETTINGS = {"googlenet": {"init_weights": False}}
# The weight of auxiliary losses, which ours has too.
HEADS = {"googlenet": 0.3}
IMAGE = (3, 224, 224)


def shape(name, given=None):
    """The shape of an image, `C, H, W`: as given, else the network's usual one."""
    return given or (SMALL[name][1] if name in SMALL else IMAGE)


def classes(name):
    return 10 if name in SMALL else 1000


def build(name):
    """The network with random weights, in training mode."""
    if name in SMALL:
        sys.path.insert(0, str(GOLDENS))
        import models

        return getattr(models, SMALL[name][0])()
    import torchvision

    return torchvision.models.get_model(name, weights=None, **SETTINGS.get(name, {}))


def pytorch():
    """PyTorch's version and that of its oneDNN, in words."""
    import torch

    onednn = re.search(r"MKL-DNN v([\d.]+)", torch.__config__.show())
    return f"PyTorch {torch.__version__}" + (f" on oneDNN {onednn[1]}" if onednn else "")
