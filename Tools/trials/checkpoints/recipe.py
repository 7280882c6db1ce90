"""What a random file is made of: drawn by chance, written as JSON, and taken apart to the least that still fails."""

import dataclasses
import json

from . import damage, networks, objects, views


@dataclasses.dataclass(frozen=True)
class Recipe:
    """One file. The defaults are the plainest: a state dictionary saved by today's torch.save."""

    kind: str
    seed: int
    network: str = "resnet20"
    classes: int = 3
    # zip, legacy, tar, safetensors, npz, npz-compressed, or several files: safetensors-index, bin-index.
    container: str = "zip"
    name: str = "weights"
    # Where the state dictionary is: the keys from the outermost, `[0]` for the first of a list.
    nest: tuple = ()
    # dict, ordered, or ordered with the _metadata that Module.state_dict() adds.
    mapping: str = "metadata"
    prefix: str = ""
    convention: str = "torchvision"
    dtype: str = "float32"
    # A type, absent, or row: of one dimension.
    counters: str = "int64"
    views: tuple = ()
    # What else is in the file: names of `objects`, or of a container's own extra tensors.
    beside: tuple = ()
    # classifier, heads
    absent: str = ""
    # A second network: different, same, smaller (without its classifier), other (of another kind).
    second: str = ""
    # Where both are: two keys of the outermost dictionary, or two prefixes of one state dictionary.
    places: tuple = ()
    # What is asked for behind `#`: first, second, absent.
    choice: str = ""
    # torch.save's circumstances: the device of the storages, the pickle's protocol, whether checksums are written.
    location: str = "cpu"
    protocol: int = 2
    checksums: bool = True
    damage: str = ""

    def __str__(self):
        plain = Recipe(self.kind, self.seed)
        return json.dumps({key: value for key, value in dataclasses.asdict(self).items()
                           if key in ("kind", "seed") or value != getattr(plain, key)})

    @staticmethod
    def read(text):
        fields = {key: tuple(value) if isinstance(value, list) else value for key, value in json.loads(text).items()}
        return Recipe(**fields)

    @property
    def is_torch(self):
        return self.container in TORCH

    def simpler(self):
        """Recipes with one feature fewer."""
        plain = Recipe(self.kind, self.seed)
        # Of these one does not go without the other.
        together = {"second": {"places": (), "choice": ""}, "container": {"views": (), "beside": (), "nest": ()},
                    "network": {"convention": "torchvision", "classes": 3}}
        for field in dataclasses.fields(self):
            value, default = getattr(self, field.name), getattr(plain, field.name)
            if field.name in ("kind", "seed", "damage", "places") or value == default:
                continue
            yield dataclasses.replace(self, **{field.name: default})
            if field.name in together:
                yield dataclasses.replace(self, **{field.name: default}, **together[field.name])
            if isinstance(value, tuple) and len(value) > 1:
                for place in range(len(value)):
                    yield dataclasses.replace(self, **{field.name: value[:place] + value[place + 1:]})

    @property
    def is_sound(self):
        """Whether the fields go together; `simpler` may have parted what belongs together."""
        return (
            (self.convention == "torchvision" or self.network in networks.CONVENTIONS[self.convention])
            and (bool(self.second) == bool(self.places))
            and (self.absent != "heads" or self.network == "googlenet")
            and all(name in beside_names(self.container) for name in self.beside)
            and (self.is_torch or not (self.nest or self.views))
            and (self.container != "tar" or set(self.views) <= set(views.OLD))
            and self.dtype in dtypes(self.container))


TORCH = ("zip", "legacy", "tar", "bin-index")
NESTS = (
    [("state_dict",)] * 4 + [("model",)] * 3 + [("model_state_dict",)] * 2
    + [("net",), ("ema",), ("module",), ("network",), ("params",), ("weights",), ("student",), ("model_state",),
       ("model", "state_dict"), ("checkpoint", "model"), ("state", "net", "weights"), ("[0]",), ("epoch 3", "[1]")])
PREFIXES = ("module.", "model.", "_orig_mod.", "backbone.", "net.", "encoder.", "network.", "0.", "_forward_module.")
PAIRS = (("state_dict", "state_dict_ema"), ("model", "ema"), ("model", "model_ema"), ("net", "net_ema"),
         ("student", "teacher"), ("last", "best"))
