"""DVC's own time at the thesis profile's size, measured on a full tree in DeepFashion's format with tiny images.

    python benchmarks/dvc_scale.py
    python benchmarks/dvc_scale.py --images 20000 --cached 2000 --work /a/folder/with/room

First, a clone of HEAD gets the thesis profile and its tree. The script times the DVC commands that check the tree for
changes: once with all images watched, and once with only their archive watched, as .dvcignore has it. Then it puts a
part of the tree into DVC's cache, as a folder and as one archive, and measures links, checkout, push, pull and disk
space. Real images take the same time per file, and more time to hash and copy their bytes.
"""

import argparse
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from measure import describe_machine, print_table
from PIL import Image

from fashiongen.sources.categories import CATEGORY_TYPES
from fashiongen.sources.deepfashion_tree import LabelledImage, image_file, split_officially, write_tree

ROOT = Path(__file__).resolve().parent.parent
BENCHMARK = 289_222  # images of DeepFashion's Category and Attribute Prediction Benchmark
PER_ITEM = 52  # images in a folder, so that there are as many thousand folders
SIDE_PX = 8
BOX = (1, 1, 7, 7)
POLL_S = 0.02
TREE = "data/thesis/deepfashion"
FIND = "data/thesis/dvc.yaml:find_deepfashion@deepfashion"
COMMANDS = (
    ("`dvc repro --dry deepfashion_to_coco`, a new tree", ("repro", "--dry", "deepfashion_to_coco")),
    ("`dvc repro find_deepfashion`", ("repro", "--force", FIND)),
    ("the same again, nothing to do", ("repro", FIND)),
    ("`dvc repro deepfashion_to_coco`, conversion and all", ("repro", "--force", "deepfashion_to_coco")),
    ("the same again, nothing to do", ("repro", "deepfashion_to_coco")),
    ("`dvc repro --dry train_detector`, three of them", ("repro", "--dry", "train_detector")),
    ("`dvc status`", ("status",)),
)
LINKS = ("reflink", "hardlink", "symlink", "copy")


class CommandFailed(Exception):
    """A command that is measured ended with an error."""


class Usage(NamedTuple):
    """Time and memory of one command."""

    wall_s: float
    peak_mib: float  # of the process itself, without its child processes


class Repository:
    """A DVC repository, whose state database is in a folder beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        bin_folder = Path(sys.prefix) / "bin"
        self.environment = os.environ | {
            "PATH": f"{bin_folder}:{os.environ['PATH']}",
            "PYTHONPATH": str(folder),
            "DVC_SITE_CACHE_DIR": str(folder.with_name(folder.name + ".state")),
        }

    def run(self, *command: str) -> Usage:
        """Run a command.

        Raises:
            CommandFailed: its exit status is not 0.
        """
        began_s, peak_kib = time.perf_counter(), 0
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(command, cwd=self.folder, env=self.environment, stdout=output, stderr=output)
            while process.poll() is None:
                peak_kib = max(peak_kib, read_peak_kib(process.pid))
                time.sleep(POLL_S)
            if process.returncode:
                output.seek(0)
                words = output.read()[-2000:].decode(errors="replace").strip()
                raise CommandFailed(f"{' '.join(command)}: exit status {process.returncode}\n{words}")
        return Usage(time.perf_counter() - began_s, peak_kib / 1024)


def read_peak_kib(pid: int) -> int:
    """The peak memory of a process so far; 0 if it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)


