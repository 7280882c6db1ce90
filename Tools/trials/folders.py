"""Random folders of images: which split is which, and what is no class, worked out here apart from Striate.

    folders.py --striate .build/release/striate [--rounds 100] [--seed N]

Each round lays out classes in train, val and test under the usual spellings, with splits missing, test images without
labels, what macOS and Windows leave behind, a folder around all, and capital endings; `data inspect` must find the
images of every split by class, or refuse two spellings of one split. Needs Pillow.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

from PIL import Image

SPELLINGS = {
    "train": ["train", "Train", "training", "Training", "TRAIN"],
    "val": ["val", "valid", "validation", "Valid", "Validation", "dev"],
    "test": ["test", "Test", "testing", "Testing", "TEST"],
}


def picture(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), (len(path.name) * 9 % 256, 40, 90)).save(
        path, "PNG" if path.suffix.lower() == ".png" else "JPEG")


def fill(draw, folder, classes):
    """Images of classes in a folder; how many each has."""
    counts = []
    for name in classes:
        counts.append(draw.randint(1, 3))
        for number in range(counts[-1]):
            inside = draw.choice(["", "", "more/"])
            picture(folder / name / f"{inside}{number}{draw.choice(['.jpg', '.JPG', '.png', '.jpeg', '.PNG'])}")
    return counts


def lay_out(draw, root):
    """Makes a layout; the images by class of each split, or None where it must be refused."""
    place = root / "photos" if draw.random() < 0.25 else root
    classes = sorted(draw.sample(["ant", "bee", "cow", "dog", "elk"], draw.randint(2, 4)))
    parts = {"train"} | {name for name in ("val", "test") if draw.random() < 0.7}
    if draw.random() < 0.2:
        expected = {"train": fill(draw, place, classes)}
    else:
        expected = {}
        for part in parts:
            folder = place / draw.choice(SPELLINGS[part])
            if part == "test" and draw.random() < 0.3:
                picture(folder / draw.choice(["images/1.jpg", "0001.jpg"]))
            else:
                expected[part] = fill(draw, folder, classes)
        if "val" in parts and draw.random() < 0.15:
            taken = {entry.name.lower() for entry in place.iterdir()}
            other = draw.choice([name for name in ("val", "valid", "validation") if name not in taken])
            fill(draw, place / other, classes)
            expected = None
    for name in draw.sample(["__MACOSX/ant/._1.jpg", ".DS_Store", "Thumbs.db", "@eaDir/x", "desktop.ini"], 2):
        dropping = draw.choice([root, place]) / name
        dropping.parent.mkdir(parents=True, exist_ok=True)
        dropping.write_bytes(b"x")
    return expected


def check(root, expected, striate):
    """What differs, in words; nothing where all is right."""
    answer = subprocess.run(
        [striate, "data", "inspect", f"imagefolder:{root}", "--json"], capture_output=True, text=True, check=False)
    if expected is None:
        named = answer.returncode == 1 and "same split" in answer.stderr
        return None if named else f"ended with {answer.returncode}, expected a refusal: {answer.stderr}"
    if answer.returncode:
        return f"ended with {answer.returncode}: {answer.stderr}"
    found = {split["split"]: split["per_class"] for split in json.loads(answer.stdout)["splits"]}
    if found != expected:
        return f"found {found}, expected {expected}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--striate", required=True)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"folders.py: seed {options.seed}")
    failed = 0
    for number in range(options.rounds):
        draw = random.Random(options.seed * 100_003 + number)
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder) / "data"
            root.mkdir()
            expected = lay_out(draw, root)
            fault = check(root, expected, options.striate)
            if fault:
                failed += 1
                names = sorted(str(path.relative_to(root)) for path in root.rglob("*"))
                print(f"round {number}: {fault}\n  {names}")
    print(f"folders.py: {options.rounds - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
