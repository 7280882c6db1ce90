"""Reads a run folder with TensorBoard itself and says what it shows.

    python3 -m venv tb && tb/bin/pip install tensorboard
    tb/bin/python Tools/tensorboard/check.py runs/first

Compares every scalar with metrics.jsonl, decodes every image, and asks a TensorBoard server over HTTP for
its tags. Ends with 1 where something is missing or differs.
"""

import json
import pathlib
import socket
import subprocess
import sys
import time
import urllib.request

from tensorboard.backend.event_processing import event_accumulator


def fail(text):
    sys.exit(f"check failed: {text}")


def accumulate(folder):
    """What TensorBoard's Python reader makes of the folder."""
    events = event_accumulator.EventAccumulator(
        str(folder), size_guidance={"scalars": 0, "histograms": 0, "images": 0, "tensors": 0}
    )
    events.Reload()
    tags = events.Tags()
    for kind in ("scalars", "histograms", "images", "tensors"):
        print(f"{kind}: {', '.join(tags[kind]) or 'none'}")
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    wanted = {"Loss/val": ("test", "loss"), "Acc@1/val": ("test", "acc1"), "LR": ("train", "lr")}
    for tag, (split, key) in wanted.items():
        logged = [(line["step"], line[key]) for line in lines if line["split"] == split]
        if not logged:
            continue
        shown = [(event.step, event.value) for event in events.Scalars(tag)]
        same = len(shown) == len(logged) and all(
            a[0] == b[0] and abs(a[1] - b[1]) <= 1e-6 * max(abs(b[1]), 1e-3)
            for a, b in zip(shown, logged)
        )
        if not same:
            fail(f"{tag} is {shown}, metrics.jsonl has {logged}")
        print(f"{tag}: {len(shown)} points, as in metrics.jsonl")
    for tag in tags["histograms"]:
        for event in events.Histograms(tag):
            histogram = event.histogram_value
            if abs(sum(histogram.bucket) - histogram.num) > 0.5 or histogram.min > histogram.max:
                fail(f"{tag} at step {event.step} counts {sum(histogram.bucket)} of {histogram.num}")
    for tag in tags["images"]:
        for event in events.Images(tag):
            if not event.encoded_image_string.startswith(b"\x89PNG") or event.width < 1:
                fail(f"{tag} at step {event.step} is no PNG image")
    return tags


def serve(folder, tags):
    """What the server with its fast loader answers over HTTP."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "tensorboard.main", "--logdir", str(folder), "--port", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        answer = {}
        for _ in range(60):
            time.sleep(0.5)
            try:
                base = f"http://127.0.0.1:{port}/data/plugin"
                for plugin in ("scalars", "histograms", "images", "text"):
                    with urllib.request.urlopen(f"{base}/{plugin}/tags") as reply:
                        answer[plugin] = json.load(reply)
                found = {tag for run in answer["scalars"].values() for tag in run}
                if set(tags["scalars"]) <= found:
                    break
            except OSError:
                continue
        else:
            fail(f"the server shows {answer}")
    finally:
        server.terminate()
        server.wait()
    for plugin, runs in answer.items():
        names = sorted({tag for run in runs.values() for tag in run})
        print(f"over HTTP, {plugin}: {', '.join(names) or 'none'}")
        if not names:
            fail(f"the server shows no {plugin}")


def main():
    folder = pathlib.Path(sys.argv[1])
    serve(folder, accumulate(folder))


if __name__ == "__main__":
    main()
