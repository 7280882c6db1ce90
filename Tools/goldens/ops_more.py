"""Op cases beyond ops.py: scans, indexing, sorting, arrangement, masked losses, quantisation.

Writes ops_more.json and ops_more.safetensors in the format of ops.py. Outputs that are whole
numbers or truth values are int32.
"""

import torch
from torch.nn import functional as F

import common
import ops
from ops import case, distinct, normal, positive

whole = lambda y: y.to(torch.int32)


def indices(*shape, below):
    return torch.randint(0, below, shape, dtype=torch.int32)


def above_one(*shape):
    return (torch.rand(*shape, dtype=torch.float32) + 1.25).double()


def remainder(x, y):
    return torch.remainder(x, y)


def elementwise():
    for op, function in {"ceil": torch.ceil, "floor": torch.floor, "round": torch.round,
                         "log1p": torch.log1p, "expm1": torch.expm1}.items():
        x = positive(2, 17) if op == "log1p" else normal(2, 17, scale=2)
        case(op, op, lambda x, f=function: f(x), x=x)
    case("round_halves", "round", lambda x: torch.round(x), x=torch.arange(-6, 7).double() / 2)
    case("expm1_small", "expm1", lambda x: torch.expm1(x), x=normal(17, scale=1e-6))
    case("log1p_small", "log1p", lambda x: torch.log1p(x), x=normal(17, scale=1e-6))
    case("erf_wide", "erf", lambda x: torch.erf(x), x=normal(33, scale=3))
    case("sin_wide", "sin", lambda x: torch.sin(x), x=normal(33, scale=1000))
    case("cos_wide", "cos", lambda x: torch.cos(x), x=normal(33, scale=1000))
    case("remainder", "remainder", remainder, outputs=("z",), x=normal(3, 17, scale=5),
         y=above_one(3, 17))
    case("remainder_negative", "remainder", remainder, outputs=("z",),
         x=normal(3, 17, scale=5), y=-above_one(3, 17))
    case("remainder_whole", "remainder", remainder, outputs=("z",),
         x=indices(40, below=50) - 25, y=indices(40, below=4) + 1)
    case("divide_whole", "divide", lambda x, y: torch.div(x, y, rounding_mode="trunc"),
         outputs=("z",), x=indices(40, below=50) - 25, y=indices(40, below=4) + 1)
    for op, function in {"at_least": torch.ge, "at_most": torch.le, "differs": torch.ne}.items():
        case(op, op, lambda x, y, f=function: whole(f(x, y)), outputs=("z",),
             x=indices(17, below=3), y=indices(17, below=3))
    for op, function in {"and": torch.logical_and, "or": torch.logical_or,
                         "xor": torch.logical_xor}.items():
        case(op, op, lambda x, y, f=function: whole(f(x > 0, y > 0)), outputs=("z",),
             x=normal(3, 17), y=normal(3, 17))


def reductions():
    for axis in range(3):
        case(f"min_{axis}", "min", lambda x, a=axis: torch.amin(x, a),
             {"axes": [axis], "keep_axes": False}, x=distinct(3, 5, 4))
        case(f"product_{axis}", "product", lambda x, a=axis: torch.prod(x, a),
             {"axes": [axis], "keep_axes": False}, x=normal(3, 5, 4))
        case(f"log_sum_exp_{axis}", "log_sum_exp", lambda x, a=axis: torch.logsumexp(x, a),
             {"axes": [axis], "keep_axes": False}, x=normal(3, 5, 4, scale=8))
        case(f"cumulative_sum_{axis}", "cumulative_sum", lambda x, a=axis: torch.cumsum(x, a),
             {"axis": axis, "reverse": False}, x=normal(3, 17, 4))
        case(f"cumulative_sum_reverse_{axis}", "cumulative_sum",
             lambda x, a=axis: torch.flip(torch.cumsum(torch.flip(x, [a]), a), [a]),
             {"axis": axis, "reverse": True}, x=normal(3, 17, 4))
        for op, function in {"arg_max": torch.argmax, "arg_min": torch.argmin}.items():
            case(f"{op}_{axis}", op, lambda x, f=function, a=axis: whole(f(x, a)), {"axis": axis},
                 x=distinct(3, 17, 4))
        for op, function in {"any": torch.any, "all": torch.all}.items():
            case(f"{op}_{axis}", op, lambda x, f=function, a=axis: whole(f(x > -0.5, a)),
                 {"axes": [axis]}, x=normal(3, 2, 4))
    zero = normal(4, 3)
    zero[1, 0] = zero[2, 1] = zero[3, 1] = 0
    case("product_zeros", "product", lambda x: torch.prod(x, 0), {"axes": [0], "keep_axes": False},
         x=zero)
    case("sum_middle", "sum", lambda x: torch.sum(x, (1, 3)), {"axes": [1, 3], "keep_axes": False},
         x=normal(3, 17, 2, 5))
    case("sum_whole", "sum", lambda x: whole(torch.sum(x, 1)), {"axes": [1], "keep_axes": False},
         x=indices(3, 17, below=9))
    for correction in (0, 1):
        case(f"variance_{correction}", "variance_by",
             lambda x, c=correction: x.var((0, 2), correction=c),
             {"axes": [0, 2], "correction": correction}, x=normal(3, 5, 4))
        case(f"deviation_{correction}", "deviation_by",
             lambda x, c=correction: x.std((1,), correction=c),
             {"axes": [1], "correction": correction}, x=normal(3, 5, 4))


