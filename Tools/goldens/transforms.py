"""Transforms of a coloured and a grey image by Pillow and torchvision, for fixed parameters.

A tensor `rgb/OPERATION` or `grey/OPERATION` (H × W × C, bytes) is what the operation makes of the
image `rgb` or `grey`. `tensor/…` is an evaluation pipeline to its normalised end, [C, H, W].
`strength/M` are RandAugment's strengths of magnitude M for the image's extent.
"""

import numpy
import torch
import torchvision
from PIL import Image
from torchvision import transforms
from torchvision.transforms import InterpolationMode as Mode
from torchvision.transforms import autoaugment
from torchvision.transforms import functional as F

import common

FILTERS = {"nearest": Image.NEAREST, "box": Image.BOX, "bilinear": Image.BILINEAR,
           "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS}
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def picture(width, height):
    """Waves of several colours with some noise: slopes, edges and saturated parts."""
    draw = numpy.random.default_rng(7)
    y, x = numpy.mgrid[0:height, 0:width]
    waves = [140 + 150 * numpy.sin(x / (2.5 + c) + c) * numpy.cos(y / (4.5 - c)) for c in range(3)]
    noise = draw.normal(0, 12, (height, width, 3))
    return Image.fromarray((numpy.stack(waves, 2) + noise).clip(0, 255).astype(numpy.uint8))


def operations():
    for name, code in FILTERS.items():
        for width, height in ((17, 13), (45, 40), (30, 9), (4, 26)):
            yield f"resize {width}x{height} {name}", (
                lambda i, s=(width, height), c=code: i.resize(s, c))
    for side in (11, 20, 33):
        yield f"shorter {side}", lambda i, s=side: F.resize(i, s)
    for side in (9, 16, 29, 40):
        yield f"center {side}", lambda i, s=side: F.center_crop(i, s)
    for mode in (Mode.BILINEAR, Mode.BICUBIC, Mode.NEAREST):
        yield f"part {mode.value}", (
            lambda i, m=mode: F.resized_crop(i, 5, 3, 11, 17, [14, 20], m))
    yield "flip", F.hflip
    yield "vertical-flip", F.vflip
    for mode in ("constant", "reflect", "edge"):
        yield f"pad {mode}", lambda i, m=mode: F.pad(i, 4, 0, m)
    yield "five", lambda i: stacked(F.five_crop(i, 12))
    yield "ten", lambda i: stacked(F.ten_crop(i, 12))
    yield "grayscale", lambda i: F.rgb_to_grayscale(i, 3 if i.mode == "RGB" else 1)
    for factor in (0.0, 0.4, 1.0, 1.7):
        yield f"brightness {factor}", lambda i, f=factor: F.adjust_brightness(i, f)
        yield f"contrast {factor}", lambda i, f=factor: F.adjust_contrast(i, f)
        yield f"saturation {factor}", lambda i, f=factor: F.adjust_saturation(i, f)
        yield f"sharpness {factor}", lambda i, f=factor: F.adjust_sharpness(i, f)
    for share in (-0.5, -0.1, 0.25, 0.5):
        yield f"hue {share}", lambda i, s=share: F.adjust_hue(i, s)
    for threshold in (0, 100, 255):
        yield f"solarize {threshold}", lambda i, t=threshold: F.solarize(i, t)
    for bits in (1, 3, 8):
        yield f"posterize {bits}", lambda i, b=bits: F.posterize(i, b)
    yield "equalize", F.equalize
    yield "autocontrast", F.autocontrast
    yield "invert", F.invert
    for taps, sigma in ((3, 0.5), (5, 1.5), (9, 2.0)):
        yield f"blur {taps} {sigma}", lambda i, t=taps, s=sigma: F.gaussian_blur(i, t, s)
    for mode in (Mode.NEAREST, Mode.BILINEAR):
        for angle in (30, -100, 180):
            yield f"rotate {angle} {mode.value}", (
                lambda i, a=angle, m=mode: F.rotate(i, a, m, fill=9))
        for at, (angle, shift, scale, shear) in enumerate((
                (20, (3, -2), 1.3, (8, 5)), (-75, (0, 0), 0.6, (0, 0)), (0, (4, 1), 1, (0, 0)))):
            yield f"affine {at} {mode.value}", (
                lambda i, a=angle, t=shift, s=scale, h=shear, m=mode:
                F.affine(i, a, t, s, h, m, fill=9))
    space = autoaugment.RandAugment()._augmentation_space(31, (26, 30))
    for name, (strengths, signed) in space.items():
        strength = float(strengths[9]) if strengths.ndim else 0.0
        for sign in (1, -1) if signed else (1,):
            yield f"randaugment {name} {sign}", (
                lambda i, n=name, s=sign * strength:
                autoaugment._apply_op(i, n, s, Mode.NEAREST, None))


def stacked(images):
    return Image.fromarray(numpy.concatenate([numpy.asarray(i) for i in images]))


def pixels(image):
    values = numpy.asarray(image)
    return torch.tensor(values.reshape(values.shape[0], values.shape[1], -1).copy())


def main(folder=common.GOLDENS):
    common.seed(0)
    color = picture(30, 26)
    grey = color.convert("L")
    tensors = {"rgb": pixels(color), "grey": pixels(grey)}
    for name, operation in operations():
        tensors[f"rgb/{name}"] = pixels(operation(color))
        tensors[f"grey/{name}"] = pixels(operation(grey))
    for name, mode in (("bilinear", Mode.BILINEAR), ("bicubic", Mode.BICUBIC)):
        tensors[f"tensor/{name}"] = transforms.Compose([
            transforms.Resize(18, mode), transforms.CenterCrop(16), transforms.ToTensor(),
            transforms.Normalize(MEAN, STD)])(color)
    for magnitude in (0, 9, 30):
        space = autoaugment.RandAugment()._augmentation_space(31, (26, 30))
        tensors[f"strength/{magnitude}"] = torch.tensor(
            [float(s[magnitude]) if s.ndim else 0.0 for s, _ in space.values()]).double()
    common.save(folder, "transforms", tensors, __file__,
                torchvision=torchvision.__version__, pillow=Image.__version__)


if __name__ == "__main__":
    main()
