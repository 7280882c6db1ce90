"""A table of op cases: attributes, inputs, outputs, a cotangent for each output, and gradients.

Writes ops.json (the table) and ops.safetensors (the tensors). For a case `c` the tensors are
`c.in.<name>`, `c.out.<name>`, `c.cot.<name>` and `c.grad.<name>`; `grad` is the gradient of
sum(cot * out) with respect to that input. All are float64; inputs and cotangents are values that
float32 holds exactly. Class indices are int32 and have no gradient.

In the table spatial lists run from the first spatial axis to the last, `padding` is a list of
[low, high] pairs, dilation 1 is dense, layouts are NCHW and OIHW (transposed filters: IOHW).
"""

import json

import torch
from torch.nn import functional as F

import common

CASES = []


def case(name, op, function, attrs=None, outputs=("y",), **inputs):
    """Appends a case. `function` takes the inputs by keyword and returns a tensor or a tuple."""
    assert name not in [c["name"] for c in CASES], name
    assert all(torch.equal(x, x.float().to(x.dtype)) for x in inputs.values()), name
    CASES.append({"name": name, "op": op, "attrs": attrs or {}, "outputs": list(outputs),
                  "function": function, "inputs": inputs})


normal = common.exactly_float32


def positive(*shape):
    return (torch.rand(*shape, dtype=torch.float32) + 0.25).double()


def distinct(*shape):
    """Values with no ties and gaps wide enough that a maximum is the same in any precision."""
    count = torch.Size(shape).numel()
    return ((torch.randperm(count) - count // 2).float() / 8).reshape(shape).double()


# Windows ---------------------------------------------------------------------------------------


def flat_padding(padding):
    """[[low, high], ...] from first to last axis -> F.pad's list from last to first."""
    return [side for pair in reversed(padding) for side in pair]


def convolution(name, x, w, stride=1, padding=0, dilation=1, groups=1, bias=True):
    """`w` is [out, in / groups, ...]; scalars stand for every axis; padding may be pairs."""
    axes = len(x) - 2
    spread = lambda value: list(value) if isinstance(value, (list, tuple)) else [value] * axes
    padding = [list(p) if isinstance(p, (list, tuple)) else [p, p] for p in spread(padding)]
    stride, dilation = spread(stride), spread(dilation)
    op = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}[axes]
    attrs = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}

    def function(x, w, b=None):
        return op(F.pad(x, flat_padding(padding)), w, b, stride, 0, dilation, groups)

    inputs = {"x": normal(*x), "w": normal(*w, scale=0.5)}
    if bias:
        inputs["b"] = normal(w[0])
    case(f"conv{axes}d_{name}", f"conv{axes}d", function, attrs, **inputs)


def transposed(name, x, w, stride=1, padding=0, output_padding=0, dilation=1, groups=1):
    """`w` is [in, out / groups, ...], as PyTorch lays transposed filters."""
    attrs = {"stride": [stride] * 2, "padding": [[padding, padding]] * 2,
             "output_padding": [output_padding] * 2, "dilation": [dilation] * 2, "groups": groups}
    case(f"conv_transpose2d_{name}", "conv_transpose2d",
         lambda x, w, b: F.conv_transpose2d(
             x, w, b, stride, padding, output_padding, groups, dilation),
         attrs, x=normal(*x), w=normal(*w, scale=0.5), b=normal(w[1] * groups))


def max_pool(name, x, kernel, stride=None, padding=(0, 0), dilation=(1, 1), ceil=False,
             shift=0):
    stride = stride or kernel
    case(f"max_pool2d_{name}", "max_pool2d",
         lambda x: F.max_pool2d(x, kernel, stride, padding, dilation, ceil_mode=ceil),
         {"kernel": list(kernel), "stride": list(stride), "padding": [[p, p] for p in padding],
          "dilation": list(dilation), "ceil": ceil}, x=distinct(*x) + shift)


def avg_pool(name, x, kernel, stride=None, padding=(0, 0), ceil=False, include_pad=True):
    stride = stride or kernel
    case(f"avg_pool2d_{name}", "avg_pool2d",
         lambda x: F.avg_pool2d(x, kernel, stride, padding, ceil, include_pad),
         {"kernel": list(kernel), "stride": list(stride), "padding": [[p, p] for p in padding],
          "ceil": ceil, "count_include_pad": include_pad}, x=normal(*x))


