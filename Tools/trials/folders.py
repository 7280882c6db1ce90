"""Random folders of images: which split is which, and what is no class, worked out here apart from Striate.

    folders.py --striate .build/release/striate [--rounds 100] [--seed N] [--keep-going]

Each round lays out one of the ways in which people keep their images, with the droppings of macOS, Windows, Synology
and Jupyter beside and inside the classes, images beside the classes, and folders around all. `data inspect` must find
the images of every split by class and say what it left out, or refuse with the words that lead on. The first
difference is printed in full, with the folder's files, and ends the trial. Needs Pillow.
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
ANIMALS = ["ant", "bee", "cow", "dog", "elk"]
BESIDE = ["__MACOSX/ant/._1.jpg", ".DS_Store", "Thumbs.db", "@eaDir/x.jpg", "desktop.ini", "._ant",
          ".ipynb_checkpoints/1-checkpoint.jpg"]
INSIDE = ["Thumbs.db", ".DS_Store", "._0.jpg", "@eaDir/0.jpg/SYNO.jpg", ".ipynb_checkpoints/0-checkpoint.png",
          "__MACOSX/._0.jpg", "desktop.ini"]


class Layout:
    """A folder of images as it is laid out, and what must be made of it."""

    def __init__(self, draw, root):
        self.draw, self.root, self.place = draw, root, root
        self.classes = sorted(draw.sample(ANIMALS, draw.randint(2, 4)))
        self.splits = {}
        self.said = []
        self.refused = None

    def image(self, name):
        path = self.place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        color = tuple(self.draw.randrange(256) for _ in range(3))
        Image.new("RGB", (8, 8), color).save(path, "PNG" if path.suffix.lower() == ".png" else "JPEG")

    def file(self, name, content=b"x"):
        path = self.place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def fill(self, folder, classes=None):
        """Images of classes in a folder; how many each has."""
        counts = []
        for name in classes or self.classes:
            counts.append(self.draw.randint(1, 3))
            for number in range(counts[-1]):
                inside = self.draw.choice(["", "", "more/"])
                ending = self.draw.choice([".jpg", ".JPG", ".png", ".jpeg", ".PNG"])
                self.image(f"{folder}/{name}/{inside}{number}{ending}")
            if self.draw.random() < 0.3:
                self.file(f"{folder}/{name}/{self.draw.choice(INSIDE)}")
        return counts

    def flat(self, folder, count=2):
        """Images right in a folder, as those of a class, or those without labels."""
        for number in range(count):
            self.image(f"{folder}/{number}.jpg")

    def spelled(self, role):
        return self.draw.choice(SPELLINGS[role])

    def wrap(self, deepest=3):
        """Puts all that follows into folders around."""
        for _ in range(self.draw.choice([0, 0, 1, 2, deepest])):
            self.place = self.place / self.draw.choice(["photos", "archive", "my-data-v2", "data"])

    def droppings(self):
        for name in self.draw.sample(BESIDE, 2):
            place, self.place = self.place, self.draw.choice([self.root, self.place])
            self.file(name)
            self.place = place

    def strays(self, folder):
        """Images beside the classes of a folder, which must be counted and named."""
        if self.draw.random() < 0.25:
            count = self.draw.randint(1, 2)
            for number in range(count):
                self.image(f"{folder}/stray{number}.jpg")
            self.said += ["stray0.jpg", "1 image lies" if count == 1 else "2 images lie"]


def usual(layout):
    """train, val and test in the usual spellings, val and test both optional."""
    layout.wrap()
    parts = ["train"] + [part for part in ("val", "test") if layout.draw.random() < 0.7]
    for part in parts:
        folder = layout.spelled(part)
        if part == "test" and layout.draw.random() < 0.3:
            layout.image(f"{folder}/{layout.draw.choice(['images/1.jpg', '0001.jpg'])}")
            layout.said.append("left aside")
        else:
            layout.splits[part] = layout.fill(folder)
            layout.strays(folder)
    if len(parts) > 1:
        layout.strays(".")


def classes_alone(layout):
    """Classes, with no splits."""
    layout.wrap()
    layout.splits["train"] = layout.fill(".")
    layout.strays(".") if layout.place == layout.root else None


def two_spellings(layout):
    """One split under two names: which is meant cannot be known, and the hint names each once."""
    role = layout.draw.choice(["train", "val", "test"])
    for part in sorted({"train", "val", role}):
        layout.fill(part)
    layout.fill({"train": "Training", "val": "valid", "test": "testing"}[role])
    layout.refused = ["same split", "imagefolder(train="]


def no_training(layout):
    """val and test, but nothing to learn from."""
    layout.wrap()
    for part in layout.draw.choice([["val", "test"], ["val"], ["test"]]):
        layout.fill(layout.spelled(part))
    if layout.draw.random() < 0.5:
        layout.fill("learning")
    layout.refused = ["imagefolder(train="]


def affixed(layout):
    """Intel's seg_train, seg_test and seg_pred, Kaggle's training_set and test_set."""
    layout.wrap()
    pattern = layout.draw.choice(["seg_{}", "{}_set", "{}-images", "my.{}"])
    doubled = layout.draw.random() < 0.5
    parts = ["train"] + layout.draw.choice([["test"], ["val"], ["val", "test"]])
    for part in parts:
        name = pattern.format(layout.draw.choice(["train", "training"]) if part == "train" else part)
        layout.splits[part] = layout.fill(f"{name}/{name}" if doubled else name)
    if pattern == "seg_{}":
        layout.flat("seg_pred/seg_pred" if doubled else "seg_pred")
        layout.said.append("seg_pred")


def images_and_labels(layout):
    """images/train and images/val beside a folder of text files."""
    layout.wrap(1)
    for part in ("train", "val"):
        layout.splits[part] = layout.fill(f"images/{part}")
        layout.file(f"labels/{part}/0.txt", b"0 0.5 0.5 1 1")
    layout.said.append("labels")


def detection(layout):
    """YOLO's: images with their boxes in text files, which are no classes."""
    layout.wrap(1)
    for part in ("train", "val"):
        layout.flat(f"images/{part}")
        layout.file(f"labels/{part}/0.txt", b"0 0.5 0.5 1 1")
    layout.file("data.yaml")
    layout.refused = ["class folders", "imagefolder(train="]


