"""Times PyTorch's training step under the contract of `striate bench --mode train`.

A step is: a fresh plain NCHW host batch (of 8 prepared) copied in, forward, mean cross-entropy,
backward, SGD with momentum 0.9 and weight decay 1e-4, the loss read back. See serving.py for what
it prints and how it is driven.

Variants: eager; channels_last (model and batch); compile (torch.compile of forward and loss);
compile_channels_last (both). Denormals are flushed to zero, as Striate does, so that a long run
on few batches does not slow down.

With --memory it takes three steps and tells by how much the process grew from before the model was
built to its peak, under the C library's own settings.
"""

import memory
import networks
import serving

VARIANTS = ("eager", "channels_last", "compile", "compile_channels_last")


class Step:
    """A training step with everything that lives across steps."""

    def __init__(self, options):
        import torch

        torch.set_num_threads(options.threads)
        torch.set_flush_denormal(True)
        torch.manual_seed(0)
        self.peer = networks.pytorch()
        n, image = options.batch, networks.shape(options.model, options.input)
        labels = networks.classes(options.model)
        self.batches = [(torch.randn(n, *image), torch.randint(0, labels, (n,)))
                        for _ in range(serving.BATCHES)]
        self.before = memory.mark() if options.memory else None
        layout = torch.contiguous_format
        model = networks.build(options.model).train()
        if "channels_last" in options.variant:
            layout = torch.channels_last
            model = model.to(memory_format=layout)

        def forward(x, labels):
            answer = model(x)
            logits, *heads = answer if isinstance(answer, tuple) else (answer,)
            loss = torch.nn.functional.cross_entropy(logits, labels)
            for each in heads:
                loss = loss + networks.HEADS[options.model] * torch.nn.functional.cross_entropy(each, labels)
            return loss

        self.forward = torch.compile(forward) if "compile" in options.variant else forward
        self.optimiser = torch.optim.SGD(
            model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4,
            **{options.sgd: True})
        self.x = torch.empty(n, *image).to(memory_format=layout)
        self.labels = torch.empty(n, dtype=torch.long)
        self.count = 0

    def __call__(self):
        images, labels = self.batches[self.count % serving.BATCHES]
        self.count += 1
        self.x.copy_(images)
        self.labels.copy_(labels)
        self.optimiser.zero_grad(set_to_none=True)
        loss = self.forward(self.x, self.labels)
        loss.backward()
        self.optimiser.step()
        return loss.item()

    def facts(self):
        return {} if self.before is None else {"resident_bytes": memory.peak() - self.before}


def main():
    parser = serving.parser(__doc__, VARIANTS)
    parser.add_argument("--sgd", choices=("fused", "foreach"), default="fused")
    parser.add_argument("--memory", action="store_true", help="measure memory instead of time")
    options = parser.parse_args()
    if options.memory:
        serving.WARM_UP, options.repeat = 2, 1
    else:
        serving.keep_freed_memory()
    serving.run(options, "train", Step, facts=Step.facts)


if __name__ == "__main__":
    main()
