"""Image files of every kind, and the pixels that Pillow reads from them.

Files go to images/, pixels to images.safetensors as u8 [height, width, channels] under the file's name.
JPEG kinds that Pillow does not write come from libturbojpeg. PNG files are written here, since Pillow
writes neither interlaced ones nor all depths; 16-bit ones are expected to be scaled to 8 with rounding,
which Pillow does not do. Alpha is dropped, EXIF orientation applied.
"""

import ctypes
import ctypes.util
import io
import os
import pathlib
import struct
import zlib

import numpy
import PIL
import torch
from PIL import Image, ImageOps

import common


def picture(height, width, seed=0):
    """Something like a photograph: shades, edges and a little noise, u8 [height, width, 3]."""
    random = numpy.random.default_rng(seed)
    y, x = numpy.mgrid[0:height, 0:width].astype(float)
    planes = [
        128 + 100 * numpy.sin(x / 9 + seed) * numpy.cos(y / 13),
        255 * x / max(width - 1, 1) + 0 * y,
        numpy.where((x - width / 2) ** 2 + (y - height / 2) ** 2 < (height / 3) ** 2, 220, 40) + 0.0,
    ]
    pixels = numpy.stack(planes, -1) + random.normal(0, 4, (height, width, 3))
    return numpy.clip(pixels, 0, 255).astype(numpy.uint8)


# ---- JPEG --------------------------------------------------------------------------------------


def turbojpeg(pixels, format, subsampling, flags=0, arithmetic=False):
    """Compresses by libturbojpeg: formats 0 RGB, 6 grey, 11 CMYK; subsamplings 4 is 4:4:0, 5 is 4:1:1."""
    name = ctypes.util.find_library("turbojpeg")
    if name is None:
        raise SystemExit("error: libturbojpeg is needed: apt-get install libturbojpeg0")
    os.environ["TJ_ARITHMETIC"] = "1" if arithmetic else "0"
    ctypes.CDLL(None).setenv(b"TJ_ARITHMETIC", b"1" if arithmetic else b"0", 1)
    library = ctypes.CDLL(name)
    library.tjInitCompress.restype = ctypes.c_void_p
    handle = ctypes.c_void_p(library.tjInitCompress())
    buffer, size = ctypes.c_void_p(), ctypes.c_ulong()
    pixels = numpy.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    status = library.tjCompress2(
        handle, pixels.ctypes.data_as(ctypes.c_void_p), width, 0, height, format,
        ctypes.byref(buffer), ctypes.byref(size), subsampling, 85, flags)
    assert status == 0
    return ctypes.string_at(buffer, size.value)


def jpeg(pixels, mode=None, **options):
    out = io.BytesIO()
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(out, "JPEG", **{"quality": 85, **options})
    return out.getvalue()


def exif(orientation, little):
    """EXIF with a tag before the orientation."""
    order = "<" if little else ">"
    entries = [(271, 2, 4, b"abc\0"), (274, 3, 1, struct.pack(order + "HH", orientation, 0))]
    tiff = (b"II" if little else b"MM") + struct.pack(order + "HIH", 42, 8, len(entries))
    for tag, kind, count, value in entries:
        tiff += struct.pack(order + "HHI", tag, kind, count) + value
    return tiff + struct.pack(order + "I", 0)


