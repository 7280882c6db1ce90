"""What PyTorch's optimisers, schedules, clipping, accumulation and averages make of small numbers.

Writes training.safetensors, all in float64:
- `rule.<name>`: the weights [steps, 6] after each step of an optimiser on fixed gradients, from a
  matrix [2, 2] and a vector [2] (the last two numbers). LARS and TensorFlow's RMSProp, which PyTorch
  does not have, are computed by their formulas in numpy.
- `net.<case>.<key>`: a small batch-norm network after four steps; `norm.<case>` the gradients' norms
  and `ema.<key>` PyTorch's averaged model.
- `rate.<name>`: learning rates of torch.optim.lr_scheduler at base rate 0.1.
"""

import copy

import numpy
import torch
from torch import nn
from torch.optim import lr_scheduler
from torch.optim.swa_utils import AveragedModel

import common

STEPS = 6
START = torch.tensor([1.0, -2.0, 0.5, 0.25, 1.5, -0.75], dtype=torch.float64)

OPTIMISERS = {
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.1),
    "rmsprop_momentum": lambda p: torch.optim.RMSprop(
        p, lr=0.1, alpha=0.9, eps=1e-3, momentum=0.9, weight_decay=0.01),
    "rmsprop_centered": lambda p: torch.optim.RMSprop(
        p, lr=0.1, alpha=0.9, momentum=0.5, centered=True),
    "amsgrad": lambda p: torch.optim.Adam(p, lr=0.1, amsgrad=True, weight_decay=0.01),
    "adamw_amsgrad": lambda p: torch.optim.AdamW(p, lr=0.1, amsgrad=True, weight_decay=0.01),
}


def gradients():
    """Six steps' gradients, the third a hundredth of the others, so that maxima and clips differ."""
    values = torch.randn(STEPS, 6, dtype=torch.float64)
    values[2] *= 0.01
    return values


def by_torch(build, given):
    matrix = nn.Parameter(START[:4].reshape(2, 2).clone())
    vector = nn.Parameter(START[4:].clone())
    rule, found = build([matrix, vector]), []
    for g in given:
        matrix.grad, vector.grad = g[:4].reshape(2, 2).clone(), g[4:].clone()
        rule.step()
        found.append(torch.cat([matrix.detach().flatten(), vector.detach()]))
    return torch.stack(found)


def by_lars(given, momentum=0.9, trust=0.02, decay=0.01, epsilon=1e-8, vectors=False, rate=0.1):
    """You, Gitman and Ginsburg, 2017, algorithm 1; vectors by plain momentum unless asked for."""
    parts = [START[:4].numpy().copy(), START[4:].numpy().copy()]
    velocity, found = [numpy.zeros(4), numpy.zeros(2)], []
    for g in given.numpy():
        for index, own in enumerate((g[:4], g[4:])):
            w = parts[index]
            step = rate * own
            if index == 0 or vectors:
                a, b = numpy.linalg.norm(w), numpy.linalg.norm(own)
                ratio = trust * a / (b + decay * a + epsilon) if a > 0 and b > 0 else 1
                step = rate * ratio * (own + decay * w)
            velocity[index] = momentum * velocity[index] + step
            parts[index] = w - velocity[index]
        found.append(numpy.concatenate(parts))
    return torch.from_numpy(numpy.stack(found))


def by_tensorflow_rmsprop(given, alpha=0.9, epsilon=1e-3, rate=0.1):
    """TensorFlow's place of epsilon: g / sqrt(s + epsilon)."""
    w, s, found = START.numpy().copy(), numpy.zeros(6), []
    for g in given.numpy():
        s = alpha * s + (1 - alpha) * g * g
        w = w - rate * g / numpy.sqrt(s + epsilon)
        found.append(w)
    return torch.from_numpy(numpy.stack(found))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(3)
        self.fc = nn.Linear(48, 4)

    def forward(self, x):
        return self.fc(torch.relu(self.bn(self.conv(x))).flatten(1))


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=0.2, momentum=0.9, weight_decay=0.05)


def train(case, state, images, labels):
    """A network after four steps on the batch, with the norms and the averaged model it came by."""
    net = Net().double()
    net.load_state_dict(state)
    net.train()
    everything, norms = list(net.parameters()), []
    if case == "groups":
        rule = torch.optim.SGD(
            [
                {"params": [net.conv.weight], "lr": 0.02},
                {"params": [net.bn.weight, net.bn.bias, net.fc.bias], "weight_decay": 0},
                {"params": [net.fc.weight]},
            ], lr=0.2, momentum=0.9, weight_decay=0.05)
    else:
        rule = sgd(everything)
    ema = AveragedModel(
        net, use_buffers=True,
        avg_fn=lambda old, new, count: old + (new - old) * (1 - decay_at(int(count))))
    ema.n_averaged.fill_(1)  # from the first weights on, not from a copy at the first step
    for _ in range(4):
        rule.zero_grad()
        parts = [4, 4, 2] if case == "accumulate" else [10]
        for x, y in zip(images.split(parts), labels.split(parts)):
            loss = nn.functional.cross_entropy(net(x), y)
            (loss * len(x) / len(images)).backward()
        if case in ("clip_norm", "accumulate"):
            norms.append(nn.utils.clip_grad_norm_(everything, 0.3))
        elif case == "clip_value":
            norms.append(nn.utils.clip_grad_norm_(everything, 1e30))
            nn.utils.clip_grad_value_(everything, 0.05)
        rule.step()
        ema.update_parameters(net)
    tensors = {f"net.{case}.{key}": value for key, value in net.state_dict().items()}
    if norms:
        tensors[f"norm.{case}"] = torch.stack(norms).double()
    if case == "plain":
        tensors.update({f"ema.{key}": value for key, value in ema.module.state_dict().items()})
    return tensors


