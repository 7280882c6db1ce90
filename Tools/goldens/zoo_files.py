"""Files as torchvision's users have them: every network of zoo.py that torchvision has, saved by torch.save.

    python zoo_files.py FOLDER [NAME…]

Writes NAME.pth with the state dictionary, of random weights by zoo.py's formula, and NAME.safetensors with an image, the
logits of float64 and how far those of float32 are from them. `STRIATE_ZOO_FILES=FOLDER make parity` reads them.
"""

import collections
import json
import pathlib
import sys

import torch
from safetensors.torch import save_file

import zoo
import zoo_own


def main(folder, names):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    known = {**zoo.SMALL, **zoo.LOGITS}
    for name in names or [n for n in known if n not in zoo_own.NETWORKS and " " not in n] + ["inception_v3"]:
        extents = known.get(name, (107, 107))
        model = zoo.build(name, zoo.CLASSES, None)
        weights = collections.OrderedDict(zoo.state(model))
        weights._metadata = model.state_dict()._metadata
        model.load_state_dict(weights)
        image = zoo.values("input", (1, 3, *extents), 1.75)
        with torch.no_grad():
            single = model.eval()(image)
            logits = model.double()(image.double())
        torch.save(weights, folder / f"{name}.pth")
        error = zoo.distance(single, logits)
        save_file({"input": image, "logits": logits}, folder / f"{name}.safetensors",
                  {"single": json.dumps(error)})
        print(name, error, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
