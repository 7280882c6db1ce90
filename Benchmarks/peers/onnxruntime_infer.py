"""Times ONNX Runtime's answers under the contract of `striate bench --mode infer`.

A fresh plain NCHW host batch (of 8 prepared) in, host logits out. See serving.py for what it prints
and how it is driven. The network comes from PyTorch by torch.onnx; all graph optimisations are on,
inputs and outputs are bound to memory that is there, so that nothing is copied.

Variants: float; u8s8, s8s8 (static QDQ quantisation by its own tool, activations unsigned or signed).
"""

import exported
import serving

VARIANTS = ("float", "u8s8", "s8s8")


class Step:
    """An answer with everything that lives across answers."""

    def __init__(self, options):
        import onnxruntime

        self.peer = f"ONNX Runtime {onnxruntime.__version__}"
        if options.variant == "float":
            path = exported.model(options)
        else:
            path = exported.quantised(options, options.variant[:2])
        settings = onnxruntime.SessionOptions()
        settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        settings.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        settings.intra_op_num_threads = options.threads
        settings.inter_op_num_threads = 1
        settings.add_session_config_entry("session.set_denormal_as_zero", "1")
        self.session = onnxruntime.InferenceSession(
            str(path), settings, providers=["CPUExecutionProvider"])
        self.binding = self.session.io_binding()
        self.batches = [
            onnxruntime.OrtValue.ortvalue_from_numpy(batch)
            for batch in exported.batches(options, serving.BATCHES)]
        self.input = self.session.get_inputs()[0].name
        output = self.session.get_outputs()[0]
        self.logits = onnxruntime.OrtValue.ortvalue_from_shape_and_type(
            output.shape, "float32", "cpu", 0)
        self.binding.bind_ortvalue_output(output.name, self.logits)
        self.count = 0

    def __call__(self):
        self.binding.bind_ortvalue_input(self.input, self.batches[self.count % serving.BATCHES])
        self.count += 1
        self.session.run_with_iobinding(self.binding)
        return self.logits.numpy()


def main():
    parser = serving.parser(__doc__, VARIANTS)
    exported.add_folder(parser)
    serving.keep_freed_memory()
    serving.run(parser.parse_args(), "infer", Step)


if __name__ == "__main__":
    main()
