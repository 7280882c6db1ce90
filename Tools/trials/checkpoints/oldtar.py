"""Writes what torch.save wrote in PyTorch 0.1.1 to 0.1.9: a tar of sys_info, pickle, tensors and storages.

The pickle names tensors by persistent ids, `tensors` says of which storage each is a view, `storages` has the numbers.
"""

import io
import pickle
import struct
import tarfile

import torch

# The classes of that time; a storage's own is named by pickle, so these must be what their names say.
STORAGES = {
    torch.float32: torch.FloatStorage, torch.float64: torch.DoubleStorage, torch.float16: torch.HalfStorage,
    torch.int64: torch.LongStorage, torch.int32: torch.IntStorage, torch.int16: torch.ShortStorage,
    torch.int8: torch.CharStorage, torch.uint8: torch.ByteStorage, torch.complex64: torch.ComplexFloatStorage,
}
PROTOCOL = 2


class Pickler(pickle.Pickler):
    """Pickles all but tensors, of which it keeps a list."""

    def __init__(self, file):
        super().__init__(file, PROTOCOL)
        self.tensors = {}

    def persistent_id(self, value):
        if not torch.is_tensor(value):
            return None
        key = id(value)
        self.tensors[key] = value
        return str(key)


def tensors_file(tensors):
    file = io.BytesIO()
    pickle.dump(len(tensors), file, PROTOCOL)
    for key, tensor in tensors.items():
        kind = getattr(torch, STORAGES[tensor.dtype].__name__.replace("Storage", "Tensor"), torch.FloatTensor)
        pickle.dump((key, tensor.untyped_storage()._cdata, kind), file, PROTOCOL)
        dims = tensor.dim()
        # The number of dimensions was an int in a field of eight bytes.
        file.write(struct.pack(f"<q{dims}q{dims}qq", dims, *tensor.shape, *tensor.stride(), tensor.storage_offset()))
    return file.getvalue()


def storages_file(tensors, divides):
    """With `divides` the last storage is written as a view of a larger one, as slices of storages were."""
    storages = {tensor.untyped_storage()._cdata: tensor for tensor in tensors.values()}
    file, views = io.BytesIO(), []
    pickle.dump(len(storages), file, PROTOCOL)
    for place, (key, tensor) in enumerate(storages.items()):
        numbers = torch.empty(0, dtype=torch.uint8).set_(tensor.untyped_storage()).numpy().tobytes()
        size = tensor.element_size()
        if divides and place == len(storages) - 1:
            views.append((key, key + 1, 2, len(numbers) // size))
            key, numbers = key + 1, bytes(2 * size) + numbers + bytes(size)
        pickle.dump((key, "cpu", STORAGES[tensor.dtype]), file, PROTOCOL)
        file.write(struct.pack("<q", len(numbers) // size) + numbers)
    pickle.dump(views, file, PROTOCOL)
    return file.getvalue()


def save(value, path, divides=False):
    file = io.BytesIO()
    pickler = Pickler(file)
    pickler.dump(value)
    information = {"protocol_version": 1000, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
    members = {"sys_info": pickle.dumps(information, PROTOCOL), "pickle": file.getvalue(),
               "tensors": tensors_file(pickler.tensors), "storages": storages_file(pickler.tensors, divides)}
    with tarfile.open(path, "w:", format=tarfile.PAX_FORMAT) as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
