"""Trains PyTorch's LeNet-5 on Fashion-MNIST: the accuracy that Striate's recipe is held against.

AdamW (weight decay 0.01), one-cycle learning rate up to 5e-3, batch 128, pixels scaled by the
training set's mean 0.2860 and deviation 0.3530, no augmentation. Writes nothing; prints the test
accuracy after each epoch. About a minute for 6 epochs on two cores.
"""

import argparse
import gzip
import pathlib

import numpy
import torch
from torch.nn import functional as F

from models import LeNet5

FOLDERS = ("/usr/share/datasets/fashion-mnist", "~/.local/share/striate/data/fashion-mnist")


def read(split):
    """Images [N, 1, 28, 28], normalised, and labels [N]."""
    folders = [pathlib.Path(folder).expanduser() for folder in FOLDERS]
    folder = next((f for f in folders if f.exists()), None)
    if folder is None:
        raise SystemExit("error: no Fashion-MNIST here; run Scripts/bootstrap")
    images = gzip.decompress((folder / f"{split}-images-idx3-ubyte.gz").read_bytes())[16:]
    labels = gzip.decompress((folder / f"{split}-labels-idx1-ubyte.gz").read_bytes())[8:]
    x = torch.from_numpy(numpy.frombuffer(images, numpy.uint8).reshape(-1, 1, 28, 28).copy())
    y = torch.from_numpy(numpy.frombuffer(labels, numpy.uint8).copy())
    return (x.float() / 255 - 0.2860) / 0.3530, y.long()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--max-lr", type=float, default=5e-3)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    images, labels = read("train")
    test_images, test_labels = read("t10k")
    batch = 128
    steps = -(-len(images) // batch)

    model = LeNet5()
    optimiser = torch.optim.AdamW(model.parameters(), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=options.max_lr, total_steps=options.epochs * steps)
    for epoch in range(options.epochs):
        model.train()
        order = torch.randperm(len(images))
        for chosen in order.split(batch):
            optimiser.zero_grad()
            F.cross_entropy(model(images[chosen]), labels[chosen]).backward()
            optimiser.step()
            schedule.step()
        model.eval()
        with torch.no_grad():
            right = sum((model(x).argmax(1) == y).sum().item()
                        for x, y in zip(test_images.split(1000), test_labels.split(1000)))
        print(f"epoch {epoch + 1}: test accuracy {right / len(test_images):.4f}", flush=True)


if __name__ == "__main__":
    main()
