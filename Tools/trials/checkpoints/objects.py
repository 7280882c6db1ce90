"""What checkpoints hold beside weights: plain values, other tensors, and objects of classes that no reader knows."""

import argparse
import collections
import datetime
import decimal
import enum
import functools
import pathlib
import random
import re
import sys
import types

import numpy
import torch
from torch import nn


def bits(dtype, *shape):
    """A tensor of random bits: any type, whatever its arithmetic."""
    size = torch.empty((), dtype=dtype).element_size()
    shape = shape or (3, 4)
    return torch.randint(0, 2, (*shape[:-1], shape[-1] * size), dtype=torch.uint8).view(dtype)


def trained(make):
    """An optimizer after two steps, which is when it has a state."""
    layer = nn.Linear(5, 3)
    optimizer = make(layer.parameters())
    for _ in range(2):
        layer(torch.randn(2, 5)).sum().backward()
        optimizer.step()
    return optimizer


def sgd():
    return trained(lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, weight_decay=1e-4)).state_dict()


def adam():
    return trained(lambda p: torch.optim.Adam(p, 1e-3, amsgrad=True)).state_dict()


def multistep():
    """Its milestones are a Counter."""
    return torch.optim.lr_scheduler.MultiStepLR(trained(lambda p: torch.optim.SGD(p, 0.1)), [10, 20]).state_dict()


def cosine():
    return torch.optim.lr_scheduler.CosineAnnealingLR(trained(lambda p: torch.optim.SGD(p, 0.1)), 20).state_dict()


def one_cycle():
    return torch.optim.lr_scheduler.OneCycleLR(trained(lambda p: torch.optim.SGD(p, 0.1)), 0.1, 20).state_dict()


def cycle():
    """A list that holds itself, and a dictionary that does."""
    values = [1, 2]
    values.append(values)
    table = {"list": values}
    table["self"] = table
    return table


def nested():
    value = 1
    for _ in range(200):
        value = [value]
    return value


def lenet():
    """Another network, as a GAN's discriminator stands beside its generator."""
    return nn.Sequential(nn.Conv2d(1, 6, 5), nn.BatchNorm2d(6), nn.Linear(6, 2)).state_dict()


# What torch.load(weights_only=True) reads.
SAFE = {
    "best_acc1": lambda: torch.tensor(71.5),
    "epoch": lambda: 90, "arch": lambda: "resnet50", "none": lambda: None, "flag": lambda: True,
    "big": lambda: 10**40, "negative": lambda: -2**31 - 1, "float": lambda: float("inf"), "imaginary": lambda: 1j,
    "bytes": lambda: bytes(range(256)), "bytearray": lambda: bytearray(b"abc"), "text": lambda: "größe " * 60,
    "rng_state": torch.get_rng_state, "cuda_rng_states": lambda: [torch.get_rng_state()[:16]] * 2,
    "sgd": sgd, "adam": adam, "multistep": multistep, "cosine": cosine,
    "counter": lambda: collections.Counter("abca"), "size": lambda: torch.Size([3, 224, 224]),
    "dtype": lambda: torch.bfloat16, "device": lambda: torch.device("cuda:0"), "layout": lambda: torch.strided,
    "set": lambda: {1, 2, "a"}, "tuple": lambda: (1, (2.5, None), ()), "lists": lambda: [[1, [2.0, ["x"]]], []],
    "history": lambda: {"loss": [random.random() for _ in range(1500)], 3: {"acc": ()}},
    "cycle": cycle, "nested": nested, "network": lenet, "ordered": lambda: collections.OrderedDict(a=1),
    "scalar": lambda: torch.tensor(3), "vacant": lambda: torch.zeros(0, 4), "same": lambda: [torch.ones(2)] * 3,
    "int8": lambda: bits(torch.int8), "int16": lambda: bits(torch.int16), "bool": lambda: torch.ones(3) > 0,
    "complex64": lambda: torch.randn(3, dtype=torch.complex64),
    "complex128": lambda: torch.randn(3, dtype=torch.complex128),
    "conjugated": lambda: torch.randn(3, dtype=torch.complex64).conj(),
    "negated": lambda: torch.randn(3, dtype=torch.complex64).conj().imag,
    "sparse": lambda: torch.eye(3).to_sparse(), "sparse_csr": lambda: torch.eye(3).to_sparse_csr(),
    "quantized": lambda: torch.quantize_per_tensor(torch.randn(4), 0.1, 2, torch.qint8),
    "quantized_channels": lambda: torch.quantize_per_channel(
        torch.randn(2, 4), torch.ones(2), torch.zeros(2), 0, torch.quint8),
    "meta": lambda: torch.empty(3, 4, device="meta"), "storage": lambda: torch.ones(3).storage(),
    "parameter": lambda: nn.Parameter(torch.ones(2)), "gradient": lambda: torch.ones(2, requires_grad=True),
    "ema_decay": lambda: {"decay": torch.tensor(0.999), "num_updates": torch.tensor(7)},
    "scaler": lambda: {"scale": 65536.0, "growth_factor": 2.0, "_growth_tracker": 0},
    "criterion": lambda: {"weight": torch.ones(10), "pos_weight": torch.ones(10)},
    "lightning": lambda: {"global_step": 10, "pytorch-lightning_version": "2.1.0", "loops": {"fit_loop": {
        "state_dict": {}, "epoch_progress": {"total": {"ready": 1, "completed": 1}}}}, "lr_schedulers": []},
}
# Of these a storage without a type is written, which only the ZIP kind can.
NEW = {
    **{name: functools.partial(bits, getattr(torch, name)) for name in (
        "uint16", "uint32", "uint64", "float8_e4m3fn", "float8_e5m2", "float8_e8m0fnu", "complex32")},
    "untyped": lambda: torch.ones(3).untyped_storage(),
}
# What can stand in the tar kind, and in one dictionary with the weights.
OLD = ["best_acc1", "epoch", "arch", "none", "rng_state", "sgd", "tuple", "lists", "history", "int16", "set", "vacant"]
FLAT = ["best_acc1", "epoch", "arch", "none", "rng_state", "scalar", "vacant", "int16", "uint16", "bool",
        "complex64", "lists", "criterion", "size"]


