"""Runs Striate on a case and says what is wrong with what it did."""

import dataclasses
import pathlib
import re
import shutil
import subprocess

import numpy
import safetensors
import safetensors.torch
import torch

from . import damage, networks

TIME = 60
# The agreement of float32 with float64 that is always allowed.
ERROR = 1e-4


@dataclasses.dataclass
class Fault:
    """What was found wrong in one command."""

    check: str
    text: str
    command: list
    printed: str = ""
    # The file, which the texts name.
    file: str = ""

    @property
    def signature(self):
        """The same for faults of one cause: without numbers, names and paths."""
        texts = []
        for text in (self.text.replace("\\", ""), self.printed):
            text = text.replace(self.file, "FILE").replace(pathlib.Path(self.file).name, "FILE")
            text = re.sub(r"/[^\s,:']*", "FILE", text)
            # A class that is not known tells causes apart, a tensor's name does not.
            text = re.sub(r"[\w-]+(\.\w+)*\.(weight|bias|num_batches_tracked|running_\w+)\b", "NAME", text)
            text = re.sub(r"#[\w.]+", "#", text)
            text = re.sub(r"(it has|speak of|lacks|missing:|too many:) .*|['\"\[].*", "", text)
            texts.append(re.sub(r"\d+", "N", text)[:110])
        return f"{self.check}: {' | '.join(texts)}"


@dataclasses.dataclass
class Answer:
    code: int
    text: str
    command: list

    @property
    def is_crash(self):
        return self.code < 0 or self.code > 2


