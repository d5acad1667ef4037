"""The time that `dvc status` takes for a million images in shards of a thousand, compared with a file for each image.

    python benchmarks/dvc_status.py
    python benchmarks/dvc_status.py --images 20000 --files 1000 2000 --work /a/folder/with/room

Each row is a repository with one folder of images, which seven stages depend on, as on `data/pinterest` in dvc.yaml.
The images are 512 random bytes: what counts is the number of files. Warm: nothing has changed since the last check.
Cold: DVC has lost what it knew of the files, so it hashes all of them again; that also grows with their bytes.

The repositories of single files are smaller. The last row extends the line through their two figures to as many images
as the shards have: what DVC takes for itself is in it once, and what it takes for a file as often as there are files.
"""

import argparse
import random
import shutil
import tempfile
from pathlib import Path
from statistics import median
from typing import NamedTuple

from dvc_scale import Repository, open_repository
from measure import describe_machine, print_table

from fashiongen.images.shards import name_shard, open_shard

MILLION = 1_000_000
PER_SHARD = 1000
IMAGE_BYTES = 512
DEPENDENTS = 7  # stages below dedup in dvc.yaml: the cropping, four trainings, the evaluation and the report
ROUNDS = 3  # of the warm check
GOAL_S = 10.0
FOLDER = "images"


class Times(NamedTuple):
    """Seconds of the commands in one repository."""

    add: float
    commit: float
    cold: float
    warm: float


def draw_image(number: int) -> bytes:
    return random.Random(number).randbytes(IMAGE_BYTES)


def write_shards(folder: Path, images: int) -> None:
    for number, first in enumerate(range(0, images, PER_SHARD)):
        with open_shard(folder / name_shard(number)) as add:
            for image in range(first, min(first + PER_SHARD, images)):
                add(f"{image:032x}.jpg", draw_image(image))


def write_files(folder: Path, images: int) -> None:
    folder.mkdir(parents=True)
    for image in range(images):
        (folder / f"{image:032x}.jpg").write_bytes(draw_image(image))


def add_stages(repository: Repository) -> None:
    """Stages that depend on the folder and do nothing."""
    stages = "".join(f"  stage_{number}:\n    cmd: 'true'\n    deps: [{FOLDER}]\n" for number in range(DEPENDENTS))
    (repository.folder / "dvc.yaml").write_text(f"stages:\n{stages}")


def time_commands(repository: Repository) -> Times:
    add = repository.run("dvc", "add", FOLDER).wall_s
    add_stages(repository)
    commit = repository.run("dvc", "commit", "--force").wall_s
    shutil.rmtree(repository.environment["DVC_SITE_CACHE_DIR"])
    cold = repository.run("dvc", "status").wall_s
    warm = median(repository.run("dvc", "status").wall_s for _ in range(ROUNDS))
    return Times(add, commit, cold, warm)


def measure(work: Path, images: int, *, as_shards: bool) -> Times:
    repository = open_repository(work / "repository", "hardlink")
    (write_shards if as_shards else write_files)(repository.folder / FOLDER, images)
    times = time_commands(repository)
    shutil.rmtree(work)
    work.mkdir()
    return times


def extrapolate(times: list[Times], files: tuple[int, int], images: int) -> Times:
    per_file = [(more - less) / (files[1] - files[0]) for less, more in zip(*times, strict=True)]
    return Times(*(more + each * (images - files[1]) for more, each in zip(times[1], per_file, strict=True)))


def describe(name: str, files: int, times: Times) -> list[str]:
    return [name, f"{files:,}", *(f"{seconds:,.1f}" for seconds in times)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=MILLION, help="in shards")
    parser.add_argument("--files", type=int, nargs=2, default=[25_000, 100_000], help="two numbers, of one image each")
    parser.add_argument("--work", type=Path, help="folder to work in; it needs 2 GB and an inode per file")
    options = parser.parse_args()
    print(f"{describe_machine('cpu')}\n")
    rows = []
    with tempfile.TemporaryDirectory(dir=options.work) as temporary:
        work = Path(temporary)
        ours = measure(work, options.images, as_shards=True)
        shards = -(-options.images // PER_SHARD)
        rows.append(describe(f"{options.images:,} in shards", shards, ours))
        of_files = [measure(work, files, as_shards=False) for files in options.files]
        rows += [describe(f"{files:,}", files, times) for files, times in zip(options.files, of_files, strict=True)]
    theirs = extrapolate(of_files, tuple(options.files), options.images)
    rows.append(describe(f"{options.images:,}, extrapolated", options.images, theirs))
    print_table(["images", "files", "add s", "commit s", "status cold s", "status warm s"], rows)
    verdict = "met" if ours.warm < GOAL_S else "missed"
    print(f"`dvc status` of shards takes {ours.warm:.1f} s; the goal of {GOAL_S:.0f} s is {verdict}.")
    print(
        f"A file for each image takes {theirs.warm / ours.warm:.0f} times as long, cold {theirs.cold / ours.cold:.0f}."
    )


if __name__ == "__main__":
    main()
