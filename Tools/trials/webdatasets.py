"""Random WebDataset archives: Striate must find the samples that the package `webdataset` finds, or say why not.

    webdatasets.py --striate .build/release/striate [--rounds 200] [--seed N] [--keep FOLDER]

Each round writes a tar archive of tiny PNG images and classes with what archives have: folders, names with points,
capital endings, several images or classes a sample, doubled names, hidden files, files without an ending, metadata,
samples without their pair, labels that are no numbers. The package groups the files; the samples with an image and a
whole number are then counted by class, and the mean of their pixels compared. Needs webdataset 1.0.2, numpy, Pillow.
"""

import argparse
import collections
import io
import json
import pathlib
import random
import subprocess
import sys
import tarfile
import tempfile
import time

import numpy
from PIL import Image
from webdataset.tariterators import group_by_keys, tar_file_iterator

IMAGES = ("jpg", "jpeg", "png")


def picture(draw):
    """A PNG of one colour: its mean tells it from all others."""
    image = Image.new("RGB", (8, 8), tuple(draw.randrange(256) for _ in range(3)))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def files(draw):
    """The names and contents of an archive's files, in their order."""
    result = []
    folder = draw.choice(["", "", "a/", "./", "a.b/c/"])
    style = draw.choice(["plain", "plain", "points", "mixed"])
    for number in range(draw.randint(1, 7)):
        key = folder + (f"{number:04}" if style == "plain" or draw.random() < 0.5 else f"cam{number}.{number}")
        sample = [(f"{key}.{draw.choice(['png', 'PNG', 'jpg', 'jpeg'])}", picture(draw))]
        label = draw.choice([str(draw.randrange(4))] * 8 + [" 2\n", "1 2", "x", "-1", "1.0", ""])
        sample.append((f"{key}.{draw.choice(['cls', 'cls', 'CLS'])}", label.encode()))
        if draw.random() < 0.25:
            sample.append((f"{key}.seg.png", picture(draw)))
        if draw.random() < 0.2:
            sample.append((f"{key}.coarse.cls", b"3"))
        if draw.random() < 0.2:
            sample.append((f"{key}.json", b"{}"))
        if draw.random() < 0.1:
            sample.append(draw.choice(sample))
        if draw.random() < 0.1:
            sample.pop(draw.randrange(2))
        draw.shuffle(sample)
        result += sample
        if draw.random() < 0.2:
            result.insert(draw.randrange(len(result) + 1), draw.choice(
                [("README", b"x"), ("__info__", b"x"), ("__meta__/x.json", b"{}"), (".hidden.png", b"x")]))
    return result


def expected(path):
    """Classes counted and the mean of the images that the package finds; what is wrong with other samples."""
    counts, means, wrong, others = collections.Counter(), [], 0, 0
    with open(path, "rb") as stream:
        found = ({**entry, "__url__": str(path)} for entry in tar_file_iterator(stream))
        samples = list(group_by_keys(found))
    for sample in samples:
        names = [name for name in sample if not name.startswith("__")]

        def chosen(usual):
            exact = [name for name in usual if name in names]
            more = [name for name in names if any(name.endswith("." + ending) for ending in usual)]
            return exact[0] if exact else more[0] if len(more) == 1 else None if not more else "several"

        image, label = chosen(IMAGES), chosen(("cls",))
        if image is None and label is None:
            others += 1
            continue
        try:
            if image in (None, "several") or label in (None, "several"):
                raise ValueError
            value = int(sample[label])
            if value < 0:
                raise ValueError
        except ValueError:
            wrong += 1
            continue
        counts[value] += 1
        means.append(numpy.asarray(Image.open(io.BytesIO(sample[image])).convert("RGB")).mean((0, 1)) / 255)
    return counts, means, wrong


def check(path, striate):
    """What differs, in words; nothing where all is right."""
    answer = subprocess.run(
        [striate, "data", "inspect", f"webdataset:{path}", "--json"], capture_output=True, text=True, check=False)
    if answer.returncode not in (0, 1):
        return f"ended with {answer.returncode}: {answer.stderr}"
    try:
        counts, means, wrong = expected(path)
    except ValueError as error:
        # The package stops at the first doubled name; Striate names each such sample.
        return None if "two files named" in answer.stdout + answer.stderr else f"{error}, but: {answer.stderr}"
    if not counts:
        return None if answer.returncode == 1 else "no sample is sound, yet it is read"
    if answer.returncode:
        return f"refused: {answer.stderr}"
    split = json.loads(answer.stdout)["splits"][0]
    found = {i: n for i, n in enumerate(split["per_class"]) if n}
    if found != dict(counts):
        return f"classes {found}, expected {dict(counts)}"
    if len(split["broken"]) != wrong:
        return f"{len(split['broken'])} samples broken, expected {wrong}: {split['broken']}"
    off = numpy.abs(numpy.array(split["mean"]) - numpy.mean(means, 0)).max()
    return f"means are off by {off}" if off > 1e-4 else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--striate", required=True)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", type=pathlib.Path)
    options = parser.parse_args()
    print(f"webdatasets.py: seed {options.seed}")
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "a.tar"
        for number in range(options.rounds):
            draw = random.Random(options.seed * 100_003 + number)
            entries = files(draw)
            with tarfile.open(path, "w") as archive:
                for name, content in entries:
                    info = tarfile.TarInfo(name)
                    info.size = len(content)
                    archive.addfile(info, io.BytesIO(content))
            fault = check(path, options.striate)
            if fault:
                failed += 1
                print(f"round {number}: {fault}\n  files: {[name for name, _ in entries]}")
                if options.keep:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    (options.keep / f"{options.seed}-{number}.tar").write_bytes(path.read_bytes())
    print(f"webdatasets.py: {options.rounds - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
