"""How far a network's activations are from points where they have no derivative, or where its answer jumps."""

import copy

import torch
from torch.utils._python_dispatch import TorchDispatchMode

import zoo

DRAWS = 16  # of images, of which those are taken that are farthest from all kinks
# Points without a derivative, by op.
KINKS = {"relu": [0], "_prelu_kernel": [0], "leaky_relu": [0], "hardtanh": [0, 6], "hardswish": [-3, 3],
         "hardsigmoid": [-3, 3]}


class Gaps(TorchDispatchMode):
    """The smallest distance of an activation to a kink, and of a window's greatest value to the next one."""

    def __init__(self):
        super().__init__()
        self.activation = self.pool = float("inf")

    def __torch_dispatch__(self, op, types, args=(), kwargs=None):
        name = op.name().split("::")[1].split(".")[0].removesuffix("_")
        if name in KINKS:
            self.activation = min([self.activation] + [(args[0] - kink).abs().min().item() for kink in KINKS[name]])
        if name == "max_pool2d_with_indices":
            self.pool = min(self.pool, self.between(*args))
        return op(*args, **(kwargs or {}))

    @staticmethod
    def between(x, kernel, stride=(), padding=(0, 0), dilation=(1, 1), ceil=False):
        pair = lambda p: tuple(p) if len(p) == 2 else tuple(p) * 2
        (kh, kw), (sh, sw), (ph, pw) = pair(kernel), pair(stride or kernel), pair(padding)
        # Behind the image as far as windows of a rounded-up extent may reach.
        x = torch.nn.functional.pad(x, (pw, pw + (sw if ceil else 0), ph, ph + (sh if ceil else 0)), value=-1e30)
        windows = x.unfold(2, kh, sh).unfold(3, kw, sw).flatten(-2)
        best, second = windows.topk(2).values.unbind(-1)
        # Equal ones are zeros of a channel that a ReLU has closed, where no gradient passes, or copies of one value
        # by a pooling before, which gets the gradient whichever is taken.
        counts = (second > -1e29) & (best != second)
        return min((best - second)[counts].tolist(), default=float("inf"))


def farthest(model, input, modes=(True,), weight=0.01):
    """Of some draws of images the one whose passes in double precision stay farthest from all kinks: its number, its
    distances from kinks and from ties, and the images. `modes` are training or not; the distance from kinks counts
    by a weight, for a pass jumps at ties and only bends at kinks."""
    found = []
    twin = copy.deepcopy(model).double()
    for draw in range(DRAWS):
        batch = zoo.values(f"input {draw}", input, 1.75)
        with torch.no_grad(), Gaps() as gaps:
            for mode in modes:
                copy.deepcopy(twin).train(mode)(batch.double())
        found.append((min(gaps.activation * weight, gaps.pool), draw, gaps.activation, gaps.pool, batch))
    return max(found, key=lambda each: each[0])[1:]