def windows():
    convolution("plain", [2, 3, 7, 6], [4, 3, 3, 3])
    convolution("no_bias", [2, 3, 5, 5], [4, 3, 3, 3], bias=False)
    convolution("batch1", [1, 2, 6, 6], [3, 2, 3, 3], padding=1)
    convolution("one_by_one", [2, 5, 4, 3], [7, 5, 1, 1])
    convolution("one_by_one_stride2", [2, 3, 5, 6], [4, 3, 1, 1], stride=2)
    convolution("stride2", [2, 3, 8, 7], [5, 3, 3, 3], stride=2, padding=1)
    convolution("stride3_leftover", [1, 2, 11, 9], [3, 2, 3, 3], stride=3)
    convolution("stride_uneven", [2, 2, 9, 8], [3, 2, 3, 2], stride=(2, 1), padding=(1, 0))
    convolution("asymmetric", [2, 3, 6, 7], [4, 3, 3, 3], padding=((1, 2), (0, 1)))
    convolution("asymmetric_stride2", [2, 3, 8, 8], [4, 3, 3, 3], stride=2,
                padding=((0, 1), (0, 1)))
    convolution("dilation2", [2, 2, 9, 8], [3, 2, 3, 3], padding=2, dilation=2)
    convolution("dilation_uneven", [1, 2, 10, 7], [3, 2, 3, 2], padding=(1, 0), dilation=(3, 2))
    convolution("stride2_dilation2", [1, 2, 11, 10], [3, 2, 3, 3], stride=2, padding=1, dilation=2)
    convolution("groups2", [2, 6, 5, 5], [4, 3, 3, 3], padding=1, groups=2)
    convolution("groups3_stride2", [1, 6, 7, 7], [9, 2, 3, 3], stride=2, padding=1, groups=3)
    convolution("depthwise", [2, 5, 6, 6], [5, 1, 3, 3], padding=1, groups=5)
    convolution("depthwise_stride2", [1, 6, 7, 8], [6, 1, 3, 3], stride=2, padding=1, groups=6)
    convolution("depthwise_multiplier2", [1, 3, 5, 5], [6, 1, 3, 3], padding=1, groups=3)
    convolution("depthwise_5x5_asymmetric", [1, 4, 8, 8], [4, 1, 5, 5], stride=2,
                padding=((1, 2), (1, 2)), groups=4)
    convolution("even_kernel", [2, 2, 6, 5], [3, 2, 4, 2], padding=((1, 2), (0, 1)))
    convolution("row_kernel", [1, 3, 5, 9], [2, 3, 1, 7], padding=(0, 3))
    convolution("kernel_is_input", [3, 2, 4, 5], [4, 2, 4, 5])
    convolution("lenet_c1", [1, 1, 12, 12], [6, 1, 5, 5], padding=2)
    convolution("channels17to19", [1, 17, 4, 4], [19, 17, 3, 3], padding=1)
    convolution("channels16to32", [1, 16, 4, 4], [32, 16, 3, 3], padding=1)
    convolution("all_at_once", [2, 4, 13, 11], [6, 2, 3, 2], stride=(2, 3),
                padding=((1, 2), (2, 0)), dilation=(2, 3), groups=2)
    convolution("plain", [2, 3, 9], [4, 3, 3])
    convolution("stride2_dilation2", [2, 2, 14], [3, 2, 3], stride=2, padding=((2, 1),), dilation=2)
    convolution("depthwise", [1, 3, 8], [3, 1, 4], padding=((1, 2),), groups=3)
    convolution("plain", [1, 2, 4, 5, 4], [3, 2, 3, 3, 2], padding=(1, 0, 1))

    transposed("plain", [2, 3, 4, 5], [3, 2, 3, 3])
    transposed("stride2", [2, 3, 4, 4], [3, 2, 4, 4], stride=2, padding=1)
    transposed("output_padding", [1, 2, 3, 4], [2, 3, 3, 3], stride=2, padding=1, output_padding=1)
    transposed("groups_dilation", [1, 4, 4, 4], [4, 2, 3, 3], padding=1, dilation=2, groups=2)

    max_pool("plain", [2, 3, 6, 8], (2, 2))
    max_pool("leftover", [1, 2, 7, 5], (2, 2))
    max_pool("overlapping", [2, 3, 7, 7], (3, 3), (2, 2))
    max_pool("padding", [2, 3, 7, 6], (3, 3), (2, 2), (1, 1))
    max_pool("ceil", [1, 2, 8, 7], (3, 3), (2, 2), ceil=True)
    max_pool("ceil_padding", [1, 3, 6, 7], (3, 3), (2, 2), (1, 1), ceil=True)
    max_pool("ceil_drops_last_window", [1, 2, 5, 4], (2, 2), (3, 3), (1, 1), ceil=True)
    max_pool("same", [1, 2, 5, 6], (3, 3), (1, 1), (1, 1))
    max_pool("uneven", [1, 2, 8, 9], (3, 2), (2, 3), (1, 0))
    max_pool("dilation2", [1, 2, 9, 8], (3, 3), (1, 1), (1, 1), (2, 2))
    max_pool("negative_padding", [1, 1, 4, 4], (3, 3), (2, 2), (1, 1), shift=-8)

    avg_pool("plain", [2, 3, 6, 8], (2, 2))
    avg_pool("leftover", [1, 2, 7, 5], (2, 2))
    avg_pool("padding_included", [1, 2, 7, 6], (3, 3), (2, 2), (1, 1))
    avg_pool("padding_excluded", [1, 2, 7, 6], (3, 3), (2, 2), (1, 1), include_pad=False)
    avg_pool("ceil", [1, 2, 8, 7], (3, 3), (2, 2), ceil=True)
    avg_pool("ceil_padding_included", [1, 2, 6, 7], (3, 3), (2, 2), (1, 1), ceil=True)
    avg_pool("ceil_padding_excluded", [1, 2, 6, 7], (3, 3), (2, 2), (1, 1), ceil=True,
             include_pad=False)
    avg_pool("ceil_drops_last_window", [1, 2, 5, 4], (2, 2), (3, 3), (1, 1), ceil=True)
    avg_pool("uneven", [1, 2, 8, 9], (3, 2), (2, 3), (1, 0))
    case("global_avg_pool2d", "mean", lambda x: x.mean((2, 3)), {"axes": [2, 3]},
         x=normal(2, 5, 3, 4))