# Classes of others --------------------------------------------------------------------------------


def package(path):
    """A module under this name, for pickle to find classes in."""
    parts = path.split(".")
    for count in range(1, len(parts) + 1):
        name = ".".join(parts[:count])
        sys.modules.setdefault(name, types.ModuleType(name))
    return sys.modules[path]


def foreign(path, name, base=object, **members):
    """A class as of a package that a reader does not have."""
    made = type(name, (base,), {"__module__": path, **members})
    setattr(package(path), name, made)
    return made


Configuration = foreign("omegaconf.dictconfig", "DictConfig")
EasyDict = foreign("easydict", "EasyDict", dict)
Average = foreign("trainer.ema", "ModelEMA")
Slotted = foreign("trainer.record", "Record", __slots__=("step", "value"))
Meter = foreign("trainer.meters", "History", list)
Pair = foreign("trainer.pairs", "Pair", tuple)
Masked = foreign("trainer.tensors", "MaskedTensor", torch.Tensor)
Box = foreign("trainer.tensors", "Box")
package("trainer.stage").Stage = enum.Enum("Stage", "TRAIN TEST", module="trainer.stage")
package("trainer.stage").Point = collections.namedtuple("Point", "x y", module="trainer.stage")
Stage, Point = package("trainer.stage").Stage, package("trainer.stage").Point


class Named:
    """Made from a named argument: pickle's NEWOBJ_EX, or what stands for it in older protocols."""

    def __new__(cls, *, size):
        return object.__new__(cls)

    def __getnewargs_ex__(self):
        return (), {"size": 3}


def filled(cls, **members):
    made = cls.__new__(cls)
    for name, value in members.items():
        setattr(made, name, value)
    return made


def average():
    """An average of the weights as an object: whole tensors behind an unknown class."""
    return filled(Average, shadow=lenet(), decay=torch.tensor(0.999), step=7)


# What torch.load(weights_only=True) refuses, though the weights beside it are as sound as ever.
OPAQUE = {
    "namespace": lambda: argparse.Namespace(lr=0.1, data="/data", decay=[1, 2], nested=argparse.Namespace(a=1)),
    "hyper_parameters": lambda: filled(Configuration, _content={"lr": 0.1}, _metadata=filled(Configuration)),
    "callbacks": lambda: {"ModelCheckpoint{'monitor': 'val'}": {
        "best_model_score": torch.tensor(0.5), "dirpath": pathlib.PurePosixPath("/runs"), "stage": Stage.TRAIN}},
    "easydict": lambda: EasyDict(lr=0.1, sizes=[1, 2]), "average": average, "meter": lambda: Meter([1, 2.0, "x"]),
    "slots": lambda: filled(Slotted, step=1, value=torch.ones(2)), "pair": lambda: Pair((1, 2)),
    "enum": lambda: Stage.TEST, "namedtuple": lambda: Point(1, torch.ones(2)), "named": lambda: Named(size=3),
    "numpy_scalar": lambda: numpy.float64(71.5), "numpy_float32": lambda: numpy.float32(1),
    "numpy_array": lambda: numpy.arange(6, dtype=numpy.float32).reshape(2, 3),
    "numpy_objects": lambda: numpy.array([1, "a", None], dtype=object), "numpy_random": numpy.random.get_state,
    "python_random": lambda: random.Random(1), "defaultdict": lambda: collections.defaultdict(list, a=[1]),
    "deque": lambda: collections.deque([1, torch.ones(2)], maxlen=5), "frozenset": lambda: frozenset([1, 2]),
    "slice": lambda: slice(1, 2), "range": lambda: range(3),
    "partial": lambda: functools.partial(torch.optim.SGD, lr=0.1), "path": lambda: pathlib.PurePosixPath("a/b"),
    "datetime": lambda: datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc),
    "decimal": lambda: decimal.Decimal("1.5"), "regex": lambda: re.compile("a+"), "class": lambda: nn.Linear,
    "function": lambda: torch.relu, "one_cycle": one_cycle, "module": lambda: nn.Linear(2, 2),
    "optimizer": lambda: trained(lambda p: torch.optim.SGD(p, 0.1, momentum=0.9)),
    "scheduler": lambda: torch.optim.lr_scheduler.MultiStepLR(torch.optim.SGD([torch.ones(1)], 0.1), [1]),
    "masked": lambda: torch.ones(3).as_subclass(Masked), "exception": lambda: ValueError("no"),
    "module_list": lambda: [nn.BatchNorm2d(3), nn.ReLU()], "bound_method": lambda: [1].append,
}

# The extra tensors of safetensors, by its own names of types, and what else a header may say.
SAFETENSORS = ["BOOL", "I8", "U8", "I16", "U16", "U32", "I32", "U64", "F16", "BF16", "F64", "C64", "F8_E4M3", "F8_E5M2",
               "F8_E8M0", "F4", "F6_E2M3", "F6_E3M2", "null-metadata", "metadata", "empty-name", "vacant", "shuffled"]
# The extra arrays of npz, and how the needed ones are stored.
NPZ = ["text", "bytes-text", "objects", "structured", "dates", "bool", "complex", "int8", "uint16", "uint64",
       "longdouble", "best_acc1", "big-endian", "fortran", "version-2", "version-3", "vacant"]
ALL = {**SAFE, **NEW, **OPAQUE}
