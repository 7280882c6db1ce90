"""Tables of layer and loss cases: what PyTorch's modules answer, and their gradients.

Writes layers, losses and mask_losses, each a .json and a .safetensors. For a case `c` the
tensors are `c.in.<name>`, `c.param.<key>` (state before), `c.out.<name>`, `c.state.<key>` (buffers after),
`c.cot.<name>`, `c.grad.in.<name>` and `c.grad.param.<key>`; gradients are those of sum(cot * out). All
are float64 of values that float32 holds exactly; the table's `single` is, for each computed tensor,
how far PyTorch's own float32 is from it.
"""

import json

import torch
from torch import nn
from torch.nn import functional as F
from torchvision import ops as vision

import common

CASES = []
normal = common.exactly_float32


def distinct(*shape):
    """Values with no ties and gaps wide enough that a maximum is the same in any precision."""
    count = torch.Size(shape).numel()
    return ((torch.randperm(count) - count // 2).float() / 8).reshape(shape).double()


def uniform(*shape, low=0.0, high=1.0):
    return (torch.rand(*shape, dtype=torch.float32) * (high - low) + low).double()


def whole(end, *shape):
    return torch.randint(0, end, shape, dtype=torch.int32)


def case(name, kind, module, attrs=None, call=None, outputs=("y",), training=True, fixed=(),
         **inputs):
    """Appends a case; `call(module, **inputs)` returns a tensor or a tuple.

    Every parameter and running statistic is drawn anew. Inputs named in `fixed` get no gradient.
    """
    assert name not in [c["name"] for c in CASES], name
    for key, value in module.state_dict().items():
        if value.is_floating_point():
            positive = key.endswith("running_var")
            value.copy_(uniform(*value.shape, low=0.5, high=2) if positive
                        else normal(*value.shape, scale=0.5))
    CASES.append({"name": name, "kind": kind, "module": module, "attrs": attrs or {},
                  "call": call or (lambda m, **k: m(*k.values())), "outputs": list(outputs),
                  "training": training, "fixed": set(fixed), "inputs": inputs})


def function(name, kind, call, attrs=None, **inputs):
    """Appends a case without parameters."""
    case(name, kind, nn.Identity(), attrs, lambda m, **k: call(*k.values()), **inputs)


# Layers ----------------------------------------------------------------------------------------


def convolutions():
    def conv(name, x, out, kernel, **options):
        axes = len(x) - 2
        kind = f"conv{axes}d"
        sides = options.pop("sides", None)
        if sides:
            attrs = {"low": [s[0] for s in sides], "high": [s[1] for s in sides]}
        else:
            attrs = {"padding": options.get("padding", 0)}
        attrs |= {"in": x[1], "out": out, "kernel": kernel, "stride": options.get("stride", 1),
                  "dilation": options.get("dilation", 1), "groups": options.get("groups", 1),
                  "bias": options.get("bias", True), "mode": options.get("padding_mode", "zeros")}
        module = (nn.Conv1d if axes == 1 else nn.Conv2d)(x[1], out, kernel, **options)
        flat = [n for pair in reversed(sides or []) for n in pair]
        case(f"{kind}_{name}", kind, module, attrs,
             (lambda m, x: m(F.pad(x, flat))) if sides else None, x=normal(*x))

    conv("plain", [2, 3, 9], 5, 3)
    conv("batch1_strided", [1, 5, 14], 3, 4, stride=3, padding=2, dilation=2)
    conv("grouped", [2, 6, 7], 9, 3, groups=3, bias=False)
    conv("same_even", [1, 3, 8], 2, 4, padding="same")
    conv("causal", [2, 3, 7], 4, 3, sides=[(4, 0)], dilation=2)
    for mode in ("reflect", "replicate", "circular"):
        conv(mode, [1, 3, 7], 2, 5, padding=2, padding_mode=mode)
    conv("plain", [2, 3, 7, 6], 5, (3, 2))
    conv("batch1", [1, 1, 5, 5], 1, 5)
    conv("strided_dilated", [1, 5, 11, 9], 7, 3, stride=(2, 3), padding=(2, 1), dilation=(2, 1))
    conv("grouped", [2, 6, 5, 5], 4, 3, padding=1, groups=2, bias=False)
    conv("depthwise", [1, 7, 6, 5], 7, 3, padding=1, groups=7)
    conv("same", [1, 3, 6, 5], 2, (4, 3), padding="same", dilation=(1, 2))
    conv("asymmetric", [2, 3, 6, 5], 4, 3, stride=2, sides=[(0, 1), (1, 2)])
    for mode in ("reflect", "replicate", "circular"):
        conv(mode, [1, 3, 5, 6], 2, 3, padding=(2, 1), padding_mode=mode)

    def transposed(name, x, out, kernel, **options):
        axes = len(x) - 2
        kind = f"conv_transposed{axes}d"
        attrs = {"in": x[1], "out": out, "kernel": kernel, "stride": 1, "padding": 0,
                 "output_padding": 0, "dilation": 1, "groups": 1, "bias": True} | options
        module = nn.ConvTranspose1d if axes == 1 else nn.ConvTranspose2d
        case(f"{kind}_{name}", kind, module(x[1], out, kernel, **options), attrs, x=normal(*x))

    transposed("plain", [2, 3, 5], 2, 3)
    transposed("all", [1, 4, 5], 6, 3, stride=3, padding=1, output_padding=2, groups=2, dilation=2)
    transposed("plain", [2, 3, 4, 5], 5, 3)
    transposed("doubled", [1, 3, 4, 3], 2, 4, stride=2, padding=1, bias=False)
    transposed("all", [1, 6, 3, 4], 3, (3, 2), stride=(2, 3), padding=1, output_padding=(1, 2),
               groups=3, dilation=(1, 2))


def pools():
    case("max_pool1d", "max_pool1d", nn.MaxPool1d(3, 2, 1),
         {"kernel": 3, "stride": 2, "padding": 1}, x=distinct(2, 3, 8))
    case("max_pool2d", "max_pool2d", nn.MaxPool2d(3, 2, 1),
         {"kernel": 3, "stride": 2, "padding": 1}, x=distinct(1, 3, 7, 6))
    case("avg_pool1d", "avg_pool1d", nn.AvgPool1d(3, 2, 1),
         {"kernel": 3, "stride": 2, "padding": 1}, x=normal(2, 3, 8))
    case("avg_pool2d", "avg_pool2d", nn.AvgPool2d(3, 2, 1),
         {"kernel": 3, "stride": 2, "padding": 1}, x=normal(1, 3, 7, 6))
    for size, x in [(3, (2, 3, 7)), (4, (1, 5, 8)), (5, (1, 2, 3))]:
        case(f"adaptive_avg_pool1d_{size}", "adaptive_avg_pool1d", nn.AdaptiveAvgPool1d(size),
             {"size": size}, x=normal(*x))
        case(f"adaptive_max_pool1d_{size}", "adaptive_max_pool1d", nn.AdaptiveMaxPool1d(size),
             {"size": size}, x=distinct(*x))
    for size, x in [((3, 2), (2, 3, 7, 5)), ((1, 1), (1, 5, 4, 3)), ((7, 7), (1, 3, 5, 9))]:
        tag = "x".join(map(str, size))
        case(f"adaptive_avg_pool2d_{tag}", "adaptive_avg_pool2d", nn.AdaptiveAvgPool2d(size),
             {"size": size}, x=normal(*x))
        case(f"adaptive_max_pool2d_{tag}", "adaptive_max_pool2d", nn.AdaptiveMaxPool2d(size),
             {"size": size}, x=distinct(*x))
    function("global_average_pool", "global_average_pool", lambda x: x.mean((2, 3)),
             x=normal(2, 5, 3, 4))
    function("global_max_pool", "global_max_pool", lambda x: x.amax((2, 3)),
             x=distinct(2, 5, 3, 4))


def norms():
    for name, x, training in [("rank2", (5, 3), True), ("rank3", (2, 5, 4), True),
                              ("inference", (1, 3, 4), False)]:
        case(f"batch_norm1d_{name}", "batch_norm1d", nn.BatchNorm1d(x[1]), {"channels": x[1]},
             training=training, x=normal(*x, scale=1.5, mean=0.5))
    for name, x, training in [("training", (2, 3, 4, 3), True), ("batch1", (1, 5, 3, 3), True),
                              ("inference", (2, 7, 2, 3), False)]:
        case(f"batch_norm2d_{name}", "batch_norm2d", nn.BatchNorm2d(x[1], momentum=0.3),
             {"channels": x[1], "momentum": 0.3}, training=training,
             x=normal(*x, scale=1.5, mean=0.5))
    for name, shape, x in [("last", [7], (2, 3, 7)), ("two", [3, 5], (2, 3, 5)),
                           ("batch1", [17], (1, 17))]:
        case(f"layer_norm_{name}", "layer_norm", nn.LayerNorm(shape), {"features": shape},
             x=normal(*x, scale=2, mean=1))
    case("layer_norm_plain", "layer_norm", nn.LayerNorm(5, elementwise_affine=False, eps=1e-3),
         {"features": [5], "affine": False, "epsilon": 1e-3}, x=normal(3, 5))
    for groups, x in [(3, (2, 6, 3, 5)), (1, (1, 5, 4, 4)), (5, (1, 5, 3, 2)), (2, (3, 4))]:
        case(f"group_norm_{groups}", "group_norm", nn.GroupNorm(groups, x[1]),
             {"groups": groups, "channels": x[1]}, x=normal(*x, scale=1.5, mean=0.5))
    for affine in (False, True):
        case(f"instance_norm2d_{str(affine).lower()}", "instance_norm2d",
             nn.InstanceNorm2d(3, affine=affine), {"channels": 3, "affine": affine},
             x=normal(1, 3, 4, 5, scale=1.5, mean=0.5))
    for size, x in [(5, (2, 7, 3, 3)), (4, (1, 5, 2, 3)), (3, (1, 2, 4, 4))]:
        case(f"local_response_norm_{size}", "local_response_norm",
             nn.LocalResponseNorm(size, alpha=0.5, beta=0.75, k=2),
             {"size": size, "alpha": 0.5, "beta": 0.75, "k": 2}, x=normal(*x))


def activations():
    table = {
        "relu": nn.ReLU(), "relu6": nn.ReLU6(), "elu": nn.ELU(), "selu": nn.SELU(),
        "celu": nn.CELU(), "leaky_relu": nn.LeakyReLU(), "tanh": nn.Tanh(),
        "sigmoid": nn.Sigmoid(), "log_sigmoid": nn.LogSigmoid(), "softplus": nn.Softplus(),
        "softsign": nn.Softsign(), "gelu": nn.GELU(), "silu": nn.SiLU(), "mish": nn.Mish(),
        "hard_tanh": nn.Hardtanh(), "hard_swish": nn.Hardswish(),
    }
    for kind, module in table.items():
        case(kind, kind, module, x=normal(3, 5, 7, scale=3))
    # nn.Hardsigmoid's gradient in float64 is of a sixth rounded to float32, off by 3e-8.
    function("hard_sigmoid", "hard_sigmoid", lambda x: F.relu6(x + 3) / 6,
             x=normal(3, 5, 7, scale=3))
    # Values at which a careless formula overflows.
    far = torch.tensor([-800, -100, -30, -20, -1, 1, 19, 20.5, 30, 100, 800]).double()
    for kind in ("softplus", "log_sigmoid", "elu", "selu", "silu", "sigmoid", "gelu", "mish"):
        case(f"{kind}_far", kind, table[kind], x=far.clone())
    # Zero, where kinks are and a careless gradient is 0 or half of what it should be.
    for kind in table:
        case(f"{kind}_zero", kind, table[kind], x=torch.tensor([0, -0.0, 0.5]).double())
    case("elu_alpha", "elu", nn.ELU(0.75), {"alpha": 0.75}, x=normal(1, 7))
    case("celu_alpha", "celu", nn.CELU(2), {"alpha": 2}, x=normal(1, 7))
    case("leaky_relu_slope", "leaky_relu", nn.LeakyReLU(0.25), {"slope": 0.25}, x=normal(1, 7))
    case("softplus_beta", "softplus", nn.Softplus(2.5, 3), {"beta": 2.5, "threshold": 3},
         x=normal(5, 7, scale=2))
    case("gelu_tanh", "gelu", nn.GELU("tanh"), {"approximate": True}, x=normal(5, 7, scale=2))
    case("hard_tanh_range", "hard_tanh", nn.Hardtanh(-0.5, 2), {"low": -0.5, "high": 2},
         x=normal(5, 7, scale=2))
    function("scaled_tanh", "scaled_tanh", lambda x: 1.7159 * torch.tanh(2 * x / 3),
             x=normal(5, 7, scale=2))
    for axis in (1, -1):
        tag = str(axis).replace("-1", "last")
        case(f"softmax_{tag}", "softmax", nn.Softmax(axis), {"axis": axis}, x=normal(2, 5, 3))
        case(f"log_softmax_{tag}", "log_softmax", nn.LogSoftmax(axis), {"axis": axis},
             x=normal(2, 5, 3))
    case("prelu_shared", "prelu", nn.PReLU(), {"channels": 1}, x=normal(2, 3, 5))
    case("prelu_zero", "prelu", nn.PReLU(), {"channels": 1}, x=torch.tensor([0, -0.0, -1]).double())
    case("prelu_channels", "prelu", nn.PReLU(5), {"channels": 5}, x=normal(1, 5, 3, 3))


def sequences():
    case("linear", "linear", nn.Linear(5, 3), {"in": 5, "out": 3, "bias": True}, x=normal(2, 5))
    case("linear_batch1", "linear", nn.Linear(17, 1, bias=False),
         {"in": 17, "out": 1, "bias": False}, x=normal(1, 17))
    case("linear_rank4", "linear", nn.Linear(3, 7), {"in": 3, "out": 7, "bias": True},
         x=normal(2, 1, 5, 3))
    case("embedding", "embedding", nn.Embedding(7, 3), {"symbols": 7, "features": 3},
         call=lambda m, x: m(x.long()), x=whole(7, 2, 5))
    for bias in (True, False):
        tag = "" if bias else "_no_bias"
        attrs = {"in": 3, "hidden": 5, "bias": bias}
        case(f"lstm_cell{tag}", "lstm_cell", nn.LSTMCell(3, 5, bias=bias), attrs,
             lambda m, x, hidden, cell: m(x, (hidden, cell)), ("hidden", "cell"),
             x=normal(2, 3), hidden=normal(2, 5), cell=normal(2, 5))
        case(f"gru_cell{tag}", "gru_cell", nn.GRUCell(3, 5, bias=bias), attrs,
             outputs=("hidden",), x=normal(2, 3), hidden=normal(2, 5))
    case("lstm_cell_start", "lstm_cell", nn.LSTMCell(3, 5), {"in": 3, "hidden": 5, "bias": True},
         outputs=("hidden", "cell"), x=normal(1, 3))

    def flat(result):
        output, last = result
        return (output, *last) if isinstance(last, tuple) else (output, last)

    for name, module, names in [("lstm", nn.LSTM, ("output", "hidden", "cell")),
                                ("gru", nn.GRU, ("output", "hidden"))]:
        for tag, layers, both, x in [("", 1, False, (2, 4, 3)), ("_stacked", 2, True, (1, 3, 5))]:
            case(f"{name}{tag}", name,
                 module(x[2], 4, layers, batch_first=True, bidirectional=both),
                 {"in": x[2], "hidden": 4, "layers": layers, "bidirectional": both},
                 lambda m, x: flat(m(x)), names, x=normal(*x))
    for name, heads, steps, causal in [("plain", 3, 5, False), ("causal", 2, 4, True),
                                       ("one_step", 1, 1, False)]:
        mask = torch.ones(steps, steps, dtype=torch.bool).triu(1) if causal else None
        case(f"attention_{name}", "attention",
             nn.MultiheadAttention(6, heads, batch_first=True),
             {"features": 6, "heads": heads, "causal": causal},
             lambda m, x, mask=mask: m(x, x, x, attn_mask=mask, need_weights=False)[0],
             x=normal(2, steps, 6))
    for name, attrs in {
            "nearest": {"factor": 2, "mode": "nearest"},
            "nearest_odd": {"size": [5, 7], "mode": "nearest"},
            "bilinear": {"size": [5, 7], "mode": "bilinear"},
            "bilinear_half": {"factor": 0.5, "mode": "bilinear"},
            "bilinear_corners": {"size": [7, 5], "mode": "bilinear", "align_corners": True},
            "bicubic": {"size": [6, 9], "mode": "bicubic"}}.items():
        options = {"scale_factor" if key == "factor" else key: value
                   for key, value in attrs.items()}
        case(f"upsample_{name}", "upsample", nn.Upsample(**options), attrs, x=normal(1, 3, 4, 4))


# Losses ----------------------------------------------------------------------------------------


def losses():
    def add(name, kind, call, attrs, x, target, fixed=("target",)):
        for reduction in attrs.pop("reductions", ["mean"]):
            suffix = "" if reduction == "mean" else f"_{reduction}"
            case(f"{kind}_{name}{suffix}", kind, nn.Identity(), attrs | {"reduction": reduction},
                 lambda m, x, target, r=reduction: call(x, target, r), fixed=fixed,
                 x=x.clone(), target=target.clone())

    every = ["mean", "sum", "none"]
    weights = [0.5, 2.0, 0.25, 1.5, 1.0]

    def entropy(name, x, labels, **options):
        reductions = options.pop("reductions", ["mean"])
        attrs = {"reductions": reductions, "smoothing": options.get("label_smoothing", 0),
                 "weights": options.get("weight"), "ignoring": options.get("ignore_index")}

        def call(x, target, reduction):
            weight = options.get("weight")
            weight = None if weight is None else torch.tensor(weight, dtype=x.dtype)
            target = target if target.is_floating_point() else target.long()
            return F.cross_entropy(x, target, **(options | {"weight": weight}),
                                   reduction=reduction)

        add(name, "cross_entropy", call, attrs, x, labels)

    entropy("plain", normal(6, 5), whole(5, 6), reductions=every)
    entropy("batch1", normal(1, 3), whole(3, 1))
    entropy("smoothing", normal(5, 7), whole(7, 5), label_smoothing=0.125)
    entropy("weights", normal(6, 5), whole(5, 6), weight=weights, reductions=every)
    entropy("weights_smoothing", normal(6, 5), whole(5, 6), weight=weights, label_smoothing=0.25,
            reductions=every)
    labels = whole(5, 7)
    labels[2] = labels[5] = 255
    entropy("ignoring", normal(7, 5), labels, ignore_index=255, reductions=every)
    entropy("ignoring_smoothing", normal(7, 5), labels, ignore_index=255, label_smoothing=0.25)
    inside = whole(5, 7)
    inside[0] = inside[3] = 2
    entropy("everything", normal(7, 5), inside, ignore_index=2, weight=weights,
            label_smoothing=0.25, reductions=every)
    entropy("pixels", normal(2, 5, 3, 2), whole(5, 2, 3, 2), reductions=every)
    pixels = whole(5, 2, 3, 4)
    pixels[:, 0, 1:3] = -100
    entropy("pixels_everything", normal(2, 5, 3, 4), pixels, ignore_index=-100, weight=weights,
            label_smoothing=0.125, reductions=every)
    soft = torch.softmax(normal(4, 5), 1).float().double()
    entropy("soft", normal(4, 5), soft, reductions=every)
    entropy("soft_weights", normal(4, 5), soft, weight=weights, label_smoothing=0.125)
    entropy("soft_pixels", normal(2, 5, 3, 1), torch.softmax(normal(2, 5, 3, 1), 1).float().double())
    entropy("confident", normal(4, 5, scale=200), whole(5, 4))

    def likelihood(name, x, labels, **options):
        attrs = {"reductions": options.pop("reductions", ["mean"]),
                 "weights": options.get("weight"), "ignoring": options.get("ignore_index")}

        def call(x, target, reduction):
            weight = options.get("weight")
            weight = None if weight is None else torch.tensor(weight, dtype=x.dtype)
            return F.nll_loss(x, target.long(), **(options | {"weight": weight}),
                              reduction=reduction)

        add(name, "nll", call, attrs, x, labels)

    likelihood("plain", normal(6, 5), whole(5, 6), reductions=every)
    likelihood("everything", normal(7, 5), labels, weight=weights, ignore_index=255,
               reductions=every)
    likelihood("pixels", normal(2, 5, 3, 1), whole(5, 2, 3, 1), weight=weights)

    def binary(name, x, target, reductions=("mean",), weight=None, pos_weight=None):
        def call(x, t, reduction):
            row = lambda w: None if w is None else torch.tensor(w, dtype=x.dtype)
            return F.binary_cross_entropy_with_logits(
                x, t, row(weight), reduction=reduction, pos_weight=row(pos_weight))

        add(name, "bce", call, {"reductions": list(reductions), "weights": weight,
                                "positive_weights": pos_weight}, x, target)

    binary("plain", normal(3, 5), uniform(3, 5), every)
    binary("far", normal(3, 5, scale=100), whole(2, 3, 5).double())
    binary("weights", normal(3, 3), whole(2, 3, 3).double(), weight=[0.5, 1.0, 2.0],
           pos_weight=[3.0, 0.25, 1.0])
    zero = torch.zeros(2, 2).double()
    binary("zero", zero, torch.tensor([[0, 1], [0.5, 0.25]]).double())
    x, t = normal(3, 5, scale=2), normal(3, 5)
    both = {"reductions": every}
    add("plain", "mse", lambda x, t, r: F.mse_loss(x, t, reduction=r), dict(both), x, t, ())
    add("zero", "l1", lambda x, t, r: F.l1_loss(x, t, reduction=r), {}, zero, zero, ())
    add("zero", "huber", lambda x, t, r: F.huber_loss(x, t, reduction=r), {"delta": 1.0}, zero,
        torch.tensor([[0, 1], [-1, 2]]).double(), ())
    add("zero", "focal", lambda x, t, r: vision.sigmoid_focal_loss(x, t, reduction=r),
        {"alpha": 0.25, "gamma": 2}, zero, torch.tensor([[0, 1], [1, 1]]).double())
    add("plain", "l1", lambda x, t, r: F.l1_loss(x, t, reduction=r), dict(both), x, t, ())
    for delta in (1.0, 0.5):
        add(f"{delta}".replace(".", "_"), "huber",
            lambda x, t, r, d=delta: F.huber_loss(x, t, reduction=r, delta=d),
            {"delta": delta, **both}, x, t, ())
    for beta in (1.0, 0.5, 0.0):
        add(f"{beta}".replace(".", "_"), "smooth_l1",
            lambda x, t, r, b=beta: F.smooth_l1_loss(x, t, reduction=r, beta=b),
            {"beta": beta, **both}, x, t, ())
    for name, alpha, gamma in [("plain", 0.25, 2), ("gamma", 0.75, 1.5), ("no_alpha", -1, 3),
                               ("gamma0", 0.5, 0)]:
        add(name, "focal",
            lambda x, t, r, a=alpha, g=gamma: vision.sigmoid_focal_loss(x, t, a, g, r),
            {"alpha": alpha, "gamma": gamma, **both}, normal(3, 5, scale=2),
            whole(2, 3, 5).double())
    logs, shares = F.log_softmax(normal(3, 5), 1).float().double(), soft[:3].clone()
    shares[0, 2] = 0
    kinds = {"reductions": [*every, "batchmean"]}
    add("plain", "kl", lambda x, t, r: F.kl_div(x, t, reduction=r),
        {"log_target": False, **kinds}, logs, shares)
    add("log_target", "kl", lambda x, t, r: F.kl_div(x, t, reduction=r, log_target=True),
        {"log_target": True, **kinds}, logs, F.log_softmax(normal(3, 5), 1).float().double(), ())


def mask_losses():
    """Losses of segmentation; `lovasz` is the authors' algorithm 1 with classes present, over the whole batch."""
    def add(name, kind, call, attrs, x, target):
        case(f"{kind}_{name}", kind, nn.Identity(), attrs, lambda m, x, target: call(x, target.long()),
             fixed=("target",), x=x, target=target)

    def parts(x, target, ignored):
        """Probabilities and truth [C, pixels] of what counts."""
        keep = target.reshape(-1) != (ignored if ignored is not None else -1)
        p = F.softmax(x, 1).transpose(0, 1).reshape(x.shape[1], -1)[:, keep]
        hot = F.one_hot(target.reshape(-1)[keep], x.shape[1]).T.to(x.dtype)
        return p, hot

    def dice(x, target, s, ignored):
        p, t = parts(x, target, ignored)
        return 1 - ((2 * (p * t).sum(1) + s) / (p.sum(1) + t.sum(1) + s)).mean()

    def jaccard(x, target, s, ignored):
        p, t = parts(x, target, ignored)
        both = (p * t).sum(1)
        return 1 - ((both + s) / (p.sum(1) + t.sum(1) - both + s)).mean()

    def lovasz(x, target, ignored):
        found = []
        for p, t in zip(*parts(x, target, ignored)):
            if t.sum() == 0:
                continue
            errors, order = torch.sort((t - p).abs(), descending=True)
            so = t[order]
            step = 1 - (so.sum() - so.cumsum(0)) / (so.sum() + (1 - so).cumsum(0))
            step[1:] = step[1:] - step[:-1].clone()
            found.append(errors @ step)
        return sum(found) / len(found)

    def focal(x, target, gamma, weights, ignored, reduction):
        weight = None if weights is None else torch.tensor(weights, dtype=x.dtype)
        miss = 1 - F.softmax(x, 1).gather(1, target.clamp(0, x.shape[1] - 1)[:, None])[:, 0]
        options = {"weight": weight, "ignore_index": -100 if ignored is None else ignored}
        losses = miss ** gamma * F.cross_entropy(x, target, reduction="none", **options)
        if reduction == "none":
            return losses
        counts = F.nll_loss(-torch.ones_like(x), target, reduction="sum", **options)
        return losses.sum() / (counts if reduction == "mean" else 1)

    full = whole(4, 2, 5, 6)
    holes = whole(4, 2, 5, 6)
    holes[:, 1:3, 2:5] = 255
    few = whole(2, 3, 4, 1)  # of five classes, only two
    for name, x, target, ignored in [
            ("plain", normal(2, 4, 5, 6, scale=2), full, None),
            ("ignoring", normal(2, 4, 5, 6, scale=2), holes, 255),
            ("absent", normal(3, 5, 4, 1), few, None), ("rows", normal(6, 3), whole(3, 6), None)]:
        for smoothing in (1.0, 0.125):
            attrs = {"smoothing": smoothing, "ignoring": ignored}
            suffix = name if smoothing == 1 else f"{name}_smooth"
            add(suffix, "dice", lambda x, t, s=smoothing, i=ignored: dice(x, t, s, i), attrs,
                x.clone(), target.clone())
            add(suffix, "jaccard", lambda x, t, s=smoothing, i=ignored: jaccard(x, t, s, i), attrs,
                x.clone(), target.clone())
        add(name, "lovasz", lambda x, t, i=ignored: lovasz(x, t, i), {"ignoring": ignored},
            x.clone(), target.clone())
    weights = [0.5, 2.0, 0.25, 1.5]
    for name, gamma, weight, target, ignored in [
            ("plain", 2.0, None, full, None), ("gamma1", 1.0, None, full, None),
            ("gamma0", 0.0, weights, holes, 255), ("everything", 2.5, weights, holes, 255)]:
        for reduction in ("mean", "sum", "none"):
            add(f"{name}_{reduction}", "softmax_focal",
                lambda x, t, g=gamma, w=weight, i=ignored, r=reduction: focal(x, t, g, w, i, r),
                {"gamma": gamma, "weights": weight, "ignoring": ignored, "reduction": reduction},
                normal(2, 4, 5, 6, scale=2), target.clone())


# Writing ---------------------------------------------------------------------------------------


def run(entry, dtype, cotangents):
    """Runs a case in a precision; returns what it computed, under the goldens' names."""
    module = entry["module"].to(dtype).train(entry["training"])
    before = {key: value.clone() for key, value in module.state_dict().items()}
    module.zero_grad()
    inputs = {}
    for name, value in entry["inputs"].items():
        x = value.to(dtype) if value.is_floating_point() else value
        inputs[name] = x.clone().requires_grad_(x.is_floating_point()
                                                and name not in entry["fixed"])
    results = entry["call"](module, **inputs)
    results = results if isinstance(results, tuple) else (results,)
    outputs = dict(zip(entry["outputs"], results, strict=True))
    for name, y in outputs.items():
        cotangents.setdefault(name, normal(*y.shape))
    sum((cotangents[name].to(dtype) * y).sum() for name, y in outputs.items()).backward()
    found = {f"out.{name}": y.detach() for name, y in outputs.items()}
    found |= {f"grad.in.{name}": x.grad for name, x in inputs.items() if x.grad is not None}
    found |= {f"grad.param.{key}": p.grad for key, p in module.named_parameters()}
    found |= {f"state.{key}": value.clone() for key, value in module.named_buffers()}
    module.load_state_dict(before)
    return found, before


def evaluate(entry):
    cotangents = {}
    single, _ = run(entry, torch.float32, cotangents)
    found, before = run(entry, torch.float64, cotangents)
    name = entry["name"]
    tensors = {f"{name}.in.{key}": value for key, value in entry["inputs"].items()}
    tensors |= {f"{name}.param.{key}": value for key, value in before.items()}
    tensors |= {f"{name}.cot.{key}": value for key, value in cotangents.items()}
    tensors |= {f"{name}.{key}": value for key, value in found.items()}
    errors = {}
    for key, value in found.items():
        assert torch.isfinite(value).all(), (name, key)
        norm = torch.linalg.vector_norm(value.double()).item()
        error = torch.linalg.vector_norm(value.double() - single[key].double()).item()
        errors[key] = float(f"{error / norm if norm else error:.1e}")
    line = {"name": name, "kind": entry["kind"], "attrs": entry["attrs"],
            "training": entry["training"], "inputs": list(entry["inputs"]),
            "params": list(before), "outputs": entry["outputs"], "single": errors}
    return tensors, line


def table(folder, name, *groups):
    common.seed(20240704)
    CASES.clear()
    for group in groups:
        group()
    tensors, lines = {}, []
    for entry in CASES:
        values, line = evaluate(entry)
        tensors |= values
        lines.append(line)
    common.save(folder, name, tensors, __file__)
    path = common.pathlib.Path(folder) / f"{name}.json"
    path.write_text("[\n" + ",\n".join(json.dumps(line) for line in lines) + "\n]\n")
    print(f"{path.name}: {len(lines)} cases")


def main(folder=common.GOLDENS):
    table(folder, "layers", convolutions, pools, norms, activations, sequences)
    table(folder, "losses", losses)
    table(folder, "mask_losses", mask_losses)


if __name__ == "__main__":
    main()
