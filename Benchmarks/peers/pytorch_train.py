"""Times PyTorch's training step under the contract of `striate bench --mode train`.

A step is: a fresh plain NCHW host batch (of 8 prepared) copied in, forward, mean cross-entropy,
backward, SGD with momentum 0.9 and weight decay 1e-4, the loss read back. Prints one JSON line
per measurement. With --serve it keeps the compiled model and waits for lines on standard input:
"go N" times N steps and prints a JSON line, so that rounds of several programs can be interleaved
without paying start-up; end of input ends it.

Variants: eager; channels_last (model and batch); compile (torch.compile of forward and loss);
compile_channels_last (both). Denormals are flushed to zero, as Striate does, so that a long run
on few batches does not slow down.
"""

import argparse
import contextlib
import json
import os
import pathlib
import resource
import statistics
import sys
import time

VARIANTS = ("eager", "channels_last", "compile", "compile_channels_last")
BATCHES = 8
# Keeps freed memory, so that a step does not fault its pages in again: without this the times
# of LeNet-5 differ more from one start of the program to the next.
ALLOCATOR = {"MALLOC_TRIM_THRESHOLD_": "4000000000", "MALLOC_MMAP_THRESHOLD_": "4000000000"}
WARM_UP = 10  # the first time; compilation and allocation happen here
WARM_UP_AGAIN = 3  # each later time, to fill the caches that another program emptied


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=("lenet5", "resnet20"), required=True)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--variant", choices=VARIANTS, default="eager")
    parser.add_argument("--repeat", type=int, default=50, help="steps to time")
    parser.add_argument("--sgd", choices=("fused", "foreach"), default="fused")
    parser.add_argument("--serve", action="store_true", help="wait for 'go N' lines instead")
    return parser.parse_args()


class Step:
    """A training step with everything that lives across steps."""

    def __init__(self, options):
        import torch

        sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Tools" / "goldens"))
        import models

        torch.set_num_threads(options.threads)
        torch.set_flush_denormal(True)
        torch.manual_seed(0)
        build, shape = {
            "lenet5": (models.LeNet5, (1, 28, 28)),
            "resnet20": (models.resnet20, (3, 32, 32)),
        }[options.model]
        layout = torch.contiguous_format
        model = build().train()
        if "channels_last" in options.variant:
            layout = torch.channels_last
            model = model.to(memory_format=layout)

        def forward(x, labels):
            return torch.nn.functional.cross_entropy(model(x), labels)

        self.plain = forward
        self.forward = torch.compile(forward) if "compile" in options.variant else forward
        self.optimiser = torch.optim.SGD(
            model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4,
            **{options.sgd: True})
        n = options.batch
        self.batches = [(torch.randn(n, *shape), torch.randint(0, 10, (n,)))
                        for _ in range(BATCHES)]
        self.x = torch.empty(n, *shape).to(memory_format=layout)
        self.labels = torch.empty(n, dtype=torch.long)
        self.count = 0

    def __call__(self):
        images, labels = self.batches[self.count % BATCHES]
        self.count += 1
        self.x.copy_(images)
        self.labels.copy_(labels)
        self.optimiser.zero_grad(set_to_none=True)
        loss = self.forward(self.x, self.labels)
        loss.backward()
        self.optimiser.step()
        return loss.item()

    def flops(self):
        """Floating-point operations of forward and backward, as PyTorch counts them."""
        from torch.utils.flop_counter import FlopCounterMode

        with FlopCounterMode(display=False) as counter:
            self.plain(self.x, self.labels).backward()
        return counter.get_total_flops()


def measure(step, count):
    times = []
    for _ in range(count):
        start = time.perf_counter()
        step()
        times.append((time.perf_counter() - start) * 1e3)
    return times


def main():
    options = arguments()
    if not ALLOCATOR.keys() <= os.environ.keys():  # read by the C library when a program starts
        os.execve(sys.executable, [sys.executable, *sys.argv], {**ALLOCATOR, **os.environ})
    # What warm-up prints (compilers like to) must not mix with the JSON lines.
    with contextlib.redirect_stdout(sys.stderr):
        import torch

        step = Step(options)
        start = time.perf_counter()
        measure(step, WARM_UP)
        warm_up_ms = (time.perf_counter() - start) * 1e3
        flops = step.flops()

    def report(count):
        times = measure(step, count)
        median = statistics.median(times)
        print(json.dumps({
            "model": options.model, "mode": "train", "batch": options.batch,
            "device": "cpu", "threads": options.threads,
            "peer": f"pytorch-{torch.__version__}", "variant": options.variant,
            "median_ms": round(median, 4),
            "p90_ms": round(sorted(times)[int(0.9 * (count - 1))], 4),
            "images_per_sec": round(options.batch / median * 1e3, 1),
            "gflops": round(flops / median / 1e6, 2),
            "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "warm_up_ms": round(warm_up_ms, 1), "repeat": count,
        }), flush=True)

    if not options.serve:
        report(options.repeat)
        return
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        word, _, count = line.strip().partition(" ")
        if word != "go" or not count.isdigit() or int(count) < 1:
            print(json.dumps({"error": f"expected 'go N', got {line.strip()!r}"}), flush=True)
            continue
        measure(step, WARM_UP_AGAIN)
        report(int(count))


if __name__ == "__main__":
    main()
