"""A state dictionary as torch.save writes it, in both of its formats, and its tensors as safetensors and as NumPy has them.

Every element type that is read, views that are no rows (transposed, cut out of a larger storage, shared by two
names), a scalar, an empty tensor, a parameter, a nested checkpoint.
"""

import collections
import io
import pathlib

import numpy
import torch
from torch import nn

import common


def tensors():
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6) / 8 - 1
    shared = torch.arange(6, dtype=torch.float32)
    return collections.OrderedDict([
        ("plain", base.clone()), ("transposed", base.t()), ("window", base[1:3, 2:5]),
        ("shared.a", shared), ("shared.b", shared[2:]), ("scalar", torch.tensor(7)),
        ("empty", torch.zeros(0, 4)), ("parameter", nn.Parameter(torch.tensor([1.5, -2.5]))),
        ("double", torch.tensor([1 / 3, -2.0], dtype=torch.float64)),
        ("half", torch.tensor([0.5, -65504.0], dtype=torch.float16)),
        ("bfloat", torch.tensor([1.0, -3.0], dtype=torch.bfloat16)),
        ("int", torch.tensor([1, -2], dtype=torch.int32)),
        ("signed", torch.tensor([-128, 127], dtype=torch.int8)),
        ("byte", torch.tensor([0, 255], dtype=torch.uint8)),
        ("truth", torch.tensor([True, False])),
    ])


def main(folder=common.GOLDENS):
    folder = pathlib.Path(folder)
    state = tensors()
    plain = {}
    for key, value in state.items():
        value = value.detach().contiguous().clone()
        if value.dtype in (torch.float16, torch.bfloat16):
            value = value.float()
        plain[key] = value
    checkpoint = {"epoch": 3, "arch": "tiny", "state_dict": state, "lr": 0.1, "done": None}
    for name, content, isZip in (
            ("torch_save", state, True), ("torch_save_legacy", state, False),
            ("torch_checkpoint", checkpoint, True)):
        buffer = io.BytesIO()
        torch.save(content, buffer, _use_new_zipfile_serialization=isZip)
        (folder / f"{name}.pth").write_bytes(buffer.getvalue())
    from safetensors.torch import save_file
    save_file(plain, folder / "torch_save.safetensors")
    arrays(folder, plain)


def arrays(folder, plain):
    """The same as NumPy writes it."""
    values = {key: value.numpy() for key, value in plain.items()}
    numpy.savez(folder / "numpy_savez.npz", **values)
    numpy.savez_compressed(folder / "numpy_savez_compressed.npz", **values)


if __name__ == "__main__":
    main()
