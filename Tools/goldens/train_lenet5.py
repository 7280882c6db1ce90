"""One gradient of LeNet-5, and its weights after three steps of four optimisers.

Writes train_lenet5.safetensors (init, input, labels, loss, logits, gradients) and one
train_lenet5_<optimiser>.safetensors per optimiser. Names that end in 64 or 32 were computed in
float64 or float32; the float32 tensors are there for the size of PyTorch's own rounding error.
"""

import torch

import common
from models import LeNet5


def main(folder=common.GOLDENS):
    common.seed(20240501)
    state = LeNet5().state_dict()
    images = torch.randn(8, 1, 28, 28)
    labels = torch.randint(0, 10, (8,), dtype=torch.int32)

    tensors = {f"init.{key}": value for key, value in state.items()}
    tensors.update({"input": images, "labels": labels})
    for bits in (64, 32):
        tensors.update(common.gradients(LeNet5, state, images, labels, bits))
    common.save(folder, "train_lenet5", tensors, __file__)

    for optimiser, precisions in {
        "sgd": (64, 32), "nesterov": (64,), "adam": (64, 32), "adamw": (64,)
    }.items():
        tensors = {}
        for bits in precisions:
            tensors.update(common.trained(LeNet5, state, images, labels, bits, optimiser)[1])
        common.save(
            folder, f"train_lenet5_{optimiser}", tensors, __file__,
            steps=common.STEPS, optimiser=common.SETTINGS[optimiser])


if __name__ == "__main__":
    main()