def jpegs():
    photo, odd = picture(48, 64), picture(37, 53, seed=1)
    inks = numpy.concatenate([255 - photo, photo[..., :1] // 3], -1)
    yield "grey.jpg", jpeg(photo, "L")
    yield "grey-progressive.jpg", jpeg(odd, "L", progressive=True)
    for name, subsampling in (("444", 0), ("422", 1), ("420", 2)):
        yield f"ycc-{name}.jpg", jpeg(odd, subsampling=subsampling)
    yield "ycc-440.jpg", turbojpeg(odd, 0, 4)
    yield "ycc-411.jpg", turbojpeg(odd, 0, 5)
    yield "progressive.jpg", jpeg(odd, progressive=True)
    yield "quality-20.jpg", jpeg(photo, quality=20)
    yield "optimised.jpg", jpeg(odd, optimize=True)
    yield "restarts.jpg", jpeg(photo, restart_marker_blocks=3)
    yield "rgb.jpg", jpeg(odd, keep_rgb=True)
    yield "arithmetic.jpg", turbojpeg(odd, 0, 2, arithmetic=True)
    out = io.BytesIO()
    Image.fromarray(inks, "CMYK").save(out, "JPEG", quality=85)
    yield "cmyk.jpg", out.getvalue()
    yield "ycck.jpg", turbojpeg(255 - inks, 11, 2)
    yield "one-pixel.jpg", jpeg(picture(1, 1))
    yield "row.jpg", jpeg(picture(1, 19))
    yield "column.jpg", jpeg(picture(19, 1))
    yield "tiny.jpg", jpeg(picture(2, 3))
    for orientation in range(1, 9):
        data = exif(orientation, little=orientation % 2 == 0)
        yield f"orientation-{orientation}.jpg", jpeg(
            picture(16, 24, seed=2), exif=b"Exif\0\0" + data)


# ---- PNG ---------------------------------------------------------------------------------------


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def rows(values, depth):
    """Packs values [height, width, channels] into rows of bytes."""
    flat = values.reshape(values.shape[0], -1)
    if depth == 16:
        return [row.astype(">u2").tobytes() for row in flat]
    if depth == 8:
        return [row.astype(numpy.uint8).tobytes() for row in flat]
    bits = (flat[..., None] >> numpy.arange(depth - 1, -1, -1)) & 1
    return [numpy.packbits(row).tobytes() for row in bits.reshape(len(flat), -1).astype(numpy.uint8)]


def filtered(lines, step):
    """Filters each row by another of the five methods."""
    out, above = b"", bytes(len(lines[0])) if lines else b""
    for index, line in enumerate(lines):
        method, left = index % 5, bytes(step) + line[:-step] if len(line) > step else bytes(len(line))
        corner = bytes(step) + above[:-step] if len(line) > step else bytes(len(line))
        result = bytearray([method])
        for value, a, b, c in zip(line, left, above, corner):
            nearest = min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2]
            guess = (0, a, b, (a + b) // 2, nearest)[method]
            result.append((value - guess) & 255)
        out, above = out + bytes(result), line
    return out


ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def png(values, kind, depth, interlaced=False, before=b"", after=b""):
    """A PNG file; `before` goes before the pixels, `after` behind them."""
    height, width, channels = values.shape
    step = max(channels * depth // 8, 1)
    if interlaced:
        passes = [values[y::down, x::across] for x, y, across, down in ADAM7]
        data = b"".join(filtered(rows(part, depth), step) for part in passes if part.size)
    else:
        data = filtered(rows(values, depth), step)
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, int(interlaced))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + chunk(
        b"IDAT", zlib.compress(data, 9)) + after + chunk(b"IEND", b"")


def pngs():
    """Name, bytes, and the expected pixels where they are not Pillow's."""
    photo = picture(21, 27, seed=3)
    grey = photo[..., :1]
    alpha = numpy.arange(21 * 27).reshape(21, 27, 1) % 256
    random = numpy.random.default_rng(4)
    for interlaced in (False, True):
        tail = "-interlaced" if interlaced else ""
        for depth in (1, 2, 4, 8):
            yield f"grey-{depth}{tail}.png", png(grey >> (8 - depth), 0, depth, interlaced), None
        for depth in (1, 2, 4, 8):
            palette = chunk(b"PLTE", random.integers(0, 256, 3 << depth, dtype=numpy.uint8).tobytes())
            yield f"palette-{depth}{tail}.png", png(
                grey >> (8 - depth), 3, depth, interlaced, palette), None
        yield f"rgb{tail}.png", png(photo, 2, 8, interlaced), None
        yield f"rgba{tail}.png", png(numpy.concatenate([photo, alpha], -1), 6, 8, interlaced), None
    yield "grey-alpha.png", png(numpy.concatenate([grey, alpha], -1), 4, 8), None
    yield "palette-transparent.png", png(
        grey >> 6, 3, 2, before=chunk(b"PLTE", bytes(range(12))) + chunk(b"tRNS", b"\0\x80\xff")), None
    yield "rgb-transparent.png", png(photo, 2, 8, before=chunk(
        b"tRNS", photo[0, 0].astype(">u2").tobytes())), None
    for name, body in (
        ("gamma", chunk(b"gAMA", struct.pack(">I", 100000))),
        ("srgb", chunk(b"sRGB", b"\0")),
        ("profile", chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(132)))),
    ):
        yield f"rgb-{name}.png", png(photo, 2, 8, before=body), None
    for orientation in (3, 6):
        yield f"orientation-{orientation}.png", png(
            picture(5, 7), 2, 8, after=chunk(b"eXIf", exif(orientation, True))), None
    yield "one-pixel.png", png(photo[:1, :1], 2, 8), None
    for name, kind, channels in (("grey", 0, 1), ("rgb", 2, 3), ("grey-alpha", 4, 2), ("rgba", 6, 4)):
        deep = random.integers(0, 65536, (9, 11, channels))
        colors = deep[..., :channels - 1] if channels % 2 == 0 else deep
        expected = (colors * 255 + 32767) // 65535
        yield f"{name}-16.png", png(deep, kind, 16), expected.astype(numpy.uint8)
        yield f"{name}-16-interlaced.png", png(deep, kind, 16, True), expected.astype(numpy.uint8)


def pixels(data):
    """What Pillow reads, as our decoder gives it: grey or red, green, blue."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    if image.mode in ("1", "L", "LA"):
        return numpy.asarray(image.convert("L" if image.mode == "1" else "LA"))[..., None] \
            if image.mode == "1" else numpy.asarray(image.convert("LA"))[..., :1]
    if image.mode == "CMYK":
        return numpy.asarray(image.convert("RGB"))
    return numpy.asarray(image.convert("RGBA"))[..., :3]


def main(folder=common.GOLDENS):
    folder = pathlib.Path(folder)
    (folder / "images").mkdir(parents=True, exist_ok=True)
    tensors = {}
    files = [(name, data, None) for name, data in jpegs()] + list(pngs())
    for name, data, expected in files:
        (folder / "images" / name).write_bytes(data)
        values = pixels(data) if expected is None else expected
        tensors[name] = torch.from_numpy(numpy.array(values))
    common.save(folder, "images", tensors, __file__, pillow=PIL.__version__)


if __name__ == "__main__":
    main()
