"""The docs beside a finished run: their commands work in it, and the files that they name are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# Looked for where a stage writes; of these a run leaves none: what fails or is unfinished, other profiles' inputs, and
# what people keep.
NOT_LEFT = ("data/street/", "data/thesis/", "data/mine", "data/own", "data/weights", "data/incomplete_scrape/")
NOT_LEFT += ("models/studio.sqlite",)
ELSEWHERE = "fashiongen doctor"  # test_pipeline runs it


def shell_blocks() -> list[str]:
    """The commands of the page on getting started; test_pipeline runs those of the README and other pages."""
    page = (ROOT / "docs/getting-started.md").read_text().replace(f"\n{ELSEWHERE}\n", "\n")
    return re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def paths() -> list[str]:
    """The paths below data/, models/, reports/ and metrics/ that the pages name."""
    spans = (span for page in PAGES for span in re.findall(r"`([^`\n]+)`", page.read_text()))
    found = {span for span in spans if re.fullmatch(r"(data|models|reports|metrics)/[\w./<>-]*", span)}
    return sorted(path for path in found if not path.startswith(NOT_LEFT))


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(1800)  # the first test waits for the whole run
class TestTheDocs:
    @pytest.mark.parametrize("path", paths())
    def test_name_a_file_that_a_run_leaves(self, finished, path):
        """`<brand>`, `<backbone>` and `<variant>` stand for any."""
        assert list(finished.glob(re.sub(r"<\w+>", "*", path.rstrip("/"))))

    def test_give_commands_that_compare_a_change_and_take_it_back(self, copy_finished):
        """As they stand, but for the epochs, as few as a tiny run can bear, and without the report."""
        clone = copy_finished()
        before = {
            name: (clone.folder / name).read_bytes() for name in ("params.yaml", "dvc.lock", "metrics/dcgan.json")
        }
        blocks = shell_blocks()
        assert "epochs=80" in "".join(blocks)
        short = [
            block.replace("dvc exp run", "dvc exp run evaluate").replace("epochs=80", "epochs=3") for block in blocks
        ]
        outputs = [clone.run(f"set -e\n{block}") for block in short]
        ran = [name for output in outputs for name in re.findall(r"Running stage '(.*?)'", output)]
        assert ran == ["train_dcgan@cropped", "evaluate"]
        assert re.search(r"dcgan\.variants\.cropped\.epochs +2 +3", outputs[2])
        assert re.search(r"cropped\S*\.epochs +2 +3", outputs[2])  # a metric of the network that was trained
        assert {name: (clone.folder / name).read_bytes() for name in before} == before
