"""More op cases, in the form of ops.py: transposed convolutions, poolings, norms, resampling.

Writes ops_spatial.json and ops_spatial.safetensors; see ops.py for what the tables hold.
"""

import torch
from torch.nn import functional as F

import common
import ops

case, normal, distinct, positive = ops.case, ops.normal, ops.distinct, ops.positive
AXES = {3: 1, 4: 2, 5: 3}


def spread(value, axes):
    return list(value) if isinstance(value, (list, tuple)) else [value] * axes


# Convolutions -----------------------------------------------------------------------------------


def transposed(name, x, w, stride=1, padding=0, output_padding=0, dilation=1, groups=1):
    """`w` is [in, out / groups, ...], as PyTorch lays transposed filters."""
    axes = AXES[len(x)]
    stride, padding, extra, dilation = (
        spread(v, axes) for v in (stride, padding, output_padding, dilation))
    function = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}[axes]
    case(f"conv_transpose{axes}d_{name}", "conv_transpose",
         lambda x, w: function(x, w, None, stride, padding, extra, groups, dilation),
         {"stride": stride, "padding": padding, "output_padding": extra, "dilation": dilation,
          "groups": groups}, x=normal(*x), w=normal(*w, scale=0.5))


def convolutions():
    transposed("plain", [2, 3, 4, 5], [3, 4, 3, 3])
    transposed("stride2", [1, 3, 4, 3], [3, 5, 4, 4], 2, 1)
    transposed("output_padding", [2, 4, 3, 4], [4, 3, 3, 3], (2, 3), 1, (1, 2))
    transposed("output_padding_of_dilation", [1, 2, 4, 4], [2, 3, 3, 3], 1, (1, 0), (1, 2), (2, 3))
    transposed("output_padding_above_padding", [1, 2, 3, 3], [2, 2, 2, 2], 1, (0, 1), (2, 2), 3)
    transposed("groups_dilation", [2, 6, 4, 3], [6, 2, 3, 2], 2, (2, 1), 1, 2, 3)
    transposed("depthwise", [1, 5, 4, 4], [5, 1, 4, 4], 2, 1, groups=5)
    transposed("channels17", [1, 17, 2, 2], [17, 3, 3, 3], 2)
    transposed("stride2", [2, 3, 5], [3, 4, 4], 2, 1, 1)
    transposed("all_at_once", [1, 4, 3, 2, 3], [4, 3, 2, 3, 2], (2, 1, 3), (1, 0, 1), (1, 0, 2),
               (1, 2, 2), 2)


# Pooling ----------------------------------------------------------------------------------------


def indexed(name, x, kernel, stride=None, padding=0, dilation=1, ceil=False):
    axes = AXES[len(x)]
    stride, padding, dilation = (spread(v, axes) for v in (stride or kernel, padding, dilation))
    function = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}[axes]

    def pooled(x):
        y, indices = function(x, kernel, stride, padding, dilation, ceil, True)
        return y, indices.int()

    case(f"max_pool{axes}d_indices_{name}", "max_pool_with_indices", pooled,
         {"kernel": list(kernel), "stride": stride, "padding": padding, "dilation": dilation,
          "ceil": ceil}, ("y", "indices"), x=distinct(*x))


def unpooled(name, x, kernel, stride, size):
    axes = AXES[len(x)]
    function = {1: F.max_pool1d, 2: F.max_pool2d}[axes]
    inverse = {1: F.max_unpool1d, 2: F.max_unpool2d}[axes]
    y, indices = function(distinct(*x), kernel, stride, return_indices=True)
    case(f"max_unpool{axes}d_{name}", "max_unpool",
         lambda y, indices: inverse(y, indices.long(), kernel, stride, output_size=size),
         {"spatial": list(size)}, ("x",), y=normal(*y.shape), indices=indices.int())


