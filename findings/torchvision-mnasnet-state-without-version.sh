#!/usr/bin/env bash
# torchvision 0.29.2 (torch 2.15.0): an MNASNet refuses its own, complete weights once they went through anything that
# keeps only names and tensors, as safetensors does or dict(): load_state_dict raises ValueError "version should be set
# to 1 or 2 instead of None", because it looks for a version in the attribute _metadata of the state dictionary. Other
# networks (ResNet, MobileNetV2, EfficientNet) load the same kind of dictionary.
# Expected from memory: a state dictionary is its names and tensors.
# Fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check torch==2.15.0 torchvision==0.29.2 safetensors==0.8.0 numpy
venv/bin/python - <<'PY'
import torchvision
from safetensors.torch import load_file, save_file

assert torchvision.__version__.startswith("0.29.2"), torchvision.__version__
for name in ("mnasnet0_5", "mobilenet_v2", "resnet18", "efficientnet_b0"):
    model = getattr(torchvision.models, name)()
    save_file(model.state_dict(), "weights.safetensors")
    try:
        found = str(model.load_state_dict(load_file("weights.safetensors")))
    except ValueError as error:
        found = str(error)
    print(f"{name}: {found}")
    expected = "version should be set to 1 or 2 instead of None" if name == "mnasnet0_5" else "<All keys matched successfully>"
    assert found == expected, found
PY
echo "as described"
