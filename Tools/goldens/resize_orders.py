"""What the installed version of Pillow makes of a picture at other sizes: run with Pillow 12.3.0 and with 13.0.0.

    python resize_orders.py        # writes Tests/Goldens/resize-pillow-VERSION.safetensors

Needs Pillow, numpy and safetensors.
"""

import pathlib

import numpy
import PIL
from PIL import Image
from safetensors.numpy import save_file

CASES = [((60, 200), (40, 50)), ((64, 64), (32, 32)), ((30, 120), (60, 40)), ((120, 40), (30, 60)),
         ((50, 90), (50, 30)), ((80, 100), (60, 58))]
FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC,
           "lanczos": Image.Resampling.LANCZOS}


def picture(width, height):
    y, x, c = numpy.mgrid[:height, :width, :3]
    return Image.fromarray(((x * x * 31 + x * y * 17 + y * y * 7 + c * 91) % 256).astype(numpy.uint8))


def main():
    result = {}
    for start, end in CASES:
        for name, filter in FILTERS.items():
            key = "{}x{}-{}x{}-{}".format(*start, *end, name)
            result[key] = numpy.ascontiguousarray(picture(*start).resize(end, filter))
    folder = pathlib.Path(__file__).resolve().parents[2] / "Tests/Goldens"
    save_file(result, folder / f"resize-pillow-{PIL.__version__}.safetensors", {"pillow": PIL.__version__})


main()
