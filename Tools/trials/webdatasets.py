"""Random WebDataset archives: Striate must find the samples that the package `webdataset` finds, or say why not.

    webdatasets.py --striate .build/release/striate [--rounds 200] [--seed N] [--keep FOLDER] [--keep-going]

Each round writes a tar archive of tiny PNG images and classes with what archives have: folders, names with points,
accents in both of Unicode's spellings, Latin-1, a point before a combining mark, capital endings, several images or
classes a sample, doubled names, hidden files, files without an ending, metadata, samples without their pair, labels
that are no numbers, or that only Python takes for one, or far too large. The package groups the files; the samples
with an image and a number are then counted by class, the mean of their pixels is compared, and the reasons why others
are none are counted by kind. Two things differ from the package, and are said: hidden files in folders, which it takes
for samples, are passed over, and doubled names, at which it stops, are named. The first difference is printed in full
and ends the trial. Needs webdataset 1.0.2, numpy, Pillow.
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


KEYS = ["caf\u00e9", "cafe\u0301", "caf\udce9", "caf\udce8", "\u6f22", "a b", "-", "__b", "___", "x__y__"]
ASIDE = ["README", "__info__", "__meta__/x.json", ".hidden.png", "__a__/1.png", "___", "notes.txt", "x.", "dir.d/plain"]
LABELS = [" 2\n", "1 2", "x", "-1", "1.0", "", "+1", "01", "2\r\n", "\x0b1", "\ufeff1", "1\0", " 1\u00a0", "-0", "1_0",
          "\u0663", "0x1", "99999999999"]


def files(draw):
    """The names and contents of an archive's files, in their order."""
    result = []
    folder = draw.choice(["", "", "a/", "./", "a.b/c/", "/", "a//"])
    style = draw.choice(["plain", "plain", "points", "mixed"])
    keys = draw.sample(KEYS, len(KEYS))
    for number in range(draw.randint(1, 7)):
        name = keys.pop() if draw.random() < 0.3 else f"{number:04}"
        key = folder + (name if style == "plain" or draw.random() < 0.5 else f"cam{number}.{number}")
        sample = [(f"{key}.{draw.choice(['png', 'PNG', 'jpg', 'jpeg'])}", picture(draw))]
        label = draw.choice([str(draw.randrange(4))] * 2 * len(LABELS) + LABELS + ["2000", "999999"])
        sample.append((f"{key}.{draw.choice(['cls', 'cls', 'CLS'])}", label.encode()))
        if draw.random() < 0.25:
            sample.append((f"{key}.{draw.choice(['seg.png', chr(0x301) + 'x.jpg', chr(0xc9) + '.png'])}", picture(draw)))
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
            result.insert(draw.randrange(len(result) + 1), (draw.choice(ASIDE), b"x"))
    if draw.random() < 0.2:
        # As the archiver of macOS does: a file of its own before each one.
        result = [pair for name, content in result
                  for pair in ((folder_of(name) + "._" + name[len(folder_of(name)):], b"mac"), (name, content))]
    return result


def folder_of(name):
    """The folders of a name, with the last stroke."""
    return name[:name.rfind("/") + 1]


def is_hidden(name):
    """Whether a name without its folders begins with a point."""
    return name[len(folder_of(name)):].startswith(".")


def grouped(path):
    """The samples as the package groups them, hidden files aside, each with whether a name is doubled in it."""
    samples, doubled = [], []

    def note(error):
        if "duplicate file name" not in str(error):
            raise error
        doubled.append(error)
        return True

    with open(path, "rb") as stream:
        found = ({**entry, "__url__": str(path)} for entry in tar_file_iterator(stream)
                 if not is_hidden(entry["fname"]))
        for sample in group_by_keys(found, handler=note):
            # A doubled name is met before its sample is handed over.
            samples.append((sample, bool(doubled)))
            doubled.clear()
    return samples