def adaptive(x, size):
    axes = AXES[len(x)]
    tag = "x".join(map(str, x[2:])) + "_to_" + "x".join(map(str, size))
    mean = {1: F.adaptive_avg_pool1d, 2: F.adaptive_avg_pool2d, 3: F.adaptive_avg_pool3d}[axes]
    top = {1: F.adaptive_max_pool1d, 2: F.adaptive_max_pool2d, 3: F.adaptive_max_pool3d}[axes]

    def indices(x):
        y, places = top(x, size, True)
        return y, places.int()

    case(f"adaptive_avg_{tag}", "adaptive_average_pool", lambda x: mean(x, size),
         {"size": list(size)}, x=normal(*x))
    case(f"adaptive_max_{tag}", "adaptive_max_pool", lambda x: top(x, size), {"size": list(size)},
         x=distinct(*x))
    case(f"adaptive_max_indices_{tag}", "adaptive_max_pool_with_indices", indices,
         {"size": list(size)}, ("y", "indices"), x=distinct(*x))


def poolings():
    indexed("plain", [2, 3, 6, 8], (2, 2))
    indexed("overlapping_ceil", [1, 17, 7, 6], (3, 3), 2, 1, ceil=True)
    indexed("dilated", [2, 2, 8, 9], (2, 3), (1, 2), dilation=(3, 2))
    indexed("padded", [2, 3, 9], (3,), 2, 1)
    indexed("plain", [1, 2, 4, 5, 6], (2, 2, 3))
    unpooled("plain", [2, 3, 6, 8], (2, 2), (2, 2), (6, 8))
    unpooled("odd", [1, 2, 7, 5], (2, 2), (2, 2), (7, 5))
    unpooled("plain", [2, 3, 9], 3, 3, (9,))
    adaptive([2, 3, 7, 5], (3, 4))
    adaptive([1, 17, 6, 8], (3, 2))
    adaptive([2, 2, 3, 2], (5, 4))
    adaptive([2, 3, 10], (4,))
    adaptive([1, 2, 4, 5, 7], (3, 2, 4))
    for p, name in [(2, "l2"), (3, "l3")]:
        case(f"lp_pool_{name}", "lp_pool", lambda x, p=p: F.lp_pool2d(x, p, (3, 2), 2),
             {"power": p, "kernel": [3, 2], "stride": [2, 2]}, x=positive(2, 3, 7, 6))


# Norms ------------------------------------------------------------------------------------------


def norms():
    for shape, axes in [((4, 9), 1), ((2, 3, 17), 1), ((2, 3, 4, 5), 3)]:
        last = list(shape[-axes:])
        case(f"layer_norm_{axes}_of_rank{len(shape)}", "layer_norm",
             lambda x, w, b, last=last: F.layer_norm(x, last, w, b, 1e-5),
             {"axes": axes, "eps": 1e-5}, x=normal(*shape, scale=2, mean=0.5), w=normal(*last),
             b=normal(*last))
    case("layer_norm_nothing_learnt", "layer_norm", lambda x: F.layer_norm(x, [6], eps=1e-3),
         {"axes": 1, "eps": 1e-3}, x=normal(5, 6))
    case("layer_norm_far_from_zero", "layer_norm", lambda x: F.layer_norm(x, [64]),
         {"axes": 1, "eps": 1e-5}, x=normal(3, 64, mean=512))
    for shape, groups in [((2, 6, 4, 5), 3), ((1, 17, 3, 3), 1), ((2, 4, 11), 2),
                          ((2, 4, 2, 3, 2), 4)]:
        case(f"group_norm_{groups}_of_rank{len(shape)}", "group_norm",
             lambda x, w, b, groups=groups: F.group_norm(x, groups, w, b, 1e-5),
             {"groups": groups, "eps": 1e-5}, x=normal(*shape, mean=-0.5), w=normal(shape[1]),
             b=normal(shape[1]))
    case("instance_norm", "instance_norm", lambda x, w, b: F.instance_norm(x, weight=w, bias=b),
         {"eps": 1e-5}, x=normal(2, 5, 4, 3), w=normal(5), b=normal(5))
    for size, shape in [(5, (2, 7, 3, 4)), (4, (1, 6, 3, 3)), (3, (2, 17, 4)), (9, (1, 5, 2, 2))]:
        case(f"local_response_{size}_of_{shape[1]}", "local_response",
             lambda x, size=size: F.local_response_norm(x, size, 0.5, 0.75, 2.0),
             {"size": size, "alpha": 0.5, "beta": 0.75, "k": 2.0}, x=normal(*shape, scale=2))