def mixed_loss(state, images, labels):
    """The smoothed loss of soft targets on blended images, 0.7 of each and 0.3 of the one before."""
    net = Net().double()
    net.load_state_dict(state)
    hot = nn.functional.one_hot(labels, 4).double()
    x = (0.7 * images + 0.3 * images.roll(1, 0)).float().double()
    y = 0.7 * hot + 0.3 * hot.roll(1, 0)
    loss = nn.functional.cross_entropy(net.train()(x), y, label_smoothing=0.1)
    loss.backward()
    return {"mixed.loss": loss, "mixed.input": x, "mixed.fc": net.fc.weight.grad}


def decay_at(step):
    return min(0.9, (1 + step) / (10 + step))


def rates(build, steps, losses=None):
    rule = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.1)
    schedule, found = build(rule), []
    for step in range(steps):
        found.append(rule.param_groups[0]["lr"])
        rule.step()
        if losses is None:
            schedule.step()
        else:
            schedule.step(losses[step])
    return torch.tensor(found, dtype=torch.float64)


def warmed(kind, after):
    def build(rule):
        warm = {
            "linear": lambda: lr_scheduler.LinearLR(rule, start_factor=0.01, total_iters=4),
            "constant": lambda: lr_scheduler.ConstantLR(rule, factor=0.25, total_iters=4),
        }[kind]()
        return lr_scheduler.SequentialLR(rule, [warm, after(rule)], milestones=[4])
    return build


SCHEDULES = {
    "step": lambda r: lr_scheduler.StepLR(r, 3, 0.5),
    "exponential": lambda r: lr_scheduler.ExponentialLR(r, 0.9),
    "polynomial": lambda r: lr_scheduler.PolynomialLR(r, 12, 0.9),
    "linear_cosine": warmed("linear", lambda r: lr_scheduler.CosineAnnealingLR(r, 8, 0.001)),
    "constant_step": warmed("constant", lambda r: lr_scheduler.StepLR(r, 3, 0.5)),
    "linear_polynomial": warmed("linear", lambda r: lr_scheduler.PolynomialLR(r, 8, 2.0)),
}
LOSSES = [1.0, 0.9, 0.91, 0.92, 0.90001, 0.93, 0.8, 0.81, 0.82, 0.83, 0.84, 0.85, 0.86, 0.87, 0.88, 0.89]
PLATEAUS = {
    "plateau": lambda r: lr_scheduler.ReduceLROnPlateau(r, factor=0.5, patience=1),
    "plateau_cooldown": lambda r: lr_scheduler.ReduceLROnPlateau(
        r, factor=0.1, patience=1, threshold=0.05, cooldown=2, min_lr=0.002),
}


def main(folder=common.GOLDENS):
    common.seed(20240607)
    given = gradients()
    tensors = {"start": START, "gradients": given, "losses": torch.tensor(LOSSES).double()}
    for name, build in OPTIMISERS.items():
        tensors[f"rule.{name}"] = by_torch(build, given)
    tensors["rule.lars"] = by_lars(given)
    tensors["rule.lars_vectors"] = by_lars(given, vectors=True, momentum=0.5)
    tensors["rule.rmsprop_tensorflow"] = by_tensorflow_rmsprop(given)

    state = Net().double().state_dict()
    state = {key: value.clone() for key, value in state.items()}
    images = common.exactly_float32(10, 1, 4, 4)
    labels = torch.randint(0, 4, (10,))
    tensors.update({f"init.{key}": value for key, value in state.items()})
    tensors.update({"input": images, "labels": labels.int()})
    tensors.update(mixed_loss(state, images, labels))
    for case in ("plain", "groups", "clip_norm", "clip_value", "accumulate"):
        tensors.update(train(case, copy.deepcopy(state), images, labels))

    for name, build in SCHEDULES.items():
        tensors[f"rate.{name}"] = rates(build, 12)
    for name, build in PLATEAUS.items():
        tensors[f"rate.{name}"] = rates(build, len(LOSSES), LOSSES)
    common.save(folder, "training", tensors, __file__)


if __name__ == "__main__":
    main()