PREFIX_PAIRS = (("model.", "ema_model.module."), ("module.", "module_ema."), ("student.", "teacher."),
                ("module.encoder_q.", "module.encoder_k."), ("", "ema."))
NAMES = ("weights.pth", "model.pt", "checkpoint.pth.tar", "epoch=3-step=20.ckpt", "pytorch_model.bin", "weights",
         "model_best.pth.tar", "a model.th", "größe.pth", "w#1.pth", "model.pkl")


def dtypes(container):
    """The types that weights may have in a container."""
    if container == "tar" or container.startswith("npz"):
        return ("float32", "float64", "float16", "mixed", "int32", "complex64")
    known = ("float32", "float64", "float16", "bfloat16", "mixed", "int32", "complex64")
    # The non-ZIP kind is written with them, and then PyTorch itself cannot read it.
    return known if container == "legacy" else (*known, "float8_e4m3fn", "float8_e5m2")


def beside_names(container):
    """What a container may have beside the weights."""
    if container in ("zip", "legacy", "bin-index"):
        return [*objects.SAFE, *objects.OPAQUE] + ([] if container == "legacy" else [*objects.NEW])
    if container == "tar":
        return objects.OLD
    return objects.SAFETENSORS if container.startswith("safetensors") else objects.NPZ


# Drawing ------------------------------------------------------------------------------------------


def some(random, values, most):
    """One to `most` of the values, each at most once."""
    values = list(values)
    return tuple(random.sample(values, min(random.randint(1, most), len(values))))


def base(random, kind, container=None, network=None):
    """A file that must be read: a container, and by chance a little of everything."""
    container = container or random.choices(
        ("zip", "legacy", "tar", "safetensors", "npz", "npz-compressed"), (8, 5, 2, 4, 2, 1))[0]
    network = network or random.choices([*networks.SHARES], [*networks.SHARES.values()])[0]
    torches = container in TORCH
    nest = random.choice(NESTS) if torches and random.random() < 0.6 else ()
    fields = {
        "network": network, "classes": random.randint(2, 12), "container": container, "nest": nest,
        "mapping": random.choice(("metadata", "ordered", "dict")),
        "prefix": "".join(random.choices(PREFIXES, k=random.choice((1, 1, 2, 3)))) if random.random() < 0.35 else "",
    }
    fields["name"] = random.choice(NAMES) if torches else random.choice(("weights", "model.bin", "model.safetensors"))
    if container.startswith("npz"):
        fields["name"] = random.choice(("weights.npz", "weights"))
    if random.random() < 0.15:
        fields["dtype"] = random.choice(dtypes(container)[1:4])
    if random.random() < 0.2:
        fields["counters"] = random.choice(("absent", "float32", "int32", "float16", "row"))
    if random.random() < 0.25 and (nest or not torches):
        fields["beside"] = some(random, [n for n in beside_names(container) if n not in objects.OPAQUE], 3)
    if torches and random.random() < 0.25:
        fields["views"] = some(random, views.OLD if container == "tar" else views.PLAIN, 3)
    if container == "zip" and random.random() < 0.1:
        fields["checksums"] = False
    if container in ("zip", "legacy") and random.random() < 0.15:
        fields["location"] = random.choice(("cuda:0", "cuda:3", "mps"))
    conventions = [c for c, known in networks.CONVENTIONS.items() if network in known]
    if conventions and random.random() < 0.4:
        fields["convention"] = random.choice(conventions)
    return Recipe(kind, random.getrandbits(40), **fields)


def of_types(random):
    recipe = base(random, "types")
    types = dtypes(recipe.container)
    # What torch casts without a word, and what only few would want, in turns.
    dtype = random.choice(types[1:] if random.random() < 0.4 else types[1:4])
    counters = random.choice(("int64", "int32", "float32", "float16", "float64", "absent", "row"))
    return dataclasses.replace(recipe, dtype=dtype, counters=counters)


def beside(random, kind, names, containers=("zip", "legacy")):
    recipe = base(random, kind, random.choice(containers))
    nest = recipe.nest or random.choice(NESTS[:-2])
    if kind == "flat" or recipe.container not in TORCH:
        nest = ()
    names = [name for name in names if name in beside_names(recipe.container)]
    return dataclasses.replace(recipe, nest=nest, beside=some(random, names, 4), mapping=random.choice(
        ("ordered", "dict") if not nest else ("metadata", "ordered", "dict")))