class Program:
    """The program, with a folder for what it writes."""

    def __init__(self, path, folder):
        self.path, self.folder = pathlib.Path(path).resolve(), folder
        self.output = folder / "output"

    def run(self, *arguments):
        """One command, in an empty folder for its output."""
        shutil.rmtree(self.output, ignore_errors=True)
        self.output.mkdir()
        command = [str(self.path), *arguments]
        try:
            done = subprocess.run(command, cwd=self.folder, capture_output=True, timeout=TIME)
        except subprocess.TimeoutExpired:
            return Answer(124, f"no answer in {TIME} seconds", command)
        return Answer(done.returncode, done.stderr.decode(errors="replace").strip(), command)

    def check(self, case):
        """Whether the case was read or refused, and the faults found."""
        model = ("--model", case.recipe.network)
        target = str(self.output / "out.safetensors")
        steps = [("convert", ("weights", "convert", case.argument, target, *model), self.same_tensors)]
        if case.is_unreadable:
            steps.append(("convert without model", ("weights", "convert", case.argument, target), None))
            steps.append(("inspect", ("weights", "inspect", case.argument), None))
        steps.append(("run", self.run_arguments(case), self.same_logits))
        faults, read = [], True
        for name, arguments, compare in steps:
            answer = self.run(*arguments)
            fault = self.judge(case, name, answer, compare)
            read = read and answer.code == 0
            if fault:
                faults.append(fault)
                break
        if case.recipe.absent == "classifier" and not faults:
            faults += self.features(case)
        if (self.folder / damage.MARKER).exists():
            faults.append(Fault("code", "a file's code was run", answer.command))
            (self.folder / damage.MARKER).unlink()
        return read, faults

    def run_arguments(self, case):
        recipe = case.recipe
        torch.manual_seed(recipe.seed)
        image = torch.randn(1, *networks.image_shape(recipe.network))
        numpy.save(self.folder / "x.npy", image.numpy())
        arguments = ["run", "--model", recipe.network, "--weights", case.argument,
                     "--input", str(self.folder / "x.npy"), "--output-dir", str(self.output)]
        return arguments + (["--classes", str(recipe.classes)] if recipe.seed % 4 == 0 else [])

    # Judging --------------------------------------------------------------------------------------

    def judge(self, case, name, answer, compare):
        def fault(text):
            return Fault(name, text, answer.command, answer.text, file)

        # A name may hold a # itself; what is asked for stands behind the last.
        file = case.argument.rpartition("#")[0] if case.recipe.choice else case.argument
        if answer.is_crash:
            return fault(f"ended with {answer.code}, which is no refusal")
        if case.may == "any":
            return None if answer.code == 0 else self.untidy(fault)
        may, reasons = case.may, case.reasons
        if case.recipe.absent == "classifier" and name in ("convert", "run"):
            # A backbone may be converted as it is; it gives no logits.
            may = "refuse" if name == "run" or may == "refuse" else "either"
            layer = re.escape(networks.classifier(case.recipe.network))
            reasons = reasons if case.may != "read" else (f"{layer}|classifier",)
        if answer.code == 0:
            if may == "refuse":
                return fault("read, but must be refused")
            try:
                return compare and compare(case, fault)
            except (OSError, ValueError, safetensors.SafetensorError) as error:
                return fault(f"what was written cannot be read: {error}")
        if may == "read":
            return fault(f"refused with {answer.code}, but must be read")
        found = [re.search(reason, answer.text, re.IGNORECASE) for reason in reasons]
        if not (all(found) if may == "refuse" else any(found)):
            lacking = [reason for reason, match in zip(reasons, found) if not match]
            return fault(f"the error does not speak of {' and '.join(lacking)}")
        if pathlib.Path(file).name not in answer.text:
            return fault("the error does not name the file")
        return self.untidy(fault)

    def untidy(self, fault):
        """A fault where a refused command left something."""
        left = [path.name for path in self.output.rglob("*") if path.is_file()]
        return fault(f"left {', '.join(left)}") if left else None

    def same_tensors(self, case, fault):
        found = safetensors.torch.load_file(self.output / "out.safetensors")
        missing = [name for name in case.state if name not in found and name not in case.optional]
        if missing:
            return fault(f"{len(missing)} tensors are missing: {missing[0]}")
        if more := [name for name in found if name not in case.state]:
            return fault(f"{len(more)} tensors too many: {more[0]}")
        for name, tensor in found.items():
            wanted = case.state[name]
            if tensor.shape != wanted.shape:
                return fault(f"{name} is {list(tensor.shape)}, not {list(wanted.shape)}")
            if tensor.dtype != wanted.dtype:
                return fault(f"{name} is {tensor.dtype}, not {wanted.dtype}")
            if not torch.equal(tensor.flatten().view(torch.uint8), wanted.flatten().view(torch.uint8)):
                return fault(f"{name} has other values: {tensor.flatten()[:3].tolist()}, "
                             f"not {wanted.flatten()[:3].tolist()}")
        return None

    def same_logits(self, case, fault):
        recipe = case.recipe
        files = list(self.output.glob("*.npy"))
        if len(files) != 1:
            return fault(f"wrote {len(files)} outputs")
        found = torch.from_numpy(numpy.load(files[0])).double()
        image = torch.from_numpy(numpy.load(self.folder / "x.npy"))
        single = networks.load(recipe.network, recipe.classes, case.state)[0](image)
        exact = networks.load(recipe.network, recipe.classes, case.state, torch.float64)[0](image.double())
        if found.shape != exact.shape:
            return fault(f"the logits are {list(found.shape)}, not {list(exact.shape)}")
        error = distance(found, exact)
        bound = max(ERROR, 3 * distance(single, exact))
        # A comparison with a number that is none is false.
        return None if error <= bound else fault(f"the logits are {error:.1e} off, {bound:.1e} is allowed")

    # Features of a backbone -----------------------------------------------------------------------

    def features(self, case):
        """What a backbone makes of data is what the same weights with a classifier make of it."""
        recipe = case.recipe
        if recipe.network != "resnet20" or case.may != "read":
            return []
        data = self.folder / "images"
        whole = self.folder / "whole.safetensors"
        if not data.exists():
            write_images(data)
        state = networks.random_state(recipe.network, recipe.classes, recipe.seed) | case.state
        safetensors.torch.save_file({name: tensor.contiguous() for name, tensor in state.items()}, whole)
        made = []
        for weights in (str(whole), case.argument):
            answer = self.run("features", "--model", recipe.network, "--weights", weights, "--layer", "pool",
                              "--data", f"imagefolder:{data}", "--features", str(self.output / "f.safetensors"))
            if answer.code != 0:
                return [Fault("features", f"ended with {answer.code}", answer.command, answer.text)]
            made.append(safetensors.torch.load_file(self.output / "f.safetensors"))
        for name, wanted in made[0].items():
            if distance(made[1][name], wanted) > 1e-6:
                return [Fault("features", f"{name} differs", answer.command, answer.text)]
        return []


def write_images(folder):
    """Two classes of four images in two splits, as PNG."""
    from PIL import Image
    generator = numpy.random.default_rng(0)
    for split in ("train", "test"):
        for label in ("a", "b"):
            (folder / split / label).mkdir(parents=True)
            for index in range(4):
                pixels = generator.integers(0, 256, (32, 32, 3), dtype=numpy.uint8)
                Image.fromarray(pixels).save(folder / split / label / f"{index}.png")


def distance(a, b):
    """How far a is from b, by b's norm."""
    norm = torch.linalg.vector_norm(b.double())
    return (torch.linalg.vector_norm(a.double() - b.double()) / (norm if norm else 1)).item()