def indexing():
    case("embedding", "gather", lambda x, i: F.embedding(i.long(), x), {"axis": 0},
         x=normal(17, 5), i=indices(4, 3, below=17))
    for axis, extent in enumerate((3, 17, 4)):
        case(f"gather_{axis}", "gather", lambda x, i, a=axis: torch.index_select(x, a, i.long()),
             {"axis": axis}, x=normal(3, 17, 4), i=indices(6, below=extent))
        shape = [3, 17, 4]
        shape[axis] = 6
        case(f"gather_along_{axis}", "gather_along",
             lambda x, i, a=axis: torch.gather(x, a, i.long()), {"axis": axis},
             x=normal(3, 17, 4), i=indices(*shape, below=extent))
        zeros = [3, 17, 4]
        case(f"scatter_add_along_{axis}", "scatter_add_along",
             lambda x, i, a=axis, z=zeros: torch.zeros(z, dtype=x.dtype).scatter_add(a, i.long(), x),
             {"axis": axis, "extent": extent}, x=normal(*shape), i=indices(*shape, below=extent))
        zeros = [3, 17, 4]
        zeros[axis] = 5
        case(f"scatter_add_{axis}", "scatter_add",
             lambda x, i, a=axis, z=zeros: torch.zeros(z, dtype=x.dtype).index_add(a, i.long(), x),
             {"axis": axis, "extent": 5}, x=normal(3, 17, 4), i=indices(extent, below=5))
        for least in (False, True):
            case(f"top_k_{axis}_{'least' if least else 'most'}", "top_k",
                 lambda x, a=axis, l=least: tuple(
                     f(y) for f, y in zip((lambda v: v, whole), torch.topk(x, 3, a, not l))),
                 {"axis": axis, "k": 3, "least": least}, ("y", "places"), x=distinct(3, 17, 4))
        case(f"sort_{axis}", "sort", lambda x, a=axis: torch.sort(x, a).values, {"axis": axis},
             x=distinct(3, 17, 4))
    case("one_hot", "one_hot", lambda x: whole(F.one_hot(x.long(), 5)), {"classes": 5},
         x=indices(3, 4, below=5))


def arrangement():
    case("reverse", "reverse", lambda x: torch.flip(x, [0, 2]), {"axes": [0, 2]},
         x=normal(3, 4, 5))
    case("roll", "roll", lambda x: torch.roll(x, -7, 1), {"by": -7, "axis": 1}, x=normal(3, 5))
    case("tile", "tile", lambda x: torch.tile(x, (2, 1, 3)), {"counts": [2, 1, 3]}, x=normal(4, 5))
    case("repeat", "repeat", lambda x: torch.repeat_interleave(x, 3, 1), {"count": 3, "axis": 1},
         x=normal(4, 5))
    case("stack", "stack", lambda x, y: torch.stack([x, y], -1), {"axis": -1}, ("z",),
         x=normal(4, 5), y=normal(4, 5))
    case("split", "split", lambda x: torch.split(x, [1, 4, 2], 1), {"axis": 1, "sizes": [1, 4, 2]},
         ("a", "b", "c"), x=normal(3, 7))
    for mode in ("reflect", "replicate", "circular"):
        case(f"pad_{mode}", "pad_by", lambda x, m=mode: F.pad(x, [2, 1, 3, 0], mode=m),
             {"mode": mode, "padding": [[0, 0], [0, 0], [3, 0], [2, 1]]}, x=normal(2, 3, 4, 5))
        case(f"pad_{mode}_1d", "pad_by", lambda x, m=mode: F.pad(x, [4, 4], mode=m),
             {"mode": mode, "padding": [[0, 0], [0, 0], [4, 4]]}, x=normal(1, 3, 5))


def losses():
    def loss(name, shape, smoothing=0.0, ignored=2, scale=2.0):
        case(f"cross_entropy_ignoring_{name}", "cross_entropy_rows",
             lambda x, labels: F.cross_entropy(
                 x, labels.long(), reduction="none", ignore_index=ignored,
                 label_smoothing=smoothing),
             {"label_smoothing": smoothing, "ignored": ignored}, ("loss",),
             x=normal(*shape, scale=scale), labels=indices(shape[0], *shape[2:], below=shape[1]))

    loss("rows", (17, 5))
    loss("smoothing", (9, 4), smoothing=0.1)
    loss("pixels", (2, 3, 4, 5), ignored=1)
    loss("none", (5, 3), ignored=255)


def quantised():
    for name, scale, zero, low, high in [
            ("signed", 0.0625, 0, -128, 127), ("unsigned", 0.03125, 120, 0, 255),
            ("narrow", 0.25, 1, -7, 7)]:
        case(f"fake_quantize_{name}", "fake_quantize",
             lambda x, s=scale, z=zero, l=low, h=high: torch.fake_quantize_per_tensor_affine(
                 x.float(), s, z, l, h).double(),
             {"scale": [scale], "zero": [zero], "range": [low, high]}, x=normal(3, 17, scale=3))
    scale, zero = torch.tensor([0.25, 0.5, 0.0625]), torch.tensor([0, 3, -5], dtype=torch.int32)
    case("fake_quantize_channels", "fake_quantize",
         lambda x: torch.fake_quantize_per_channel_affine(
             x.float(), scale, zero, 1, -128, 127).double(),
         {"scale": scale.tolist(), "zero": zero.tolist(), "range": [-128, 127], "axis": 1},
         x=normal(2, 3, 17, scale=3))
    case("quantize", "quantize",
         lambda x: whole(torch.quantize_per_tensor(x.float(), 0.0625, 3, torch.qint8).int_repr()),
         {"scale": [0.0625], "zero": [3], "range": [-128, 127]}, x=normal(3, 17, scale=4))


def main(folder=common.GOLDENS):
    groups = (elementwise, reductions, indexing, arrangement, losses, quantised)
    ops.write("ops_more", __file__, 20240504, groups, folder)


if __name__ == "__main__":
    main()
