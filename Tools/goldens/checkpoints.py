"""Small checkpoints of every container of torch.save, and the tensors that PyTorch reads from them.

Each is what a common training script leaves: see `CASES`. Written to Tests/Goldens/checkpoints: `NAME.pth`, and
`expected.safetensors` with the tensors of each network under `NAME/KEY`.
"""

import argparse
import collections
import pathlib
import sys

import torch
from safetensors.torch import save_file

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "trials"))
from checkpoints import oldtar  # noqa: E402


def network(seed):
    torch.manual_seed(seed)
    return torch.nn.Sequential(collections.OrderedDict(
        conv=torch.nn.Conv2d(2, 3, 3), bn=torch.nn.BatchNorm2d(3), fc=torch.nn.Linear(3, 2)))


def trained(model):
    optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [2, 4])
    sum(p.sum() for p in model.parameters()).backward()
    optimizer.step()
    scheduler.step()
    return optimizer, scheduler


def cases():
    """Name, what is saved, keywords of torch.save, and the state dictionary in it."""
    model = network(0)
    optimizer, scheduler = trained(model)
    state = collections.OrderedDict((k, v.detach().clone()) for k, v in model.state_dict().items())
    whole = {
        "epoch": 3, "arch": "resnet18", "state_dict": {f"module.{k}": v for k, v in state.items()},
        "best_acc1": torch.tensor(71.5), "optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict(),
    }
    wrapped = whole["state_dict"]
    yield "imagenet_example", whole, {}, wrapped
    yield "imagenet_example_legacy", whole, {"_use_new_zipfile_serialization": False}, wrapped
    lightning = {
        "state_dict": state, "hyper_parameters": argparse.Namespace(lr=0.1), "pytorch-lightning_version": "2.0",
        "callbacks": {"EarlyStopping": {"best_score": torch.tensor(0.5)}},
        "optimizer_states": [optimizer.state_dict()], "rng": torch.get_rng_state()[:16].clone(),
    }
    yield "lightning", lightning, {}, state
    yield "nested", {"model": {"state_dict": state}, "ema_decay": torch.tensor(0.99)}, {}, state
    base = torch.arange(12.0)
    z = torch.complex(base, base + 1)
    views = {
        "v.negated": z.conj().imag, "v.expanded": base[:3].expand(2, 3), "v.transposed": base.reshape(3, 4).t(),
        "v.sliced": base[5:9], "v.parameter": torch.nn.Parameter(base.clone()),
        "v.half": base.to(torch.float16), "v.brain": base.to(torch.bfloat16), "v.double": base.double() / 3,
        "v.short": base.to(torch.int16), "v.word": base.to(torch.uint16), "v.float8": base.to(torch.float8_e4m3fn),
    }
    yield "views", views, {}, views
    yield "counter", {"model_state_dict": state, "seen": collections.Counter({1: 2}), "size": torch.Size([2, 3]),
                      "type": torch.float32, "device": torch.device("cpu")}, {}, state


def main():
    folder = pathlib.Path(__file__).resolve().parents[2] / "Tests/Goldens/checkpoints"
    folder.mkdir(exist_ok=True)
    expected = {}

    def expect(name, state):
        for key, value in state.items():
            value = value.detach().resolve_neg().contiguous().clone()
            if value.dtype in (torch.float16, torch.bfloat16, torch.float8_e4m3fn):
                value = value.float()
            if value.dtype in (torch.int16, torch.uint16):
                value = value.to(torch.int32)
            expected[f"{name}/{key}"] = value

    for name, value, options, state in cases():
        torch.save(value, folder / f"{name}.pth", **options)
        expect(name, state)
    state = network(1).state_dict()
    oldtar.save({"state_dict": state}, folder / "old_tar.pth")
    expect("old_tar", state)
    script = network(2)
    torch.jit.script(script).save(str(folder / "script.pt"))
    expect("script", script.state_dict())
    save_file(expected, folder / "expected.safetensors", metadata={"torch": torch.__version__})


main()
