"""ONNX files of the networks, exported by PyTorch, and their 8-bit forms.

Files that are in the folder already are used again: programs of one comparison share a folder.
"""

import pathlib
import tempfile

import networks

CALIBRATION = 32  # random batches; only the speed of what comes out is looked at


def add_folder(parser):
    parser.add_argument("--folder", type=pathlib.Path, help="where exported files are kept")


def folder(options):
    """The folder that was asked for, or one that vanishes with the program."""
    if options.folder:
        return options.folder
    options.temporary = tempfile.TemporaryDirectory()
    options.folder = pathlib.Path(options.temporary.name)
    return options.folder


def image(options):
    return (options.batch, *networks.shape(options.model, options.input))


def model(options):
    """The network as an ONNX file of this batch and image."""
    import torch

    path = folder(options) / ("-".join([options.model, *map(str, image(options))]) + ".onnx")
    if not path.exists():
        torch.manual_seed(0)
        network = networks.build(options.model).eval()
        partial = path.with_suffix(".partial")
        torch.onnx.export(
            network, (torch.randn(image(options)),), str(partial), dynamo=True,
            external_data=False, input_names=["input"], output_names=["output"])
        partial.rename(path)
    return path


def batches(options, count):
    """Random NCHW batches."""
    import numpy

    generator = numpy.random.default_rng(0)
    return [generator.standard_normal(image(options), dtype=numpy.float32) for _ in range(count)]


def quantised(options, activations):
    """The network with static QDQ quantisation by ONNX Runtime's own tool: weights by channel, signed;
    activations `u8` or `s8`."""
    from onnxruntime import quantization
    from onnxruntime.quantization.shape_inference import quant_pre_process

    source = model(options)
    path = source.with_suffix(f".{activations}.onnx")
    if not path.exists():
        prepared, partial = source.with_suffix(".prepared"), path.with_suffix(".partial")
        quant_pre_process(str(source), str(prepared))
        kinds = {"u8": quantization.QuantType.QUInt8, "s8": quantization.QuantType.QInt8}

        class Reader(quantization.CalibrationDataReader):
            def __init__(self):
                self.left = iter(batches(options, CALIBRATION))

            def get_next(self):
                batch = next(self.left, None)
                return None if batch is None else {"input": batch}

        quantization.quantize_static(
            str(prepared), str(partial), Reader(), quant_format=quantization.QuantFormat.QDQ,
            per_channel=True, activation_type=kinds[activations],
            weight_type=quantization.QuantType.QInt8)
        partial.rename(path)
    return path
