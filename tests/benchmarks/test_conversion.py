"""The benchmark of the conversion converts a tiny set in each of its ways."""

import importlib
import re
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.slow
@pytest.mark.usefixtures("warm_python")
def test_each_way_has_its_time_and_memory(monkeypatch, capsys):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.setattr("sys.argv", ["conversion.py", "--images=90", "--decoded=45"])
    importlib.import_module("conversion").main()
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")][1:]
    found = [re.fullmatch(r"\| (\D+) \| (\d+) \| [\d.]+ \| [\d,]+ \| [\d,]+ \|", row) for row in rows[1:]]
    assert [match.groups() for match in found] == [
        ("decoded", "45"),
        ("headers", "45"),
        ("headers", "90"),
        ("headers, cached", "90"),
    ]
