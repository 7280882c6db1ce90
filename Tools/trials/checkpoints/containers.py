"""Writes tensors and what stands beside them into the containers that people use."""

import collections
import contextlib
import json
import struct
import zipfile
from unittest import mock

import numpy
import torch

from . import oldtar

SAFETENSORS_TYPES = {
    torch.float32: "F32", torch.float64: "F64", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
    torch.int32: "I32", torch.complex64: "C64", torch.float8_e4m3fn: "F8_E4M3", torch.float8_e5m2: "F8_E5M2",
}
BITS = {"BOOL": 8, "C64": 64, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "BF16": 16, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8}


# torch.save ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def circumstances(location, checksums):
    """torch.save as on a machine with another device, or told to write no checksums."""
    torch.serialization.set_crc32_options(checksums)
    try:
        with mock.patch.object(torch.serialization, "location_tag", lambda storage: location):
            yield
    finally:
        torch.serialization.set_crc32_options(True)


def save_torch(value, path, recipe, random):
    if recipe.container == "tar":
        oldtar.save(value, path, divides=random.random() < 0.3)
        return
    with circumstances(recipe.location, recipe.checksums):
        torch.save(value, path, pickle_protocol=recipe.protocol,
                   _use_new_zipfile_serialization=recipe.container != "legacy")


# safetensors --------------------------------------------------------------------------------------


def entry(tensor):
    """The type, shape and bytes of a tensor."""
    raw = tensor.detach().contiguous().flatten().view(torch.uint8).numpy().tobytes()
    return SAFETENSORS_TYPES[tensor.dtype], list(tensor.shape), raw


def safetensors_extra(name, random):
    """An extra tensor of a type, 8 elements of random bits."""
    if name == "vacant":
        return "F32", [0, 4], b""
    if name == "empty-name":
        return "F32", [1], bytes(4)
    bits = BITS.get(name) or int(name[1:])
    return name, [2, 4], bytes(random.getrandbits(8) & (1 if name == "BOOL" else 255) for _ in range(bits))


def write_safetensors(entries, path, random, options=()):
    """Writes by hand, as the library cannot write all that it reads."""
    order = list(entries)
    if "shuffled" in options:
        random.shuffle(order)
    header, offset = {}, 0
    if "metadata" in options:
        header["__metadata__"] = {"format": "pt", "größe": "1"}
    if "null-metadata" in options:
        header["__metadata__"] = None
    places = {}
    for name in order:
        dtype, shape, raw = entries[name]
        places[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, offset + len(raw)]}
        offset += len(raw)
    text = json.dumps(header | {name: places[name] for name in entries}).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(entries[name][2] for name in order))


def save_safetensors(state, path, recipe, random):
    entries = {name: entry(tensor) for name, tensor in state.items()}
    for name in recipe.beside:
        if name not in ("metadata", "null-metadata", "shuffled"):
            entries["" if name == "empty-name" else f"extra.{name}"] = safetensors_extra(name, random)
    write_safetensors(entries, path, random, recipe.beside)


# npz ----------------------------------------------------------------------------------------------

NPZ_EXTRAS = {
    "text": lambda: numpy.array(["a", "größe"]), "bytes-text": lambda: numpy.array([b"a", b"bc"]),
    "objects": lambda: numpy.array([1, "a", None], dtype=object),
    "structured": lambda: numpy.zeros(3, dtype=[("x", "<f4"), ("größe", "<i4", (2,))]),
    "dates": lambda: numpy.array(["2024-01-02"], dtype="datetime64[D]"), "bool": lambda: numpy.array([True, False]),
    "complex": lambda: numpy.array([1j]), "int8": lambda: numpy.arange(3, dtype="i1"),
    "uint16": lambda: numpy.arange(3, dtype="<u2"), "uint64": lambda: numpy.arange(3, dtype=">u8"),
    "longdouble": lambda: numpy.arange(3, dtype=numpy.longdouble), "best_acc1": lambda: numpy.float64(71.5),
    "vacant": lambda: numpy.zeros((0, 4), numpy.float32),
}


def save_npz(state, path, recipe, random):
    arrays = {}
    for name, tensor in state.items():
        array = tensor.detach().numpy()
        if "big-endian" in recipe.beside:
            array = array.astype(array.dtype.newbyteorder(">"))
        if "fortran" in recipe.beside and array.ndim > 1 and random.random() < 0.5:
            array = numpy.asfortranarray(array)
        arrays[name] = array
    arrays |= {f"extra.{name}": NPZ_EXTRAS[name]() for name in recipe.beside if name in NPZ_EXTRAS}
    version = next((int(name[-1]) for name in recipe.beside if name.startswith("version")), None)
    method = zipfile.ZIP_DEFLATED if recipe.container == "npz-compressed" else zipfile.ZIP_STORED
    if version is None:
        with open(path, "wb") as file:
            (numpy.savez_compressed if method else numpy.savez)(file, **arrays)
        return
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                numpy.lib.format.write_array(file, numpy.asanyarray(array), version=(version, 0))


# Several files ------------------------------------------------------------------------------------


def save_several(state, folder, recipe, random):
    """Shards and the index that names them, as Hugging Face's libraries write them; the index is what is given."""
    is_bin = recipe.container == "bin-index"
    stem, ending = ("pytorch_model", "bin") if is_bin else ("model", "safetensors")
    count = random.randint(2, 3)
    parts = collections.defaultdict(dict)
    for place, (name, tensor) in enumerate(state.items()):
        parts[place * count // len(state)][name] = tensor
    index = {"metadata": {"total_size": 123456}, "weight_map": {}}
    for place, part in parts.items():
        file = f"{stem}-{place + 1:05}-of-{count:05}.{ending}"
        index["weight_map"] |= {name: file for name in part}
        if is_bin:
            save_torch(part, folder / file, recipe, random)
        else:
            entries = {name: entry(tensor) for name, tensor in part.items()}
            write_safetensors(entries, folder / file, random, ["metadata"])
    path = folder / f"{stem}.{ending}.index.json"
    path.write_text(json.dumps(index, indent=2))
    return path