# Normalisation, matrices, losses ----------------------------------------------------------------


def batch_norm(name, x, momentum=0.1, eps=1e-5, training=True):
    channels = x[1]

    def function(x, w, b, mean, var):
        mean, var = mean.detach().clone(), var.detach().clone()
        y = F.batch_norm(x, mean, var, w, b, training, momentum, eps)
        return (y, mean, var) if training else y

    case(f"batch_norm_{name}", "batch_norm", function,
         {"momentum": momentum, "eps": eps, "training": training},
         ("y", "running_mean", "running_var") if training else ("y",),
         x=normal(*x, scale=1.5, mean=0.5), w=normal(channels), b=normal(channels),
         mean=normal(channels), var=positive(channels))


def dense():
    batch_norm("train", [4, 3, 5, 4])
    batch_norm("train_batch1", [1, 5, 3, 3])
    batch_norm("train_momentum", [3, 2, 2, 3], momentum=0.3, eps=1e-3)
    batch_norm("train_channels17", [2, 17, 2, 2])
    batch_norm("train_no_space", [6, 4])
    batch_norm("inference", [2, 3, 4, 4], training=False)

    linear = lambda x, w, b=None: F.linear(x, w, b)
    case("linear", "linear", linear, x=normal(3, 5), w=normal(4, 5), b=normal(4))
    case("linear_no_bias", "linear", linear, x=normal(2, 7), w=normal(3, 7))
    case("linear_batch1", "linear", linear, x=normal(1, 17), w=normal(19, 17), b=normal(19))
    case("matmul", "matmul", lambda x, y: x @ y, outputs=("z",), x=normal(3, 4), y=normal(4, 5))
    case("matmul_batched", "matmul", lambda x, y: x @ y, outputs=("z",),
         x=normal(2, 3, 3, 4), y=normal(2, 3, 4, 5))

    for axis, shape in [(1, (3, 7)), (1, (2, 3, 2, 3)), (-1, (2, 4, 5)), (0, (4, 3))]:
        tag = f"axis{axis}_rank{len(shape)}".replace("-1", "_last")
        for op, function in [("softmax", F.softmax), ("log_softmax", F.log_softmax)]:
            case(f"{op}_{tag}", op, lambda x, f=function, a=axis: f(x, a), {"axis": axis},
                 x=normal(*shape, scale=2))
    case("softmax_large", "softmax", lambda x: F.softmax(x, 1), {"axis": 1},
         x=normal(3, 4, scale=64, mean=512))

    def cross_entropy(name, shape, smoothing=0.0, scale=2.0):
        labels = torch.randint(0, shape[1], (shape[0], *shape[2:]), dtype=torch.int32)
        case(f"cross_entropy_{name}", "softmax_cross_entropy",
             lambda x, labels: F.cross_entropy(x, labels.long(), label_smoothing=smoothing),
             {"label_smoothing": smoothing, "reduction": "mean"}, ("loss",),
             x=normal(*shape, scale=scale), labels=labels)

    cross_entropy("plain", (6, 10))
    cross_entropy("batch1", (1, 3))
    cross_entropy("smoothing", (5, 7), smoothing=0.1)
    cross_entropy("confident", (4, 5), scale=64.0)
    cross_entropy("per_pixel", (2, 3, 2, 3))


