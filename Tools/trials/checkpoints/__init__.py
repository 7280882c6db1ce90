"""Random checkpoints, what PyTorch makes of them, and what Striate does."""
