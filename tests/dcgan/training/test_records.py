"""The report reads what a training wrote without loading PyTorch."""

import subprocess
import sys

import pytest

WITHOUT_TORCH = [
    "fashiongen.dcgan.networks.model_card",
    "fashiongen.dcgan.training.records",
    "fashiongen.detector.training.records",
    "fashiongen.runtime.params",
]


@pytest.mark.slow
@pytest.mark.parametrize("module", WITHOUT_TORCH)
def test_a_reader_of_records_does_not_import_torch(module):
    code = f"import sys, {module}; print('torch' in sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert loaded.strip() == "False"
