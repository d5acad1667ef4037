"""The report renders what lies on disk: it runs no network, and an edit of it measures nothing again."""

import subprocess
import sys

import pytest

from fashiongen.runtime.code import find_modules, find_sources

RENDERS = "fashiongen.report"
NETWORKS = ("fashiongen.detector.networks", "fashiongen.dcgan.networks", "fashiongen.evaluation.metrics")


@pytest.mark.slow
def test_the_report_loads_no_torch():
    code = "import sys, stages.report; print(sorted({'torch', 'torchvision', 'torch_fidelity'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_edit_of_a_template_measures_and_converts_nothing_again():
    for stage in ("evaluate", "deepfashion_to_coco", "train_dcgan"):
        assert [path for path in find_sources(stage) if "report" in path.parts] == []
    assert {"index.html.j2", "report.md.j2"} <= {path.name for path in find_sources("report")}


def test_an_edit_of_a_network_or_a_measure_renders_nothing_again():
    """Unless it changes what they write."""
    modules = find_modules("report")
    assert [name for name in modules if name.startswith(NETWORKS)] == []
    measures = [name for name in modules if name.startswith("fashiongen.evaluation.")]
    assert measures == ["fashiongen.evaluation.comparisons", "fashiongen.evaluation.records"]
