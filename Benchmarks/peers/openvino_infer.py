"""Times OpenVINO's answers under the contract of `striate bench --mode infer`.

A fresh plain NCHW host batch (of 8 prepared) in, host logits out. See serving.py for what it prints
and how it is driven. The network comes from PyTorch by torch.onnx; the latency hint is set, one
stream takes all threads, and single precision is forced, as newer processors would else get bfloat16.

Variants: float; nncf (8 bits by OpenVINO's own tool, NNCF); qdq (the file that ONNX Runtime's tool
quantised).
"""

import exported
import serving

VARIANTS = ("float", "nncf", "qdq")


class Step:
    """An answer with everything that lives across answers."""

    def __init__(self, options):
        import openvino

        self.peer = f"OpenVINO {openvino.__version__.split('-')[0]}"
        core = openvino.Core()
        path = exported.quantised(options, "u8") if options.variant == "qdq" else exported.model(options)
        model = core.read_model(str(path))
        if options.variant == "nncf":
            import nncf

            self.peer += f", NNCF {nncf.__version__}"
            data = nncf.Dataset(exported.batches(options, exported.CALIBRATION))
            model = nncf.quantize(model, data, subset_size=exported.CALIBRATION)
        compiled = core.compile_model(model, "CPU", {
            "PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": "1",
            "INFERENCE_NUM_THREADS": options.threads, "INFERENCE_PRECISION_HINT": "f32",
            "ENABLE_HYPER_THREADING": True,
        })
        self.request = compiled.create_infer_request()
        self.batches = [
            openvino.Tensor(batch, shared_memory=True)
            for batch in exported.batches(options, serving.BATCHES)]
        self.count = 0

    def __call__(self):
        self.request.set_input_tensor(self.batches[self.count % serving.BATCHES])
        self.count += 1
        self.request.infer()
        return self.request.get_output_tensor().data


def main():
    parser = serving.parser(__doc__, VARIANTS)
    exported.add_folder(parser)
    serving.keep_freed_memory()
    serving.run(parser.parse_args(), "infer", Step)


if __name__ == "__main__":
    main()
