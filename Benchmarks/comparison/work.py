"""What is compared, and the rows of the table of `make bench`."""

import dataclasses

TRAIN = {"pytorch": "eager,channels_last,compile,compile_channels_last"}
INFER = {"onnxruntime": "float", "openvino": "float", "pytorch": "eager,channels_last,compile"}
INT8 = {"onnxruntime": "u8s8,s8s8", "openvino": "nncf,qdq"}


@dataclasses.dataclass(frozen=True)
class Work:
    """A step of a network: what is timed, and how often."""

    model: str
    mode: str  # train, infer
    batch: int
    precision: str = "float"  # float, int8
    input: str | None = None  # C,H,W
    rounds: int = 7
    repeat: int = 20  # steps that a program is timed for in a round
    warmup: int = 3  # steps before them of a program that is started anew

    @property
    def peers(self):
        """Peers' programs with their variants, all of which run."""
        if self.mode == "train":
            return TRAIN
        return INT8 if self.precision == "int8" else INFER

    @property
    def title(self):
        kind = "training" if self.mode == "train" else "inference"
        return f"{self.model} {kind}{', int8' if self.precision == 'int8' else ''}, batch {self.batch}"


@dataclasses.dataclass(frozen=True)
class Row:
    """A row of the table: a work with what it must reach at least, and what it aims at."""

    work: Work
    kind: str  # speed, memory, share
    least: float
    aim: float


def train(model, batch, least, aim, rounds=5, repeat=2, warmup=2):
    work = Work(model, "train", batch, rounds=rounds, repeat=repeat, warmup=warmup)
    return Row(work, "speed", least, aim)


def infer(model, batch, rounds=7, repeat=20, precision="float"):
    work = Work(model, "infer", batch, precision, rounds=rounds, repeat=repeat, warmup=5)
    return Row(work, "speed", 0.8, 1.1)


RESNET = Work("resnet50", "train", 16, rounds=1, repeat=3, warmup=2)
ROWS = {
    "resnet50-train": train("resnet50", 16, 1.35, 1.7),
    "vgg16-train": train("vgg16", 4, 1.3, 1.8),
    "alexnet-train": train("alexnet", 32, 1.3, 1.6, repeat=3),
    "googlenet-train": train("googlenet", 16, 1.3, 1.6),
    "resnet20-train": train("resnet20", 128, 1.2, 2.0, rounds=7, repeat=20, warmup=10),
    "lenet5-train": train("lenet5", 128, 2.2, 4, rounds=7, repeat=200, warmup=20),
    "resnet50-infer": infer("resnet50", 1),
    "resnet50-infer-16": infer("resnet50", 16, rounds=5, repeat=4),
    "mobilenet_v2-infer": infer("mobilenet_v2", 1, repeat=100),
    "resnet50-int8": infer("resnet50", 1, repeat=30, precision="int8"),
    "resnet50-memory": Row(RESNET, "memory", 0.8, 0.6),
    "resnet50-share": Row(RESNET, "share", 0.75, 0.85),
}
