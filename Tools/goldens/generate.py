"""Writes every golden, or with --check compares fresh ones with those committed.

Needs Python 3.10+ with numpy, torch, torchvision and Pillow; each file's metadata says which versions wrote it.
--check allows the rounding of another version or machine: 1e-12 for float64, 1e-4 for float32,
1e-2 for the pixels of images. The zoo's gradients are as far as 1e-9 off: deep networks amplify rounding.
"""

import argparse
import json
import pathlib
import struct
import tempfile

import numpy

import common
import images
import layers
import metrics
import ops
import ops_more
import ops_spatial
import segmentation
import smooth
import train_lenet5
import train_tinyresnet
import training
import transforms
import zoo

SCRIPTS = (
    images, transforms, ops, ops_more, ops_spatial, layers, metrics, train_lenet5, train_tinyresnet,
    training, zoo, segmentation, smooth)
BOUND = {"F64": 1e-12, "F32": 1e-4, "I64": 0, "I32": 0, "U8": 1e-2}
DEEP = {**BOUND, "F64": 1e-9}


def read(path):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__")
    types = {name: numpy.dtype(code) for code, name in common.DTYPES.items()}
    for key, entry in header.items():
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        values = numpy.frombuffer(data[start:end], types[entry["dtype"]])
        yield key, (entry["dtype"], entry["shape"], values.astype(numpy.float64))


def table(path):
    """A table without what depends on the machine: how far PyTorch's float32 was off, and rounding in Double."""
    lines = json.loads(path.read_text())
    for line in lines:
        for key in ("single", "activation_gap", "pool_gap", "loss"):
            line.pop(key, None)
    return lines


def differences(committed, fresh):
    """Lines that say where two golden files disagree by the norm of their difference."""
    old, new = dict(read(committed)), dict(read(fresh))
    for key in sorted(old.keys() ^ new.keys()):
        yield f"{committed.name}: {key} is in only one of the two"
    for key in sorted(old.keys() & new.keys()):
        (dtype, shape, a), (other, other_shape, b) = old[key], new[key]
        if (dtype, shape) != (other, other_shape):
            yield f"{committed.name}: {key} is {dtype}{shape}, now {other}{other_shape}"
            continue
        a, b = a.astype(float), b.astype(float)
        error = numpy.linalg.norm(a - b) / max(numpy.linalg.norm(a), 1e-300)
        if error > (DEEP if committed.stem in ("zoo", "segmentation", "smooth") else BOUND)[dtype]:
            yield f"{committed.name}: {key} differs by {error:.2e}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    if not parser.parse_args().check:
        for script in SCRIPTS:
            script.main()
        return
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for script in SCRIPTS:
            script.main(folder)
        found = []
        for fresh in sorted(folder.glob("*.safetensors")):
            committed = common.GOLDENS / fresh.name
            found += differences(committed, fresh) if committed.exists() else [
                f"{fresh.name}: not committed"]
        for name in sorted(path.name for path in folder.glob("*.json")):
            if table(folder / name) != table(common.GOLDENS / name):
                found.append(f"{name}: another table")
    if found:
        raise SystemExit("error: " + "\n       ".join(found))
    print("all goldens are as committed")


if __name__ == "__main__":
    main()