def expected(path):
    """Classes counted and the mean of the images that the package finds; the reasons against other samples, counted."""
    counts, means, wrong = collections.Counter(), [], collections.Counter()
    for sample, is_doubled in grouped(path):
        names = [name for name in sample if not name.startswith("__")]

        def chosen(usual):
            exact = [name for name in usual if name in names]
            more = [name for name in names if any(name.endswith("." + ending) for ending in usual)]
            return exact[0] if exact else more[0] if len(more) == 1 else None if not more else "several"

        image, label = chosen(IMAGES), chosen(("cls",))
        if is_doubled:
            wrong["two files named"] += 1
        elif "several" in (image, label):
            wrong["choose one"] += 1
        elif image is None and label is None:
            continue
        elif image is None or label is None:
            wrong["the sample has no"] += 1
        else:
            try:
                value = int(sample[label])
            except ValueError:
                value = -1
            # Lines between digits are Python's alone.
            if not 0 <= value < 1_000_000 or b"_" in sample[label]:
                wrong["its class is"] += 1
                continue
            counts[value] += 1
            means.append(numpy.asarray(Image.open(io.BytesIO(sample[image])).convert("RGB")).mean((0, 1)) / 255)
    return counts, means, wrong


def check(path, names, striate):
    """What differs, in words; nothing where all is right."""
    answer = subprocess.run(
        [striate, "data", "inspect", f"webdataset:{path}", "--json"], capture_output=True, check=False)
    said = answer.stderr.decode(errors="replace")
    if answer.returncode not in (0, 1):
        return f"ended with {answer.returncode}: {said}"
    counts, means, wrong = expected(path)
    classes = max(counts, default=0) + 1
    if not counts or classes > 1000 and classes > 100 * len(counts):
        words = "classes.txt" if counts else ""
        return None if answer.returncode == 1 and words in said else f"not refused with '{words}', expected {counts}: {said}"
    if answer.returncode:
        return f"refused, expected {counts}: {said}"
    split = json.loads(answer.stdout)["splits"][0]
    found = {i: n for i, n in enumerate(split["per_class"]) if n}
    if found != dict(counts) or len(split["per_class"]) != classes:
        return f"classes {found} of {len(split['per_class'])}, expected {dict(counts)} of {classes}: {split['broken']}"
    reasons = collections.Counter(
        next((words for words in ("two files named", "choose one", "the sample has no", "its class is")
              if words in entry["reason"]), entry["reason"]) for entry in split["broken"])
    if reasons != wrong:
        return f"broken {dict(reasons)}, expected {dict(wrong)}: {split['broken']}"
    lines = "\n".join(split["warnings"])
    if any(map(is_hidden, names)) != ("hidden file" in lines):
        return f"hidden files, and what was said of them: {lines}"
    if (len(counts) < classes) != ("without samples" in lines):
        return f"{len(counts)} of {classes} classes, and what was said of them: {lines}"
    off = numpy.abs(numpy.array(split["mean"]) - numpy.mean(means, 0)).max()
    return f"means are off by {off}" if off > 1e-4 else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--striate", required=True)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--keep-going", action="store_true", help="print every difference, not only the first")
    options = parser.parse_args()
    print(f"webdatasets.py: seed {options.seed}")
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "a.tar"
        for number in range(options.rounds):
            draw = random.Random(options.seed * 100_003 + number)
            entries = files(draw)
            form = draw.choice([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
            with tarfile.open(path, "w", format=form, encoding="utf-8", errors="surrogateescape") as archive:
                for name, content in entries:
                    info = tarfile.TarInfo(name)
                    info.size = len(content)
                    archive.addfile(info, io.BytesIO(content))
            fault = check(path, [name for name, _ in entries], options.striate)
            if fault:
                failed += 1
                print(f"round {number}: {fault}\n  files:")
                for name, content in entries:
                    print(f"    {ascii(name)} {ascii(content) if len(content) < 12 else len(content)}")
                if options.keep:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    (options.keep / f"{options.seed}-{number}.tar").write_bytes(path.read_bytes())
                if not options.keep_going:
                    break
    done = options.rounds if options.keep_going or not failed else number + 1
    print(f"webdatasets.py: {done - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