# Resampling -------------------------------------------------------------------------------------


def resized(mode, x, size, align=False, antialias=False):
    names = {"nearest": "nearest", "nearest-exact": "nearest_exact", "linear": "linear",
             "bilinear": "linear", "trilinear": "linear", "bicubic": "cubic", "area": "average"}
    tag = "x".join(map(str, x[2:])) + "_to_" + "x".join(map(str, size))
    tag += "_aligned" * align + "_antialiased" * antialias
    smooth = names[mode] in ("linear", "cubic")
    case(f"resize_{mode.replace('-', '_')}_{tag}", "resize",
         lambda x: F.interpolate(x, size, mode=mode, align_corners=align if smooth else None,
                                 antialias=antialias),
         {"size": list(size), "mode": names[mode], "aligned": align, "antialias": antialias},
         x=normal(*x))


def scaled(mode, x, factors, align=False, antialias=False, recompute=None):
    names = {"nearest": "nearest", "nearest-exact": "nearest_exact", "linear": "linear",
             "bilinear": "linear", "bicubic": "cubic", "area": "average"}
    size = [int(extent * factor) for extent, factor in zip(x[2:], factors)]
    tag = "x".join(map(str, x[2:])) + "_by_" + "_".join(map(str, factors)).replace(".", "p")
    tag += "_aligned" * align + "_antialiased" * antialias + "_recomputed" * bool(recompute)
    smooth = names[mode] in ("linear", "cubic")
    attrs = {"size": size, "mode": names[mode], "aligned": align, "antialias": antialias}
    if not recompute:
        attrs["factors"] = list(factors)
    case(f"resize_{mode.replace('-', '_')}_{tag}", "resize",
         lambda x: F.interpolate(x, scale_factor=tuple(factors), mode=mode,
                                 align_corners=align if smooth else None, antialias=antialias,
                                 recompute_scale_factor=recompute),
         attrs, x=normal(*x))


def by_factors():
    """Positions go by the factor that is given, not by the extents that come of it."""
    for x, factors in [((2, 2, 5, 7), (1.5, 1.5)), ((1, 2, 5, 7), (0.6, 2.5)),
                       ((1, 3, 4, 9), (2.2, 0.75)), ((1, 1, 3, 11), (1.7, 1.3))]:
        for mode in ("nearest", "nearest-exact", "area", "bilinear", "bicubic"):
            scaled(mode, x, factors)
            scaled(mode, x, factors, recompute=True)
        for mode in ("bilinear", "bicubic"):
            scaled(mode, x, factors, align=True)
            scaled(mode, x, factors, antialias=True)
    # Where nothing changes, or doubles, the factor does not count. PyTorch's gradient of bicubic differs from that of
    # its own answer there, so it is left out.
    for mode in ("nearest", "nearest-exact", "area", "bilinear"):
        scaled(mode, (1, 2, 4, 3), (1.2, 1.25))
        scaled(mode, (1, 2, 2, 3), (2.2, 1.3))
    for mode in ("nearest", "linear", "area"):
        scaled(mode, (2, 3, 7), (1.4,))


def resampling():
    planes = [((2, 2, 4, 5), (7, 11)), ((1, 3, 8, 9), (3, 4)), ((1, 2, 5, 4), (10, 2)),
              ((1, 2, 1, 1), (3, 2)), ((1, 2, 6, 7), (1, 1))]
    for x, size in planes:
        for mode in ("nearest", "nearest-exact", "area"):
            resized(mode, x, size)
        for mode in ("bilinear", "bicubic"):
            for align in (False, True):
                resized(mode, x, size, align)
                resized(mode, x, size, align, antialias=True)
    for mode in ("nearest", "linear", "area"):
        resized(mode, (2, 3, 7), (12,))
    for mode in ("nearest", "nearest-exact", "trilinear", "area"):
        resized(mode, (1, 2, 4, 3, 5), (3, 6, 7))
    by_factors()


def main(folder=common.GOLDENS):
    groups = (convolutions, poolings, norms, resampling)
    # Unpooling has only one implementation; on one thread it repeats itself too.
    ops.write("ops_spatial", __file__, 20250711, groups, folder, deterministic=False)


if __name__ == "__main__":
    main()