# Pointwise, reductions, movement ----------------------------------------------------------------


def pointwise():
    unary = {
        "relu": F.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "exp": torch.exp,
        "negate": torch.neg, "square": torch.square, "silu": F.silu, "softplus": F.softplus,
        "erf": torch.erf, "abs": torch.abs, "sin": torch.sin, "cos": torch.cos,
    }
    for op, function in unary.items():
        case(op, op, lambda x, f=function: f(x), x=normal(2, 3, 2, 3, scale=1.5))
    for op, function in {"log": torch.log, "sqrt": torch.sqrt, "rsqrt": torch.rsqrt,
                         "reciprocal": torch.reciprocal}.items():
        case(op, op, lambda x, f=function: f(x), x=positive(2, 3, 4))
    case("gelu_erf", "gelu", lambda x: F.gelu(x), {"approximate": False},
         x=normal(3, 5, scale=2))
    case("gelu_tanh", "gelu", lambda x: F.gelu(x, approximate="tanh"), {"approximate": True},
         x=normal(3, 5, scale=2))
    case("leaky_relu", "leaky_relu", lambda x: F.leaky_relu(x, 0.125), {"slope": 0.125},
         x=normal(3, 5))
    case("elu", "elu", lambda x: F.elu(x, 0.75), {"alpha": 0.75}, x=normal(3, 5))
    case("relu6", "clamp", lambda x: F.relu6(x), {"low": 0, "high": 6}, x=normal(4, 5, scale=5))
    case("power3", "power", lambda x: x ** 3, {"exponent": 3}, x=normal(3, 4))
    case("relu_channels17", "relu", lambda x: F.relu(x), x=normal(1, 17, 3, 2))

    binary = {"add": torch.add, "subtract": torch.sub, "multiply": torch.mul,
              "divide": torch.div, "maximum": torch.maximum, "minimum": torch.minimum}
    for op, function in binary.items():
        left, right = distinct(2, 3, 2, 2), distinct(2, 3, 2, 2) + 0.0625
        case(op, op, lambda x, y, f=function: f(x, y), outputs=("z",), x=left, y=right)
        case(f"{op}_broadcast", op, lambda x, y, f=function: f(x, y), outputs=("z",),
             x=distinct(2, 3, 2, 2), y=distinct(1, 3, 1, 1) + 0.0625)

    reductions = {"sum": torch.sum, "mean": torch.mean, "max": torch.amax}
    for op, function in reductions.items():
        for axes, keep in [([0], False), ([2, 3], True), ([0, 2, 3], False), ([0, 1, 2, 3], False)]:
            tag = "".join(map(str, axes)) + ("_keep" if keep else "")
            case(f"{op}_{tag}", op, lambda x, f=function, a=axes, k=keep: f(x, dim=a, keepdim=k),
                 {"axes": axes, "keep_axes": keep}, x=distinct(2, 3, 3, 2))
    case("variance_biased", "variance", lambda x: x.var((0, 2, 3), correction=0),
         {"axes": [0, 2, 3], "keep_axes": False}, x=normal(2, 3, 3, 2))

    case("reshape", "reshape", lambda x: x.reshape(4, 6), {"shape": [4, 6]}, x=normal(2, 3, 4))
    case("flatten", "flatten", lambda x: x.flatten(1), {"from": 1}, x=normal(2, 3, 2, 2))
    case("transpose", "transpose", lambda x: x.permute(2, 0, 1), {"axes": [2, 0, 1]},
         x=normal(2, 3, 4))
    case("pad_zero", "pad", lambda x: F.pad(x, [1, 0, 0, 2]),
         {"padding": [[0, 0], [0, 0], [0, 2], [1, 0]], "value": 0}, x=normal(1, 2, 3, 3))
    case("pad_channels", "pad", lambda x: F.pad(x, [0, 0, 0, 0, 1, 2]),
         {"padding": [[0, 0], [1, 2], [0, 0], [0, 0]], "value": 0}, x=normal(2, 3, 2, 2))
    case("slice", "slice", lambda x: x[:, 1:3, ::2, 1::2],
         {"start": [0, 1, 0, 1], "end": [2, 3, 5, 4], "step": [1, 1, 2, 2]}, x=normal(2, 4, 5, 4))
    case("concat", "concat", lambda x, y: torch.cat([x, y], 1), {"axis": 1}, ("z",),
         x=normal(2, 3, 2, 2), y=normal(2, 2, 2, 2))
    case("broadcast", "broadcast", lambda x: x.expand(2, 3, 2, 4).contiguous(),
         {"shape": [2, 3, 2, 4]}, x=normal(1, 3, 1, 4))


