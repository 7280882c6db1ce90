"""Random checkpoints: whatever PyTorch reads and fits a network must give the same tensors, all else a right reason.

    checkpoints.py --striate .build/release/striate [--rounds 500] [--seed N] [--kinds zip,views] [--keep FOLDER]
    checkpoints.py --striate … --case '{"kind": "views", "seed": 3, "views": ["negated"]}'

Each round draws a file: a small network with random weights in a container (torch.save's three kinds, safetensors,
npz, shards), nested, prefixed, renamed, cast, laid out as views, beside other things, with parts missing or two
networks in it, or broken. `weights convert --model` must give bit for bit what `load_state_dict` ends with, `run`
logits within max(1e-4, three times the error of PyTorch's float32); the rest must be refused with exit 1 or 2, a text
that names the reason, and nothing left behind. What must come of a file is read by torch.load, numpy and safetensors.

Every kind of failure is taken apart to the least file that still shows it. Ends with 1 where something failed. Needs
torch, torchvision, safetensors, numpy and Pillow.
"""

import argparse
import collections
import pathlib
import random
import shlex
import shutil
import sys
import tempfile
import time

import torch

from checkpoints import case, program, recipe

# How often a failing file is made anew while it is taken apart.
ATTEMPTS = 60


class Trial:
    """Runs recipes and gathers what came of them."""

    def __init__(self, striate, folder, keep):
        self.folder, self.keep = folder, keep
        self.program = program.Program(striate, folder)
        self.outcomes = collections.defaultdict(collections.Counter)
        # For each signature: how often, in which kinds, and the least recipe with its fault.
        self.failures = {}

    def once(self, drawn):
        """One file made and tried: the case, whether it was read, and the faults."""
        place = self.folder / "case"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        made = case.make(drawn, place)
        return made, *self.program.check(made)

    def round(self, drawn):
        made, isRead, faults = self.once(drawn)
        counts = self.outcomes[drawn.kind]
        counts["files"] += 1
        counts["read" if isRead else "refused"] += 1
        counts["failed"] += bool(faults)
        counts["beyond weights_only"] += made.is_safe is False
        for fault in faults:
            if fault.signature not in self.failures:
                self.failures[fault.signature] = {"count": 0, "kinds": collections.Counter(),
                                                  "least": self.least(drawn, fault)}
            entry = self.failures[fault.signature]
            entry["count"] += 1
            entry["kinds"][drawn.kind] += 1
        return faults

    def least(self, drawn, fault):
        """The recipe without what the fault does not need, and the fault as it is then."""
        attempts, found = ATTEMPTS, (drawn, fault)
        while attempts > 0:
            for simpler in found[0].simpler():
                attempts -= 1
                same = self.shows(simpler, fault.signature) if simpler.is_sound else None
                if same:
                    found = (simpler, same)
                    break
                if attempts <= 0:
                    break
            else:
                break
        self.kept(*found)
        return found

    def shows(self, drawn, signature):
        try:
            _, _, faults = self.once(drawn)
        except Exception:
            # Not everything goes with everything; the file is left as it was.
            return None
        return next((fault for fault in faults if fault.signature == signature), None)

    def kept(self, drawn, fault):
        """Keeps the file of a failure, with the command that shows it there."""
        if not self.keep:
            return
        place = self.keep / f"{len(self.failures) + 1:03}-{drawn.kind}"
        shutil.rmtree(place, ignore_errors=True)
        self.once(drawn)
        shutil.copytree(self.folder / "case", place)
        if (self.folder / "x.npy").exists():
            shutil.copy(self.folder / "x.npy", place)
        command = shlex.join(fault.command).replace(str(self.folder / "case"), str(place))
        command = command.replace(str(self.folder / "x.npy"), str(place / "x.npy"))
        (place / "command.txt").write_text(f"{command}\n{fault.text}\n{fault.printed}\n{drawn}\n")

    # The report -----------------------------------------------------------------------------------

    def report(self):
        columns = ("files", "read", "refused", "beyond weights_only", "failed")
        print(f"\n{'kind':14}" + "".join(f"{column:>{len(column) + 3}}" for column in columns))
        rows = {kind: self.outcomes[kind] for kind in recipe.KINDS if kind in self.outcomes}
        rows["all"] = sum(self.outcomes.values(), collections.Counter())
        for kind, counts in rows.items():
            print(f"{kind:14}" + "".join(f"{counts[column]:>{len(column) + 3}}" for column in columns))
        for number, entry in enumerate(sorted(self.failures.values(), key=lambda entry: -entry["count"]), 1):
            drawn, fault = entry["least"]
            kinds = ", ".join(f"{kind} {count}" for kind, count in entry["kinds"].most_common())
            print(f"\n{number}. {entry['count']} files ({kinds})\n   {fault.check}: {fault.text}")
            if fault.printed:
                print(f"   printed: {fault.printed}")
            print(f"   command: {shlex.join(fault.command)}\n   --case {shlex.quote(str(drawn))}")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--striate", required=True, help="the program")
    parser.add_argument("--rounds", type=int, default=500, help="how many files (500)")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 2**32, help="by default the time")
    parser.add_argument("--kinds", default=",".join(recipe.KINDS), help=f"of {', '.join(recipe.KINDS)}")
    parser.add_argument("--keep", type=pathlib.Path, help="a folder for the least file of every kind of failure")
    parser.add_argument("--case", help="one file, as a failure's recipe says it")
    options = parser.parse_args()
    options.kinds = options.kinds.split(",")
    if unknown := [kind for kind in options.kinds if kind not in recipe.KINDS]:
        parser.error(f"no kind is named {', '.join(unknown)}")
    return options


def main():
    options = arguments()
    torch.set_num_threads(1)
    print(f"PyTorch {torch.__version__}, seed {options.seed}", flush=True)
    chance = random.Random(options.seed)
    recipes = [recipe.Recipe.read(options.case)] if options.case else (
        recipe.draw(chance, options.kinds) for _ in range(options.rounds))
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(options.striate, pathlib.Path(folder), options.keep)
        start = time.monotonic()
        for number, drawn in enumerate(recipes, 1):
            try:
                faults = trial.round(drawn)
            except Exception:
                print(f"this file cannot be made: --case {shlex.quote(str(drawn))}", file=sys.stderr)
                raise
            if faults or number % 50 == 0:
                state = f"{faults[0].check}: {faults[0].text}" if faults else "so far"
                print(f"{number:4} {time.monotonic() - start:5.0f} s  {drawn.kind:12} {state[:120]}", flush=True)
        trial.report()
    sys.exit(1 if trial.failures else 0)


if __name__ == "__main__":
    main()
