"""Times PyTorch's answers under the contract of `striate bench --mode infer`.

A fresh plain NCHW host batch (of 8 prepared) in, host logits out. See serving.py for what it prints
and how it is driven.

Variants: eager; channels_last (model and batch); compile (torch.compile with its weights frozen, so
that batch norm is folded and weights are packed).
"""

import networks
import serving

VARIANTS = ("eager", "channels_last", "compile")


class Step:
    """An answer with everything that lives across answers."""

    def __init__(self, options):
        import torch

        torch.set_num_threads(options.threads)
        torch.set_flush_denormal(True)
        torch.manual_seed(0)
        self.torch = torch
        self.peer = networks.pytorch()
        image = networks.shape(options.model, options.input)
        self.batches = [torch.randn(options.batch, *image) for _ in range(serving.BATCHES)]
        self.layout = torch.contiguous_format
        model = networks.build(options.model).eval()
        if options.variant == "channels_last":
            self.layout = torch.channels_last
            model = model.to(memory_format=self.layout)
        if options.variant == "compile":
            import torch._inductor.config

            torch._inductor.config.freezing = True
            model = torch.compile(model)
        self.model = model
        self.count = 0

    def __call__(self):
        images = self.batches[self.count % serving.BATCHES]
        self.count += 1
        # Freezing wants no_grad; inference_mode is not compiled with it.
        with self.torch.no_grad():
            return self.model(images.contiguous(memory_format=self.layout)).numpy()


def main():
    serving.keep_freed_memory()
    serving.run(serving.parser(__doc__, VARIANTS).parse_args(), "infer", Step)


if __name__ == "__main__":
    main()