def evaluate(entry):
    """Runs a case and its backward pass; returns its tensors and its line of the table."""
    inputs = {name: value.clone().requires_grad_(value.is_floating_point())
              for name, value in entry["inputs"].items()}
    results = entry["function"](**inputs)
    results = results if isinstance(results, tuple) else (results,)
    outputs = dict(zip(entry["outputs"], results, strict=True))
    cotangents = {name: normal(*y.shape) for name, y in outputs.items() if y.requires_grad}
    if cotangents:
        sum((cotangents[name] * outputs[name]).sum() for name in cotangents).backward()
    gradients = {name: x.grad for name, x in inputs.items() if x.grad is not None}
    name = entry["name"]
    tensors = {}
    for kind, group in [("in", inputs), ("out", outputs), ("cot", cotangents),
                        ("grad", gradients)]:
        tensors.update({f"{name}.{kind}.{key}": value for key, value in group.items()})
        assert all(torch.isfinite(value).all() for value in group.values()), name
    line = {"name": name, "op": entry["op"], "attrs": entry["attrs"], "inputs": list(inputs),
            "outputs": list(outputs), "cotangents": list(cotangents),
            "gradients": list(gradients)}
    return tensors, line


def write(name, script, seed, groups, folder, deterministic=True):
    """Writes the cases that the groups append as NAME.json and NAME.safetensors."""
    common.seed(seed)
    torch.use_deterministic_algorithms(deterministic)
    CASES.clear()
    for group in groups:
        group()
    tensors, table = {}, []
    for entry in CASES:
        values, line = evaluate(entry)
        tensors.update(values)
        table.append(line)
    common.save(folder, name, tensors, script)
    path = common.pathlib.Path(folder) / f"{name}.json"
    path.write_text("[\n" + ",\n".join(json.dumps(line) for line in table) + "\n]\n")
    print(f"{path.name}: {len(table)} cases")


def main(folder=common.GOLDENS):
    write("ops", __file__, 20240503, (windows, dense, pointwise), folder)


if __name__ == "__main__":
    main()
