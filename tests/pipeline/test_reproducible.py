"""The script behind `make reproducible`, on pipelines of two stages whose outputs are known to be the same, or not."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SCRIPT = "python .ci/reproducible.py"
SUMMARY = '{"data": {"images": 1}}'
MAKEFILE = "repro:\n\t@dvc repro\n"  # the real one runs `fashiongen doctor` first


@pytest.fixture
def toy(lay_out, tmp_path):
    """A clone whose pipeline writes the words of a shell command to a file, counts them, and is committed so."""

    def write(words: str, makefile: str = MAKEFILE):
        (tmp_path / "repository").mkdir()
        clone = lay_out(tmp_path / "repository")
        stages = {
            "write": {"cmd": f"mkdir -p data/words && {words} >data/words/file.txt", "outs": ["data/words"]},
            "count": {
                "cmd": "mkdir -p metrics && wc -w <data/words/file.txt >metrics/count.json",
                "deps": ["data/words"],
                "metrics": [{"metrics/count.json": {"cache": False}}],
            },
        }
        (clone.folder / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}, sort_keys=False))
        for lock in clone.folder.rglob("dvc.lock"):
            lock.unlink()
        shutil.rmtree(clone.folder / "metrics")
        (clone.folder / "metrics").mkdir()
        (clone.folder / "metrics/summary.json").write_text(SUMMARY)  # of which `make repro` makes its last words
        (clone.folder / "Makefile").write_text(makefile)
        clone.commit("Two stages")
        return clone

    return write


def work_in(tmp_path: Path) -> str:
    """The script in the environment of the clone, whose commands start at once."""
    (tmp_path / "work").mkdir()
    program = (
        "import os, runpy, sys; sys.prefix = os.path.abspath('.venv'); sys.path.insert(0, '.ci'); "
        "runpy.run_path('.ci/reproducible.py', run_name='__main__')"
    )
    return f'python -c "{program}" --work {tmp_path / "work"}'


@pytest.mark.slow
def test_two_runs_that_give_the_same_are_said_to_and_nothing_is_left(toy, tmp_path):
    said = toy("echo some words", (ROOT / "Makefile").read_text()).run(work_in(tmp_path))
    assert "the same to the byte: dvc.lock, metrics/count.json, metrics/summary.json" in said
    assert list((tmp_path / "work").iterdir()) == []


@pytest.mark.slow
def test_a_path_that_gets_into_an_output_is_found_and_its_stage_and_file_are_named(toy, tmp_path):
    said = toy("pwd").run(work_in(tmp_path), status=1)
    assert "dvc.lock: stage write: out data/words, first in file.txt" in said
    (work,) = (tmp_path / "work").iterdir()
    kept = sorted(path.read_text().strip() for path in work.rglob("data/words/file.txt"))
    assert len(kept) == 2
    assert all(Path(folder).is_relative_to(work) for folder in kept)


@pytest.mark.slow
def test_a_run_that_fails_is_no_difference(toy, tmp_path):
    said = toy("echo spilt ink >&2; exit 3").run(work_in(tmp_path), status=2)
    assert "error: make" in said
    assert "spilt ink" in said


class TestTheComparisonOfOutputs:
    @pytest.fixture
    def runs(self, tmp_path):
        """Two runs with the same outputs, whose locks name different code."""
        folders = []
        for name in ("before", "after"):
            folder = tmp_path / name
            outs = [{"path": "models/net", "md5": name}, {"path": "metrics/net.json", "md5": name}]
            stage = {"cmd": "train", "deps": [{"path": f"{name}/code.py", "md5": name}], "outs": outs}
            for file, text in (("models/net/weights", "w"), ("models/net/below/card", "c"), ("metrics/net.json", "{}")):
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                (folder / file).write_text(text)
            (folder / "dvc.lock").write_text(yaml.safe_dump({"stages": {"train": stage}}))
            folders.append(folder)
        return folders

    def compare(self, runs, status: int) -> list[str]:
        command = [sys.executable, str(ROOT / ".ci/reproducible.py"), "--compare", *map(str, runs)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == status, result.stderr
        return result.stdout.splitlines()

    def test_prints_a_line_for_each_output_and_ignores_code(self, runs):
        assert self.compare(runs, 0) == [
            "equal    models/net (2 files)",
            "equal    metrics/net.json",
            "reproducible: 2 of 2 outputs are equal",
        ]

    @pytest.mark.parametrize("name", ["models/net/weights", "models/net/below/card", "metrics/net.json"])
    def test_finds_a_file_that_differs(self, runs, name):
        (runs[1] / name).write_text("other")
        differing = [line for line in self.compare(runs, 1) if line.startswith("differs")]
        assert differing == [
            "differs  metrics/net.json"
            if name == "metrics/net.json"
            else f"differs  models/net, first in {name.removeprefix('models/net/')}"
        ]

    @pytest.mark.parametrize("folder", [0, 1])
    def test_finds_a_file_that_only_one_run_has(self, runs, folder):
        (runs[folder] / "models/net/more").touch()
        assert "differs  models/net, first in more, which one of them lacks" in self.compare(runs, 1)

    @pytest.mark.parametrize("folder", [0, 1])
    def test_finds_an_output_that_is_missing(self, runs, folder):
        shutil.rmtree(runs[folder] / "models")
        assert f"missing  models/net: in {runs[folder]}" in self.compare(runs, 1)

    def test_refuses_a_folder_without_a_run(self, runs):
        (runs[1] / "dvc.lock").unlink()
        self.compare(runs, 2)


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(1800)
class TestTwoRunsOfThePipeline:
    @pytest.fixture
    def copy(self, copy_finished):
        return copy_finished()

    def compare(self, finished, copy, status: int) -> str:
        return copy.run(f"{SCRIPT} {finished} {copy.folder}", status=status)

    def test_a_run_is_the_same_as_its_copy(self, finished, copy):
        assert "the same to the byte: data/demo/dvc.lock, dvc.lock, metrics/crops.json" in self.compare(
            finished, copy, 0
        )

    def test_the_stage_that_began_it_is_named_and_not_those_that_follow(self, finished, copy):
        """One image scraped otherwise: dedup and all that follow it differ too, and stand before scrape in the lock."""
        scraped = copy.folder / "data/scraped/images"
        image = min(scraped.rglob("*.jpg"))
        content = image.read_bytes()
        image.unlink()  # it may be a link into the cache
        image.write_bytes(content + b"\0")
        copy.run("dvc commit --force --quiet scrape && dvc repro --quiet dedup")
        name = image.relative_to(scraped)
        assert f"dvc.lock: stage scrape: out data/scraped/images, first in {name}" in self.compare(finished, copy, 1)

    def test_a_metric_that_was_changed_by_hand_is_found(self, finished, copy):
        path = copy.folder / "metrics/data.json"
        path.write_text(path.read_text().replace("{", "{ ", 1))
        assert "metrics/data.json: other content, and the locks are the same" in self.compare(finished, copy, 1)

    def test_a_folder_without_a_run_is_refused(self, finished, copy):
        (copy.folder / "dvc.lock").unlink()
        assert f"error: {copy.folder}: no dvc.lock; run `dvc repro` there" in self.compare(finished, copy, 2)
