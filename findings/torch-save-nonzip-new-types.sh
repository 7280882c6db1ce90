#!/usr/bin/env bash
# torch 2.15.0: torch.save(..., _use_new_zipfile_serialization=False) writes tensors of uint16, uint32, uint64 and the
# 8-bit floats without complaint, but torch.load reads none of these files again, neither with weights_only=True nor
# with False: AttributeError: type object 'torch.storage.UntypedStorage' has no attribute 'dtype'. int16 comes back.
# Expected from memory: what torch.save writes torch.load reads, or torch.save refuses it.
# Fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check torch==2.15.0 numpy
venv/bin/python - <<'PY'
import io
import torch

assert torch.__version__.startswith("2.15.0")

def outcome(dtype, **options):
    file = io.BytesIO()
    torch.save({"w": torch.ones(3).to(dtype)}, file, _use_new_zipfile_serialization=False)
    file.seek(0)
    try:
        return str(torch.load(file, **options)["w"].dtype)
    except AttributeError as error:
        return str(error)

missing = "type object 'torch.storage.UntypedStorage' has no attribute 'dtype'"
for weights_only in (True, False):
    for dtype in (torch.int16, torch.uint16, torch.uint32, torch.uint64, torch.float8_e4m3fn, torch.float8_e5m2):
        found = outcome(dtype, weights_only=weights_only)
        print(f"{dtype}, weights_only={weights_only}: {found}")
        assert found == ("torch.int16" if dtype == torch.int16 else missing), found
PY
echo "as described"