def of_views(random):
    recipe = base(random, "views", random.choice(("zip", "zip", "legacy", "legacy", "tar")))
    known = views.OLD if recipe.container == "tar" else [*views.PLAIN, *views.FOREIGN]
    return dataclasses.replace(recipe, views=some(random, known, 4))


def of_conventions(random):
    convention = random.choice([*networks.CONVENTIONS])
    network = random.choice([*networks.CONVENTIONS[convention]])
    recipe = base(random, "conventions", network=network)
    return dataclasses.replace(recipe, convention=convention)


def two(random, kind):
    container = random.choice(("zip", "zip", "legacy", "safetensors", "npz"))
    recipe = base(random, kind, container, random.choice(("resnet20", "resnet20", "lenet5", "shufflenet_v2_x0_5")))
    second = {"two-same": "same", "two-unlike": random.choice(("smaller", "other"))}.get(kind, "different")
    choice = random.choice(("first", "second", "first", "second", "absent")) if kind == "two-chosen" else ""
    if container in TORCH and random.random() < 0.5:
        return dataclasses.replace(recipe, second=second, choice=choice, places=random.choice(PAIRS),
                                   nest=(), beside=(), absent="")
    nest = random.choice((("state_dict",), ("model",), ())) if container in TORCH else ()
    places = random.choice(PREFIX_PAIRS)
    if choice and not all(places):
        places = PREFIX_PAIRS[0]
    return dataclasses.replace(recipe, second=second, choice=choice, places=places, prefix="", nest=nest,
                               beside=recipe.beside if container not in TORCH else (), absent="")


def backbone(random):
    network = random.choice(("resnet20", "resnet20", "shufflenet_v2_x0_5", "mobilenet_v3_small", "lenet5"))
    return dataclasses.replace(base(random, "backbone", network=network), absent="classifier")


def heads(random):
    return dataclasses.replace(base(random, "heads", network="googlenet"), absent="heads")


def several(random):
    return base(random, "several", random.choice(("safetensors-index", "bin-index")))


def protocols(random):
    recipe = base(random, "protocols", random.choice(("zip", "legacy")))
    return dataclasses.replace(recipe, protocol=random.choice((1, 3, 4, 5)))


def broken(random, kind, names):
    recipe = base(random, kind)
    name = random.choice(names)
    container = damage.container(random, name)
    # A plain file, so that what is broken is what matters.
    return Recipe(kind, random.getrandbits(40), damage=name, container=container,
                  network=random.choice(("resnet20", "lenet5", "lenet5")), classes=recipe.classes,
                  nest=("state_dict",) if container in TORCH and random.random() < 0.3 else ())


# The kinds, how often each is drawn, and how.
KINDS = {
    "zip": (8, lambda r: base(r, "zip", "zip")),
    "legacy": (6, lambda r: base(r, "legacy", "legacy")),
    "tar": (6, lambda r: base(r, "tar", "tar")),
    "safetensors": (6, lambda r: base(r, "safetensors", "safetensors")),
    "npz": (5, lambda r: base(r, "npz", r.choice(("npz", "npz-compressed")))),
    "several": (4, several),
    "types": (8, of_types),
    "views": (9, of_views),
    "beside": (9, lambda r: beside(r, "beside", [*objects.SAFE, *objects.NEW])),
    "flat": (4, lambda r: beside(r, "flat", objects.FLAT)),
    "opaque": (8, lambda r: beside(r, "opaque", objects.OPAQUE)),
    "extras": (6, lambda r: beside(r, "extras", [*objects.SAFETENSORS, *objects.NPZ],
                                   ("safetensors", "safetensors", "npz", "npz-compressed"))),
    "conventions": (4, of_conventions),
    "protocols": (3, protocols),
    "two": (6, lambda r: two(r, "two")),
    "two-chosen": (6, lambda r: two(r, "two-chosen")),
    "two-same": (3, lambda r: two(r, "two-same")),
    "two-unlike": (4, lambda r: two(r, "two-unlike")),
    "backbone": (5, backbone),
    "heads": (2, heads),
    "other-kinds": (9, lambda r: broken(r, "other-kinds", [*damage.OTHERS])),
    "unfit": (7, lambda r: broken(r, "unfit", [*damage.UNFIT])),
    "damaged": (8, lambda r: broken(r, "damaged", [*damage.DAMAGED])),
}


def draw(random, kinds):
    kind = random.choices(kinds, [KINDS[kind][0] for kind in kinds])[0]
    return KINDS[kind][1](random)
