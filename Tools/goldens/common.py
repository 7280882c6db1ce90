"""What every golden script shares: seeding, writing, and the training runs they record."""

import json
import pathlib
import platform
import struct

import numpy
import torch

GOLDENS = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Goldens"
LIMIT = 1 << 20  # bytes: a golden larger than this is split by its script
DTYPES = {"<f8": "F64", "<f4": "F32", "<i8": "I64", "<i4": "I32", "|u1": "U8"}


def seed(value):
    """Makes a script print the same bytes on the same machine: fixed seed, one thread."""
    torch.manual_seed(value)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)


def exactly_float32(*shape, scale=1.0, mean=0.0):
    """Normal values in float64 that float32 holds exactly, so that both precisions start equal."""
    return (torch.randn(shape, dtype=torch.float32) * scale + mean).double()


def save(folder, name, tensors, script, **notes):
    """Writes one safetensors file, keys sorted, whose metadata says what made it.

    The library's own writer orders metadata by chance; this one gives the same bytes every time.
    """
    metadata = {
        "script": f"Tools/goldens/{pathlib.Path(script).name}",
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "python": platform.python_version(),
        **{key: json.dumps(value) for key, value in notes.items()},
    }
    header, blobs, offset = {"__metadata__": metadata}, [], 0
    for key in sorted(tensors, key=lambda key: (-tensors[key].element_size(), key)):
        array = numpy.ascontiguousarray(tensors[key].detach().numpy())
        header[key] = {
            "dtype": DTYPES[array.dtype.str],
            "shape": list(tensors[key].shape),
            "data_offsets": [offset, offset + array.nbytes],
        }
        blobs.append(array.tobytes())
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))
    size = path.stat().st_size
    if size > LIMIT:
        raise SystemExit(f"error: {path} has {size} bytes, more than the {LIMIT} a golden may have")
    print(f"{path.name}: {len(tensors)} tensors, {size} bytes")


OPTIMISERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=1e-4),
    "nesterov": lambda p: torch.optim.SGD(
        p, lr=0.05, momentum=0.9, weight_decay=1e-4, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, lr=1e-3),
    "adamw": lambda p: torch.optim.AdamW(p, lr=1e-3, weight_decay=0.01),
}
SETTINGS = {
    "sgd": {"lr": 0.05, "momentum": 0.9, "weight_decay": 1e-4},
    "nesterov": {"lr": 0.05, "momentum": 0.9, "weight_decay": 1e-4, "nesterov": True},
    "adam": {"lr": 1e-3, "betas": [0.9, 0.999], "eps": 1e-8},
    "adamw": {"lr": 1e-3, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.01},
}
STEPS = 3


def dtype(bits):
    return {32: torch.float32, 64: torch.float64}[bits]


def fresh(build, state, bits):
    """A model in training mode with the given float32 state, computing in float32 or float64."""
    model = build()
    model.load_state_dict(state)
    return model.to(dtype(bits)).train()


def gradients(build, state, images, labels, bits):
    """Loss, logits and every parameter's gradient of one forward and backward pass."""
    model = fresh(build, state, bits)
    logits = model(images.to(dtype(bits)))
    loss = torch.nn.functional.cross_entropy(logits, labels.long())
    loss.backward()
    tensors = {f"loss{bits}": loss, f"logits{bits}": logits}
    tensors.update({f"grad{bits}.{key}": p.grad for key, p in model.named_parameters()})
    return tensors


def trained(build, state, images, labels, bits, optimiser):
    """The model after STEPS steps on one batch, with its state under `<optimiser><bits>.<key>`.

    `losses.<optimiser><bits>` holds the loss before each of the steps.
    """
    model = fresh(build, state, bits)
    rule = OPTIMISERS[optimiser](model.parameters())
    images = images.to(dtype(bits))
    losses = []
    for _ in range(STEPS):
        rule.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(images), labels.long())
        loss.backward()
        rule.step()
        losses.append(loss.detach())
    name = f"{optimiser}{bits}"
    tensors = {f"{name}.{key}": value for key, value in model.state_dict().items()}
    tensors[f"losses.{name}"] = torch.stack(losses)
    return model, tensors
