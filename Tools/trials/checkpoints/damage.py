"""Files that hold no weights, or not those of the network: each with what an error must speak of."""

import bz2
import gzip
import io
import json
import lzma
import pickle
import re
import tarfile
import zipfile

import numpy
import torch

from . import objects

LFS = """version https://git-lfs.github.com/spec/v1
oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
size 102530333
"""
NOTHING = "empty|no tensors?|no weights|lacks|missing|expected a state"
MARKER = "code-was-run"
HTML = "<!DOCTYPE html>\n<html><head><title>Google Drive - Virus scan warning</title></head><body>%s</body></html>\n"


def packed(path, content, suffix):
    target = path.with_name(path.name + suffix)
    target.write_bytes(content)
    path.unlink()
    return target


def archived(path, kind):
    """A folder with the weights inside, as people zip or tar it."""
    target = path.with_name(f"weights.{kind}")
    if kind == "zip":
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("weights/README.txt", "trained weights")
            archive.write(path, f"weights/{path.name}")
    else:
        with tarfile.open(target, "w") as archive:
            archive.add(path, f"weights/{path.name}")
    path.unlink()
    return target


def overwritten(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# Other kinds of files: what makes one of the sound file, and what the error says ------------------

OTHERS = {
    "lfs": (lambda p, r, m: overwritten(p, LFS), "git lfs pull"),
    "html": (lambda p, r, m: overwritten(p, HTML % ("text " * r.randint(0, 2000))), "HTML"),
    "html-plain": (lambda p, r, m: overwritten(p, "\n  <html>\n<body>Not found</body></html>"), "HTML"),
    "json": (lambda p, r, m: overwritten(p, json.dumps({"message": "Not Found", "status": 404})), "JSON|text"),
    "hdf5": (lambda p, r, m: overwritten(p, b"\x89HDF\r\n\x1a\n" + bytes(8) + r.randbytes(2000)), "HDF5"),
    "gzip": (lambda p, r, m: packed(p, gzip.compress(p.read_bytes(), 1), ".gz"), "gunzip"),
    "bzip2": (lambda p, r, m: packed(p, bz2.compress(p.read_bytes(), 1), ".bz2"), "bunzip2|bzip2"),
    "xz": (lambda p, r, m: packed(p, lzma.compress(p.read_bytes(), preset=0), ".xz"), r"unxz|\bxz\b"),
    "zip-of-folder": (lambda p, r, m: archived(p, "zip"), "unzip|archive|unpack"),
    "tar-of-folder": (lambda p, r, m: archived(p, "tar"), "tar -x|archive|unpack"),
    "png": (lambda p, r, m: overwritten(p, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + r.randbytes(500)), "PNG|image"),
    "empty": (lambda p, r, m: overwritten(p, b""), "empty|no bytes|0 bytes|nothing"),
    "noise": (lambda p, r, m: overwritten(p, r.randbytes(r.randint(1, 5000))), "."),
    "plain-pickle": (lambda p, r, m: overwritten(p, pickle.dumps({"a": numpy.ones(3)}, r.randint(2, 5))),
                     "pickle|torch.save"),
    "npy": (lambda p, r, m: overwritten(p, array(numpy.ones((3, 4), numpy.float32))), "NPY|npz|names|one array"),
    "torchscript": (lambda p, r, m: scripted(p, m), "TorchScript"),
}


def array(value):
    file = io.BytesIO()
    numpy.save(file, value)
    return file.getvalue()


def scripted(path, model):
    """A program of TorchScript, which holds its weights too."""
    torch.jit.script(model).save(str(path))
    return path


# Files of torch.save and safetensors with other things than the network's weights -----------------


def weight(state, random):
    """A tensor that every inference needs, in front of the classifier, whose number of classes is free."""
    names = [name for name, tensor in state.items() if tensor.dim() > 0]
    return random.choice(names[:len(names) // 2])


def replaced(change):
    """One weight replaced, or left out where the change gives None; the error names it."""
    def apply(state, random, model):
        name = weight(state, random)
        value = change(state[name], random)
        rest = {key: tensor for key, tensor in state.items() if key != name}
        return (rest if value is None else state | {name: value}), re.escape(name)
    return apply


def larger(tensor, random):
    return torch.zeros([tensor.shape[0] + random.randint(1, 3), *tensor.shape[1:]])


def boxed(tensor):
    return objects.filled(objects.Box, value=tensor)


class Runs:
    """Writes a file when it is unpickled: what no reader of weights may do."""

    def __reduce__(self):
        return open, (MARKER, "w")


# Each makes of a state what is saved, and says what the error must name.
UNFIT = {
    "optimizer": lambda s, r, m: (objects.adam(), "."),
    "optimizer-alone": lambda s, r, m: ({"optimizer": objects.sgd(), "epoch": 3}, "."),
    "nothing": lambda s, r, m: ({}, NOTHING),
    "no-tensors": lambda s, r, m: ({"state_dict": {}, "epoch": 3, "lr": 0.1}, NOTHING),
    "tensor": lambda s, r, m: (torch.ones(3, 4), "name|state|one tensor|no tensors?|lacks|missing"),
    "number": lambda s, r, m: (3, NOTHING),
    "list": lambda s, r, m: (list(s.values()), "name|state|no tensors?|list"),
    "other-network": lambda s, r, m: (objects.lenet(), "lack|fit|none of"),
    "lacks": replaced(lambda tensor, random: None),
    "shape": replaced(larger),
    "complex": replaced(lambda tensor, random: tensor.to(torch.complex64)),
    "boxed": replaced(lambda tensor, random: boxed(tensor)),
    "text": replaced(lambda tensor, random: "lost"),
    "code-behind-weight": replaced(lambda tensor, random: Runs()),
    "boxed-state": lambda s, r, m: ({"state_dict": boxed(s), "epoch": 1}, "Box"),
    "module": lambda s, r, m: (m, "state_dict|class|module"),
    "code": lambda s, r, m: ({"state_dict": s, "code": Runs()}, "."),
}
# Of these a reader may also make what PyTorch makes of them.
READABLE = ("torchscript", "module", "code")
# Those that hold no tensor at all, whatever is asked of them.
EMPTY = ("nothing", "no-tensors", "number")
# No tensor of safetensors or npz can be these.
PICKLED = ("optimizer", "optimizer-alone", "number", "list", "tensor", "no-tensors", "boxed", "boxed-state", "text",
           "module", "code", "code-behind-weight", "torchscript", "plain-pickle")
# Sound files with an accident ---------------------------------------------------------------------


def truncated(path, random):
    content = path.read_bytes()
    path.write_bytes(content[:int(len(content) * random.uniform(0.02, 0.95))])


def cut_short(path, random):
    """Within the header, or a few bytes from the end."""
    content = path.read_bytes()
    end = random.choice((random.randint(1, 200), len(content) - random.randint(1, 40)))
    path.write_bytes(content[:end])


def flipped(path, random):
    content = bytearray(path.read_bytes())
    # Half of the flips where structure is: at the begin and the end.
    for _ in range(random.randint(1, 8)):
        edge = min(3000, len(content))
        place = random.choice((random.randrange(edge), len(content) - 1 - random.randrange(edge),
                               random.randrange(len(content)), random.randrange(len(content))))
        content[place] ^= 1 << random.randrange(8)
    path.write_bytes(bytes(content))


def doubled(path, random):
    """A download that was resumed from the wrong place."""
    content = path.read_bytes()
    middle = random.randrange(len(content))
    path.write_bytes(content[:middle] + content[middle // 2:])


def header(change):
    """A safetensors file with a changed header."""
    def apply(path, random):
        content = path.read_bytes()
        size = int.from_bytes(content[:8], "little")
        text = change(json.loads(content[8:8 + size]), random)
        text = text if isinstance(text, bytes) else json.dumps(text).encode()
        path.write_bytes(len(text).to_bytes(8, "little") + text + content[8 + size:])
    return apply


def shifted(table, random):
    name = random.choice([name for name in table if name != "__metadata__"])
    table[name]["data_offsets"] = [place + 4 for place in table[name]["data_offsets"]]
    return table


def widened(table, random):
    name = random.choice([name for name in table if name != "__metadata__"])
    table[name]["shape"] = [2, *table[name]["shape"]]
    return table


DAMAGED = {
    "truncated": truncated, "cut-short": cut_short, "flipped": flipped, "doubled": doubled,
    "safetensors-shifted": header(shifted), "safetensors-widened": header(widened),
    "safetensors-no-json": header(lambda table, random: b"{" + json.dumps(table).encode()),
    "safetensors-list": header(lambda table, random: [table]),
}
# After these a file may be read all the same, with other numbers perhaps; only a crash is a fault.
LENIENT = ("flipped", "doubled")


def container(random, name):
    """A container that can have the damage."""
    if name.startswith("safetensors"):
        return "safetensors"
    if name in PICKLED:
        return random.choice(("zip", "legacy"))
    return random.choice(("zip", "zip", "legacy", "tar", "safetensors", "npz", "npz-compressed"))
