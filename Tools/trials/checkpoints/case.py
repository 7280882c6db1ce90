"""Makes the file of a recipe, and says what must come of it by PyTorch's, numpy's and safetensors' own reading."""

import collections
import dataclasses
import random
import re
import warnings

import numpy
import safetensors
import safetensors.torch
import torch

from . import containers, damage, networks, recipe as recipes, views


@dataclasses.dataclass
class Case:
    recipe: recipes.Recipe
    # What is given to the program: the file and, behind `#`, the prefix.
    argument: str
    # read, refuse, either (read rightly or refused with a reason), any (no crash)
    may: str = "read"
    # Regular expressions: an error must match all of them; with `either` one is enough.
    reasons: tuple = ()
    # The tensors that must be read, and of these which `weights convert` may leave out.
    state: dict = dataclasses.field(default_factory=dict)
    optional: set = dataclasses.field(default_factory=set)
    # Whether the file cannot be read at all, whatever the network.
    is_unreadable: bool = False
    # Whether torch.load(weights_only=True) reads it; None where it is no file of torch.save.
    is_safe: bool | None = None


def make(recipe, folder):
    """Writes the recipe's file into a folder."""
    for seed in (random.seed, torch.manual_seed):
        seed(recipe.seed)
    numpy.random.seed(recipe.seed % 2**32)
    chance = random.Random(recipe.seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return broken(recipe, folder, chance) if recipe.damage else sound(recipe, folder, chance)


# The state dictionary -----------------------------------------------------------------------------


def cast(tensor, dtype, chance):
    if not tensor.is_floating_point() or dtype == "float32":
        return tensor
    if dtype == "mixed":
        dtype = chance.choice(("float32", "float64", "float16"))
    if dtype == "float64":
        # More digits than a float has, so that rounding is tried too.
        return tensor.double() * (1 + torch.rand(tensor.shape, dtype=torch.float64) * 1e-7)
    return (tensor * 20).round().int() if dtype == "int32" else tensor.to(getattr(torch, dtype))


def counter(tensor, kind):
    """load_state_dict also takes one number in a row for a scalar, of times when there were no scalars."""
    return tensor.reshape(1) if kind == "row" else tensor.to(getattr(torch, kind))


def state_of(recipe, seed, chance):
    """The state dictionary as it is in the file, but for prefixes and views."""
    state = networks.random_state(recipe.network, recipe.classes, seed)
    if recipe.absent == "classifier":
        state = {n: t for n, t in state.items() if not n.startswith(networks.classifier(recipe.network))}
    if recipe.absent == "heads":
        state = {n: t for n, t in state.items() if not networks.HEADS.match(n)}
    if recipe.counters == "absent":
        state = {n: t for n, t in state.items() if not n.endswith(networks.COUNTER)}
    for name, tensor in state.items():
        isCounter = name.endswith(networks.COUNTER)
        state[name] = counter(tensor, recipe.counters) if isCounter else cast(tensor, recipe.dtype, chance)
    return networks.renamed(recipe.network, state, recipe.convention)


def second_state(recipe, first, chance):
    if recipe.second == "same":
        # The very tensors, or equal ones.
        return first if chance.random() < 0.5 else {name: tensor.clone() for name, tensor in first.items()}
    if recipe.second == "other":
        network = "lenet5" if recipe.network != "lenet5" else "resnet20"
        return networks.random_state(network, 10, recipe.seed + 1)
    changed = dataclasses.replace(recipe, absent="classifier") if recipe.second == "smaller" else recipe
    return state_of(changed, recipe.seed + 1, chance)


def prefixed(state, prefix):
    return {prefix + name: tensor for name, tensor in state.items()}


def mapping(state, kind):
    if kind == "dict":
        return dict(state)
    result = collections.OrderedDict(state)
    if kind == "metadata":
        result._metadata = collections.OrderedDict({"": {"version": 1}, "bn1": {"version": 2}})
    return result


def nested(value, nest, extras):
    """The value within dictionaries and lists, what stands beside it in the outermost."""
    for depth, key in enumerate(reversed(nest)):
        beside = extras if depth == len(nest) - 1 else {"epoch": 3}
        if key.startswith("["):
            rest = [beside] * (int(key[1:-1]) + 1)
            value = rest[:int(key[1:-1])] + [value] + rest[:1]
        else:
            # What comes first in the file is by chance of the name.
            value = {**{k: v for k, v in beside.items() if k < key}, key: value,
                     **{k: v for k, v in beside.items() if k > key}}
    return value if nest or not extras else {**value, **extras}


# Sound files --------------------------------------------------------------------------------------


def sound(recipe, folder, chance):
    first = views.laid_out(state_of(recipe, recipe.seed, chance), recipe.views, chance)
    parts = {"": prefixed(first, recipe.prefix)}
    in_dictionaries = recipe.places in recipes.PAIRS
    if recipe.second:
        second = second_state(recipe, first, chance)
        prefixes = (recipe.prefix, recipe.prefix) if in_dictionaries else recipe.places
        pair = [(recipe.places[0], prefixed(first, prefixes[0])), (recipe.places[1], prefixed(second, prefixes[1]))]
        # What is first in the file is by chance.
        chance.shuffle(pair)
        parts = dict(pair)
    if recipe.second and not in_dictionaries:
        parts = {"": {name: tensor for part in parts.values() for name, tensor in part.items()}}
    path = write(recipe, folder, parts, chance)
    taken = 1 if recipe.choice == "second" else 0
    nest = (recipe.places[taken],) if in_dictionaries else recipe.nest
    prefix = recipe.places[taken] if recipe.second and not in_dictionaries else recipe.prefix
    case = Case(recipe, str(path))
    state = read(case, path, nest)
    expect(case, {name.removeprefix(prefix): tensor for name, tensor in state.items() if name.startswith(prefix)})
    decide(case)
    if recipe.choice:
        wanted = "no_such_network" if recipe.choice == "absent" else recipe.places[taken].rstrip(".")
        case.argument += f"#{wanted}"
    return case


def write(recipe, folder, parts, chance):
    path = folder / recipe.name
    if not recipe.is_torch or recipe.container == "bin-index":
        [state] = parts.values()
        if recipe.container.endswith("index"):
            return containers.save_several(state, folder, recipe, chance)
        save = containers.save_npz if recipe.container.startswith("npz") else containers.save_safetensors
        save(state, path, recipe, chance)
        return path
    extras = {name: recipes.objects.ALL[name]() for name in recipe.beside}
    saved = {key: mapping(part, recipe.mapping) for key, part in parts.items()}
    if set(saved) == {""}:
        value = nested(saved[""], recipe.nest, extras)
        if not recipe.nest and extras:
            value = mapping(value, recipe.mapping)
    else:
        value = {**extras, **saved} if chance.random() < 0.5 else {**saved, **extras}
    containers.save_torch(value, path, recipe, chance)
    return path


def read(case, path, nest):
    """All tensors of the state dictionary, as the library that the file is for reads them."""
    recipe = case.recipe
    if recipe.container == "safetensors":
        with safetensors.safe_open(path, "pt") as file:
            return {name: file.get_tensor(name) for name in file.keys() if not name.startswith("extra.") and name}
    if recipe.container.startswith("npz"):
        with numpy.load(path) as file:
            return {name: torch.from_numpy(native(file[name])) for name in file.files if not name.startswith("extra.")}
    if recipe.container.endswith("index"):
        state = {}
        for part in sorted(path.parent.glob("*-of-*")):
            if part.suffix == ".bin":
                state |= torch.load(part, weights_only=True, map_location="cpu")
            else:
                state |= safetensors.torch.load_file(part)
        return state
    value, case.is_safe = load(path)
    for key in nest:
        value = value[int(key[1:-1])] if key.startswith("[") else value[key]
    return {name: tensor for name, tensor in value.items() if torch.is_tensor(tensor) and name not in recipe.beside}


def load(path):
    """What torch.load gives, and whether `weights_only` lets it; the files are this script's own."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True), True
    except Exception:
        return torch.load(path, map_location="cpu", weights_only=False), False


def native(array):
    # numpy.ascontiguousarray would make a row of a scalar.
    return numpy.array(array, dtype=array.dtype.newbyteorder("="), order="C")


def expect(case, state):
    """What a network has after load_state_dict: its own types, the file's values."""
    recipe = case.recipe
    names = networks.build(recipe.network, recipe.classes).state_dict()
    state = networks.restored(recipe.network, {name: plain(tensor) for name, tensor in state.items()},
                              recipe.convention, names)
    model, missing = networks.load(recipe.network, recipe.classes, state)
    case.optional = {name for name in names if name.endswith(networks.COUNTER) and name not in state}
    case.state = {name: tensor.clone() for name, tensor in model.state_dict().items() if name not in missing}
    lost = {name for name in missing if not (recipe.absent == "heads" and networks.HEADS.match(name)) and not (
        recipe.absent == "classifier" and name.startswith(networks.classifier(recipe.network)))}
    if lost:
        raise ValueError(f"the file of {recipe} lacks {sorted(lost)[:3]}")


def plain(tensor):
    """A bare tensor of a parameter, a subclass or a view."""
    return tensor.detach().as_subclass(torch.Tensor).clone(memory_format=torch.contiguous_format).resolve_neg()


def decide(case):
    """Whether Striate must read the file, and what it must speak of where it need not."""
    recipe, alternatives = case.recipe, []
    name = re.escape(next(iter(case.state)))
    if recipe.dtype == "complex64":
        case.may, case.reasons = "refuse", ("complex|C64|<c8",)
        return
    if recipe.choice == "absent":
        case.may, case.reasons = "refuse", ("no_such_network",)
        return
    if recipe.second == "different" and not recipe.choice:
        case.may, case.reasons = "refuse", ("#", *(re.escape(place.rstrip(".")) for place in recipe.places))
        return
    if recipe.dtype in ("int32", "float8_e4m3fn", "float8_e5m2"):
        alternatives += [name, recipe.dtype.replace("int", "i?(nt)?").replace("float8", "f(loat)?8")]
    if recipe.protocol in (1, 4, 5):
        alternatives += ["protocol|pickle|opcode|no file of weights"]
    if "subclass" in recipe.views:
        alternatives += ["MaskedTensor"]
    if recipe.container.endswith("index"):
        alternatives += ["shard|index"]
    if alternatives:
        case.may, case.reasons = "either", tuple(alternatives)


# Broken files -------------------------------------------------------------------------------------


def broken(recipe, folder, chance):
    state = networks.random_state(recipe.network, recipe.classes, recipe.seed)
    path, reason = folder / recipe.name, "."
    model, _ = networks.load(recipe.network, recipe.classes, state)
    value, torch_only = state, recipe.container in ("zip", "legacy", "tar")
    if recipe.damage in damage.UNFIT:
        value, reason = damage.UNFIT[recipe.damage](state, chance, model)
    if torch_only:
        containers.save_torch(nested(value, recipe.nest, {"epoch": 3} if recipe.nest else {}), path, recipe, chance)
    else:
        write(recipe, folder, {"": value}, chance)
    if recipe.damage in damage.OTHERS:
        change, reason = damage.OTHERS[recipe.damage]
        path = change(path, chance, model)
    if recipe.damage in damage.DAMAGED:
        damage.DAMAGED[recipe.damage](path, chance)
    case = Case(recipe, str(path), "refuse", (reason,), state)
    case.is_unreadable = recipe.damage in damage.OTHERS or recipe.damage in damage.EMPTY
    if recipe.damage in damage.READABLE:
        case.may = "either"
    if recipe.damage in damage.LENIENT or (recipe.damage == "cut-short" and recipe.container == "tar"):
        case.may = "any"
    return case
