"""Each stage is a program of its own: run one after the other without DVC, they write what `dvc repro` wrote."""

import shutil
from pathlib import Path

import pytest

ITEMS = ("train_detector", "train_dcgan")  # of which the first item runs, and the others are taken from DVC's run


def list_commands(clone, finished: Path) -> dict[str, str]:
    """The commands of the finished run by the stage's address, in the order of the dvc.yaml files; one per matrix.

    DVC tells a stage its item by DVC_STAGE; without DVC it is an argument.
    """
    commands = {}
    for name in ("data/demo", "."):
        stages = clone.read_yaml(finished / name / "dvc.yaml")["stages"]
        locked = clone.read_yaml(finished / name / "dvc.lock")["stages"]
        for stage in stages:
            address = next(one for one in locked if one.partition("@")[0] == stage)
            script = " ".join(locked[address]["cmd"].split()[:3])
            commands[address] = f"{script} {address.partition('@')[2]}".strip()
    return commands


def copy_other_items(clone, finished: Path, commands: dict[str, str]) -> None:
    """Copy the outputs of the items that do not run."""
    for address, run in clone.read_yaml(finished / "dvc.lock")["stages"].items():
        if address.partition("@")[0] in ITEMS and address not in commands:
            for out in run["outs"]:
                shutil.copytree(finished / out["path"], clone.folder / out["path"])


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(1800)  # `finished` may have to run first
def test_the_stages_in_order_without_dvc_write_the_same_bytes(lay_out, finished, tmp_path):
    clone = lay_out(tmp_path)
    for name in (".dvc", "metrics"):
        shutil.rmtree(clone.folder / name)
    if (finished / "metrics/costs").exists():
        shutil.copytree(finished / "metrics/costs", clone.folder / "metrics/costs")  # an input, which Git keeps
    for lock in clone.folder.rglob("dvc.lock"):
        lock.unlink()
    commands = list_commands(clone, finished)
    assert len(commands) == len({command.split()[2] for command in commands.values()}) >= 9
    copy_other_items(clone, finished, commands)
    for command in commands.values():
        assert command.startswith("python -m stages.")
        clone.run(command)
    assert not (clone.folder / ".dvc/cache").exists()  # DVCLive writes an empty .dvc; nothing was kept in it
    for name in ("data/demo/dvc.lock", "dvc.lock"):  # they list the outputs to compare
        shutil.copy(finished / name, clone.folder / name)
    compared = clone.run(f"python .ci/reproducible.py --compare {finished} .")
    for output in ("models/best_detector", "data/coco", "data/crops", "models/dcgan/cropped", "metrics/summary.json"):
        assert any(line.split()[:2] == ["equal", output] for line in compared.splitlines()), compared