def splits_inside(layout):
    """Several folders with splits inside: pictures beside masks, products each with its own."""
    layout.wrap(1)
    for name in layout.draw.choice([["images", "masks"], ["bottle", "cable", "zipper"]]):
        for part in ("train", "test"):
            layout.fill(f"{name}/{part}")
    layout.refused = ["imagefolder(train="]


def no_labels_in_val(layout):
    """Validation images without labels cannot choose anything."""
    layout.fill(layout.spelled("train"))
    layout.flat(f"{layout.spelled('val')}/{layout.draw.choice(['.', 'images'])}")
    if layout.draw.random() < 0.5:
        layout.fill(layout.spelled("test"))
    layout.refused = ["no labels", "imagefolder(train="]


def other_case(layout):
    """Classes whose names differ only in capitals, or one that is none of the training split's."""
    part = layout.draw.choice(["val", "test"])
    layout.fill(layout.spelled("train"))
    layout.fill(layout.spelled(part), [name.capitalize() for name in layout.classes])
    layout.refused = [layout.classes[0], layout.classes[0].capitalize(), "upper and lower case"]


def classes_named_as_splits(layout):
    """Photographs of trains beside buses."""
    layout.classes = ["bus"] + layout.draw.choice([["test", "train"], ["train"], ["test"]])
    counts = []
    for name in layout.classes:
        counts.append(layout.draw.randint(1, 3))
        layout.flat(name, counts[-1])
    layout.splits["train"] = counts


def nothing_but_flat_splits(layout):
    """Two folders of images named train and test: classes, or images without labels; the user must say."""
    for name in ("train", layout.draw.choice(["test", "val"])):
        layout.flat(name)
    layout.refused = ["imagefolder(train=.)", "imagefolder(train="]


def classes_by_name(layout):
    """The same, said to be classes."""
    layout.classes = ["test", "train"]
    for name in layout.classes:
        layout.splits.setdefault("train", []).append(layout.draw.randint(1, 3))
        layout.flat(name, layout.splits["train"][-1])
    layout.source = "imagefolder(train=.)"


LAYOUTS = [usual] * 6 + [
    classes_alone, classes_alone, two_spellings, no_training, affixed, affixed, images_and_labels, detection,
    splits_inside, no_labels_in_val, other_case, classes_named_as_splits, nothing_but_flat_splits, classes_by_name]


def check(layout, striate):
    """What differs, in words; nothing where all is right."""
    source = getattr(layout, "source", "imagefolder")
    answer = subprocess.run(
        [striate, "data", "inspect", f"{source}:{layout.root}", "--json"], capture_output=True, text=True, check=False)
    said = answer.stderr
    if layout.refused is not None:
        missing = [words for words in layout.refused if words not in said]
        if answer.returncode == 1 and not missing:
            return None
        return f"ended with {answer.returncode}, expected a refusal with {missing or layout.refused}: {said}"
    if answer.returncode:
        return f"ended with {answer.returncode}, expected {layout.splits}: {said}"
    report = json.loads(answer.stdout)
    found = {split["split"]: split["per_class"] for split in report["splits"]}
    if found != layout.splits or report["classes"] != layout.classes:
        return f"found {report['classes']} {found}, expected {layout.classes} {layout.splits}: {said}"
    said += "\n".join(line for split in report["splits"] for line in split["warnings"])
    missing = [words for words in layout.said if words not in said]
    return f"did not say {missing}: {said}" if missing else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--striate", required=True)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep-going", action="store_true", help="print every difference, not only the first")
    options = parser.parse_args()
    print(f"folders.py: seed {options.seed}")
    failed = 0
    for number in range(options.rounds):
        draw = random.Random(options.seed * 100_003 + number)
        with tempfile.TemporaryDirectory() as folder:
            layout = Layout(draw, pathlib.Path(folder) / "data")
            layout.root.mkdir()
            kind = LAYOUTS[number] if number < len(LAYOUTS) else draw.choice(LAYOUTS)
            kind(layout)
            layout.droppings()
            fault = check(layout, options.striate)
            if fault:
                failed += 1
                names = sorted(str(path.relative_to(layout.root)) for path in layout.root.rglob("*") if path.is_file())
                print(f"round {number}, {kind.__name__}: {fault.strip()}\n  " + "\n  ".join(names))
                if not options.keep_going:
                    break
    done = options.rounds if options.keep_going or not failed else number + 1
    print(f"folders.py: {done - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
