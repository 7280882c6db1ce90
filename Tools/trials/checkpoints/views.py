"""Tensors laid out as no row of numbers: what torch.save stores as it is and torch.load gives back."""

import torch
from torch import nn

from . import objects


class First:
    """A tensor that is saved by the function of PyTorch's first releases."""

    def __init__(self, tensor):
        self.tensor = tensor

    def __reduce__(self):
        tensor = self.tensor
        return torch._utils._rebuild_tensor, (
            tensor.storage(), tensor.storage_offset(), tuple(tensor.shape), tensor.stride())


def transposed(tensor):
    order = tuple(reversed(range(tensor.dim())))
    return tensor.permute(order).contiguous().permute(order)


def channels_last(tensor):
    return tensor.contiguous(memory_format=torch.channels_last) if tensor.dim() == 4 else tensor


def sliced(tensor):
    """Out of the middle of a larger storage."""
    storage = torch.cat([torch.zeros(7).to(tensor.dtype), tensor.flatten(), torch.zeros(3).to(tensor.dtype)])
    return storage[7:7 + tensor.numel()].view(tensor.shape)


def every_second(tensor):
    storage = torch.stack([tensor, torch.zeros_like(tensor)], -1)
    return storage[..., 0]


def negated(tensor):
    """The imaginary part of a conjugate: PyTorch keeps the sign as a bit beside."""
    if tensor.dtype not in (torch.float32, torch.float64):
        return tensor
    return torch.view_as_complex(torch.stack([tensor, -tensor], -1)).conj().imag


def expanded(tensor):
    """One stored number for many, where the shape is a vector's."""
    return tensor[:1].expand(tensor.shape) if tensor.dim() == 1 and tensor.numel() else tensor


def attributed(tensor):
    result = tensor.detach().clone()
    result.is_shared = False
    return result


def parameter_attributed(tensor):
    if not tensor.is_floating_point():
        return tensor
    result = nn.Parameter(tensor)
    result.no_weight_decay = True
    return result


def tied(state):
    """Every second one of equal shape and use is the same tensor as the one before."""
    result, kept = {}, {}
    for name, tensor in state.items():
        form = (name.rsplit(".", 1)[-1], tensor.shape, tensor.dtype)
        result[name] = kept.pop(form, tensor)
        if result[name] is tensor:
            kept[form] = tensor
    return result


def flattened(state):
    """All of one type are views of one storage, as where parameters are flattened for communication."""
    result = dict(state)
    for dtype in {tensor.dtype for tensor in state.values()}:
        names = [name for name, tensor in state.items() if tensor.dtype == dtype]
        parts = torch.cat([state[name].flatten() for name in names]).split([state[name].numel() for name in names])
        result |= {name: part.view(state[name].shape) for name, part in zip(names, parts)}
    return result


WHOLE = {"tied": tied, "flattened": flattened}
EACH = {
    "transposed": transposed, "channels_last": channels_last, "sliced": sliced, "every_second": every_second,
    "expanded": expanded, "negated": negated,
    "parameter": lambda t: nn.Parameter(t, requires_grad=t.is_floating_point()),
    "attributed": attributed, "parameter_attributed": parameter_attributed,
    "first": First, "subclass": lambda t: t.as_subclass(objects.Masked),
}
# What the tar kind can say, what torch.load(weights_only=True) reads, and what it refuses.
OLD = ["transposed", "sliced", "every_second", "expanded", "tied", "flattened"]
PLAIN = [name for name in (*WHOLE, *EACH) if name != "subclass"]
FOREIGN = ["subclass"]


def laid_out(state, kinds, random):
    """The state with views: first those of the whole, then of about every third tensor one of the others."""
    for kind in kinds:
        if kind in WHOLE:
            state = WHOLE[kind](state)
    each = [kind for kind in kinds if kind in EACH]
    if not each:
        return state
    result = {name: EACH[random.choice(each)](tensor) if random.random() < 0.35 else tensor
              for name, tensor in state.items()}
    # Each view at least once, where there are tensors that take it.
    for kind in each:
        name = random.choice([name for name, tensor in state.items() if tensor.dim() != 0])
        result[name] = EACH[kind](state[name])
    return result
