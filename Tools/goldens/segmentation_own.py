"""Networks for semantic segmentation that torchvision does not have, written from their papers in PyTorch, keyed as
Striate keys them."""

# A line a network: how it is made for a number of classes, its input, whether a training step stands beside logits.
NETWORKS = {}
