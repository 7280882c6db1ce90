"""What the peers' programs share: their options, timing, and the conversation with Benchmarks/compare.

A program prints one JSON line per measurement. With --serve it keeps its compiled model and waits for
lines on standard input: "go N" times N steps and prints a JSON line, so that rounds of several
programs can be interleaved without paying start-up; end of input ends it.
"""

import argparse
import contextlib
import json
import os
import statistics
import sys
import time

BATCHES = 8
# Keeps freed memory, so that a step does not fault its pages in again: without this the times
# of LeNet-5 differ more from one start of the program to the next.
ALLOCATOR = {"MALLOC_TRIM_THRESHOLD_": "4000000000", "MALLOC_MMAP_THRESHOLD_": "4000000000"}
# The first time, compilation and allocation happen; later, caches that another program emptied fill.
WARM_UP, WARM_UP_SECONDS = 10, 20
WARM_UP_AGAIN, WARM_UP_AGAIN_SECONDS = 3, 0.5


def shape(text):
    dims = tuple(int(part) for part in text.split(","))
    if len(dims) != 3 or min(dims) < 1:
        raise argparse.ArgumentTypeError(f"expected C,H,W, found {text!r}")
    return dims


def parser(doc, variants):
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--model", required=True, help="lenet5, resnet20 or torchvision's name")
    parser.add_argument("--input", type=shape, help="an image's C,H,W (the network's usual one)")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--variant", choices=variants, default=variants[0])
    parser.add_argument("--repeat", type=int, default=50, help="steps to time")
    parser.add_argument("--serve", action="store_true", help="wait for 'go N' lines instead")
    return parser


def keep_freed_memory():
    """Starts the program anew with settings that the C library reads when a program starts."""
    if not ALLOCATOR.keys() <= os.environ.keys():
        os.execve(sys.executable, [sys.executable, *sys.argv], {**ALLOCATOR, **os.environ})


def measure(step, count, seconds=float("inf"), least=1):
    """Milliseconds of some steps; no more of them, beyond the least, once the seconds are over."""
    times = []
    begin = time.perf_counter()
    while len(times) < count:
        start = time.perf_counter()
        step()
        end = time.perf_counter()
        times.append((end - start) * 1e3)
        if len(times) >= least and end - begin > seconds:
            break
    return times


def run(options, mode, make, facts=lambda step: {}):
    """Makes a step, then times it: once, or whenever the other side says so."""
    # What start and warm-up print (compilers like to) must not mix with the JSON lines.
    with contextlib.redirect_stdout(sys.stderr):
        start = time.perf_counter()
        step = make(options)
        measure(step, WARM_UP, WARM_UP_SECONDS, least=2)
        warm_up_ms = (time.perf_counter() - start) * 1e3

    def report(count):
        times = measure(step, count)
        median = statistics.median(times)
        print(json.dumps({
            "model": options.model, "mode": mode, "batch": options.batch, "device": "cpu",
            "threads": options.threads, "peer": step.peer, "variant": options.variant,
            "median_ms": round(median, 4),
            "p90_ms": round(sorted(times)[int(0.9 * (count - 1))], 4),
            "images_per_sec": round(options.batch / median * 1e3, 1),
            "warm_up_ms": round(warm_up_ms, 1), "repeat": count, **facts(step),
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
        measure(step, WARM_UP_AGAIN, WARM_UP_AGAIN_SECONDS)
        report(int(count))
