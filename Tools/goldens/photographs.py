"""What torchvision makes of photographs before a network sees them: too large to be kept.

    python photographs.py PHOTOGRAPHS FOLDER

Writes FOLDER/photographs.safetensors: a photograph's path and a preset, and the u8 [height, width, 3] after
decoding, resizing and cutting out. `STRIATE_PHOTOGRAPHS=PHOTOGRAPHS:FOLDER make parity` compares.
Photographs with an EXIF orientation are left out: torchvision leaves them lying, Striate turns them.
"""

import pathlib
import sys

import torch
from PIL import Image
from safetensors.torch import save_file
from torchvision.transforms import InterpolationMode, functional

# The presets of torchvision's weights: resized to, cut out, and how.
PRESETS = [(256, 224, "bilinear"), (232, 224, "bilinear"), (342, 299, "bilinear"), (256, 224, "bicubic"),
           (384, 380, "bicubic")]


def main(photographs, folder):
    photographs = pathlib.Path(photographs)
    tensors = {}
    for path in sorted(photographs.rglob("*")):
        if path.suffix.lower() not in (".jpg", ".jpeg", ".png"):
            continue
        image = Image.open(path)
        if image.getexif().get(0x0112, 1) != 1:
            continue
        image = image.convert("RGB")
        for resize, crop, kind in PRESETS:
            found = functional.resize(image, [resize], InterpolationMode(kind), antialias=True)
            pixels = functional.pil_to_tensor(functional.center_crop(found, [crop]))
            name = f"{path.relative_to(photographs)}|{resize}|{crop}|{kind}"
            tensors[name] = pixels.permute(1, 2, 0).contiguous()
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    save_file(tensors, pathlib.Path(folder) / "photographs.safetensors")
    print(f"{len(tensors)} prepared photographs")


if __name__ == "__main__":
    main(*sys.argv[1:])