def plan_images(count: int) -> list[LabelledImage]:
    """Rows of the annotation files: folders of `PER_ITEM` images, one category per folder, the official split."""
    categories = list(CATEGORY_TYPES)
    parts = split_officially(count, {"train": 0.723, "val": 0.138, "test": 0.139}, np.random.default_rng(7))
    return [
        LabelledImage(
            f"img/Item_{number // PER_ITEM:05d}/img_{number % PER_ITEM + 1:08d}.jpg",
            categories[number // PER_ITEM % len(categories)],
            BOX,
            part,
        )
        for number, part in enumerate(parts)
    ]


def write_images(root: Path, images: list[LabelledImage]) -> int:
    """Write one tiny JPEG per row, with a number in its comment so that all differ; return the number of bytes."""
    buffer = io.BytesIO()
    Image.new("L", (SIDE_PX, SIDE_PX), 128).save(buffer, "JPEG", quality=30, optimize=True)
    start, rest = buffer.getvalue()[:2], buffer.getvalue()[2:]
    written = 0
    for number, image in enumerate(images):
        path = image_file(root, image.path)
        if number % PER_ITEM == 0:
            path.parent.mkdir(parents=True)
        comment = f"{number:08d}".encode()
        written += path.write_bytes(start + b"\xff\xfe" + (len(comment) + 2).to_bytes(2) + comment + rest)
    return written


def walk_and_stat(root: Path) -> float:
    """Seconds to read the size and time of every file, which any tool that watches a tree must do."""
    began_s = time.perf_counter()
    folders = [str(root)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    entry.stat(follow_symlinks=False)
    return time.perf_counter() - began_s


def count_disk(*roots: Path) -> tuple[int, float]:
    """Inodes and MiB that folders use on the disk; linked files count once."""
    inodes: dict[int, int] = {}
    for root in roots:
        for path in (root, *root.rglob("*")):
            status = path.lstat()
            inodes[status.st_ino] = status.st_blocks * 512
    return len(inodes), sum(inodes.values()) / 2**20


def write_archive(tree: Path) -> None:
    """Write the images into Img/img.zip, as DeepFashion's authors distribute them."""
    with zipfile.ZipFile(tree / "Img/img.zip", "w") as archive:
        for path in sorted((tree / "Img/img").rglob("*.jpg")):
            archive.write(path, path.relative_to(tree / "Img"))


def measure_profile(work: Path, count: int) -> None:
    """Measure the thesis profile in a clone with `count` images: all watched by DVC, then only their archive."""
    clone = Repository(work / "clone")
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone.folder)], check=True)
    clone.run("fashiongen", "profile", "thesis", "--discard")
    tree = clone.folder / TREE
    images = plan_images(count)
    began_s = time.perf_counter()
    write_tree(tree, images)
    size = write_images(tree, images)
    write_archive(tree)
    made_s = time.perf_counter() - began_s
    folders = -(-count // PER_ITEM)
    print(f"{count:,} images in {folders:,} folders, {size / 2**20:,.0f} MiB of content, written in {made_s:.0f} s\n")
    walk_s = walk_and_stat(tree)
    ignored = clone.folder / ".dvcignore"
    archive_only = ignored.read_text()
    ignored.write_text("".join(line for line in archive_only.splitlines(keepends=True) if TREE not in line))
    watched = measure_commands(clone)
    ignored.write_text(archive_only)
    shutil.rmtree(clone.environment["DVC_SITE_CACHE_DIR"])
    packed = measure_commands(clone)
    rows = []
    for (name, all_), (_, one) in zip(watched, packed, strict=True):
        figures = [f"{figure:,.1f}" for took in (all_, one) for figure in took]
        rows.append([name, *figures, f"{all_.wall_s / one.wall_s:.1f}"])
    print_table([f"{count:,} images", "all watched s", "peak MiB", "img.zip watched s", "peak MiB", "×"], rows)
    print(f"Reading only the size and time of every file: {walk_s:.1f} s\n")


def measure_commands(clone: Repository) -> list[tuple[str, Usage]]:
    """Time and memory of everyday commands, one after the other, starting with a tree that is new to DVC."""
    figures = []
    for name, arguments in COMMANDS:
        figures.append((name, clone.run("dvc", *arguments)))
        print(f"  {name}: {figures[-1][1].wall_s:.1f} s", file=sys.stderr, flush=True)
    return figures


def open_repository(folder: Path, link: str) -> Repository:
    """An empty repository of Git and DVC, with a remote beside it."""
    folder.mkdir(parents=True)
    repository = Repository(folder)
    repository.run("git", "init", "--quiet")
    repository.run("dvc", "init", "--quiet")
    remote = folder.with_name(f"{folder.name}.remote")
    with (folder / ".dvc/config").open("a") as config:
        config.write(f'[core]\nremote = folder\n[\'remote "folder"\']\nurl = {remote}\n[cache]\ntype = "{link}"\n')
    return repository


def measure_link(work: Path, images: list[LabelledImage], link: str) -> list[str]:
    """A table row for one kind of link between workspace and cache: times, inodes and disk space."""
    repository = open_repository(work / link, link)
    data = repository.folder / "data"
    write_images(data, images)
    added = repository.run("dvc", "add", "data")
    inodes, mib = count_disk(data, repository.folder / ".dvc/cache")
    status = repository.run("dvc", "status")
    shutil.rmtree(data)
    checkout = repository.run("dvc", "checkout")
    return [*(f"{took.wall_s:.1f}" for took in (added, status, checkout)), f"{inodes:,}", f"{mib:,.0f}"]


def measure_links(work: Path, count: int) -> None:
    """Print a row per kind of link; kinds that the file system lacks have dashes."""
    images, rows = plan_images(count), []
    for link in LINKS:
        try:
            rows.append([link, *measure_link(work, images, link)])
        except CommandFailed as error:
            print(f"  {link}: {str(error).splitlines()[-1]}", file=sys.stderr)
            rows.append([link, *["—"] * 5])
        shutil.rmtree(work / link)
    print_table([f"{count:,} images, cache.type", "add s", "status s", "checkout s", "inodes", "MiB on disk"], rows)


def measure_push(work: Path, count: int) -> None:
    """Print times and disk space of a folder and of one archive: added, pushed to a remote folder, and pulled."""
    images, rows = plan_images(count), []
    for kind in ("files", "one archive"):
        repository = open_repository(work / kind.replace(" ", "_"), "hardlink,copy")
        data = repository.folder / "data"
        write_images(data, images)
        if kind == "one archive":
            with tarfile.open(repository.folder / "data.tar", "w") as archive:
                archive.add(data, "data")
            shutil.rmtree(data)
        name = "data" if kind == "files" else "data.tar"
        added = repository.run("dvc", "add", name)
        pushed = repository.run("dvc", "push")
        again = repository.run("dvc", "push")
        asked = repository.run("dvc", "status", "--cloud")
        inodes, mib = count_disk(repository.folder.with_name(f"{repository.folder.name}.remote"))
        shutil.rmtree(repository.folder / ".dvc/cache")
        pulled = repository.run("dvc", "pull", "--force")
        seconds = [f"{each.wall_s:.1f}" for each in (added, pushed, again, asked, pulled)]
        rows.append([kind, *seconds, f"{inodes:,}", f"{mib:,.0f}"])
        shutil.rmtree(repository.folder)
    header = [f"{count:,} images as", "add s", "push s", "push again s", "status -c s", "pull s", "inodes", "MiB"]
    print_table(header, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=BENCHMARK, help="size of the thesis profile's tree; 0 skips it")
    parser.add_argument("--cached", type=int, default=20_000, help="size of the folder for DVC's cache; 0 skips it")
    parser.add_argument("--work", type=Path, help="folder to work in; it needs an inode and 4 KiB per image")
    arguments = parser.parse_args()
    print(describe_machine("cpu"))
    print()
    with tempfile.TemporaryDirectory(dir=arguments.work) as temporary:
        work = Path(temporary)
        if arguments.images:
            measure_profile(work, arguments.images)
        if arguments.cached:
            measure_links(work, arguments.cached)
            measure_push(work, arguments.cached)


if __name__ == "__main__":
    main()
