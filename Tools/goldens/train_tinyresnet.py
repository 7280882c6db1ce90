"""One gradient of a small batch-norm residual network, and its state after three steps.

Writes train_tinyresnet.safetensors. Weights, batch-norm scales and running statistics start away
from their usual values 1 and 0, so that a mistake in any of them shows. Running variance is
PyTorch's: unbiased. `eval_logits64` are inference-mode logits after the three steps of `sgd64`.
"""

import torch

import common
from models import tiny_resnet


def initial_state():
    state = tiny_resnet().state_dict()
    for key, value in state.items():
        if key.endswith("num_batches_tracked"):
            continue
        noise = torch.rand_like(value) - 0.5
        if "bn" in key and key.endswith(("weight", "running_var")):
            value.copy_(1 + noise)
        elif "bn" in key:
            value.copy_(0.5 * noise)
    return state


def main(folder=common.GOLDENS):
    common.seed(20240502)
    state = initial_state()
    images = torch.randn(6, 3, 16, 16)
    labels = torch.randint(0, 10, (6,), dtype=torch.int32)

    tensors = {f"init.{key}": value for key, value in state.items()}
    tensors.update({"input": images, "labels": labels})
    for bits in (64, 32):
        tensors.update(common.gradients(tiny_resnet, state, images, labels, bits))
    for optimiser in common.OPTIMISERS:
        for bits in (64, 32):
            model, after = common.trained(tiny_resnet, state, images, labels, bits, optimiser)
            tensors.update(after)
            if optimiser == "sgd":
                with torch.no_grad():
                    logits = model.eval()(images.to(common.dtype(bits)))
                tensors[f"eval_logits{bits}"] = logits
    common.save(
        folder, "train_tinyresnet", tensors, __file__,
        steps=common.STEPS, optimisers=common.SETTINGS)


if __name__ == "__main__":
    main()
