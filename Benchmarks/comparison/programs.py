"""Programs that time steps when they are told to."""

import json
import os
import pathlib
import shlex
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Failure(Exception):
    """Why a comparison cannot be made."""


class Peer:
    """A peer's process: it stays, and times steps whenever it is told to."""

    def __init__(self, work, options, program, variant, folder):
        self.name = program if variant == "float" else f"{program} {variant}"
        self.repeat = work.repeat
        command = [
            options.python, str(script(program, work.mode)), "--serve", "--model", work.model,
            "--batch", str(work.batch), "--threads", str(options.threads), "--variant", variant]
        if work.input:
            command += ["--input", work.input]
        if program in ("onnxruntime", "openvino"):
            command += ["--folder", folder]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=environment(options.threads))
        self.read()  # ready: one warms up at a time, or they would disturb each other

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise Failure(
                f"{self.name} ended without an answer (status {self.process.wait()}); has "
                "--python got torch, torchvision, onnx, onnxscript, onnxruntime, openvino, nncf?")
        answer = json.loads(line)
        if "error" in answer:
            raise Failure(f"{self.name}: {answer['error']}")
        return answer

    def measure(self):
        try:
            self.process.stdin.write(f"go {self.repeat}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # its end is told by what it does not answer
        return self.read()

    def close(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.process.wait()


class Striate:
    """`striate bench`, started anew each round; it leaves its own start-up out of its times."""

    name = "striate"

    def __init__(self, work, options, bound=True):
        self.command = [
            *shlex.split(options.striate), "bench", "--model", work.model, "--mode", work.mode,
            "--batch", str(work.batch), "--threads", str(options.threads), "--device", "cpu",
            "--repeat", str(work.repeat), "--warmup", str(work.warmup), "--json", "--quiet"]
        if work.input:
            self.command += ["--input", work.input]
        if work.precision != "float":
            self.command += [f"--{work.precision}"]
        elif bound:
            self.command += ["--bound"]

    def measure(self):
        return run(self.command)[0]

    def close(self):
        pass


def script(program, mode):
    return ROOT / "Benchmarks" / "peers" / f"{program}_{mode}.py"


def environment(threads):
    """The environment of peers: the same number of threads, wherever they look for it."""
    return {**os.environ, "OMP_NUM_THREADS": str(threads)}


def run(command, **settings):
    """The JSON value that a command prints."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, **settings)
    except FileNotFoundError:
        raise Failure(f"{command[0]} is not there; run 'swift build -c release' first") from None
    except subprocess.CalledProcessError as error:
        raise Failure(f"'{shlex.join(command)}' exited with status {error.returncode}") from None
    return json.loads(done.stdout)
