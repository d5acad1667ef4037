"""Time and memory of a scrape of the local test site, with a delay before each of its answers.

    python benchmarks/scrape.py --pins 700 --boards 1 --delay-ms 50
    python benchmarks/scrape.py --pins 10000 --boards 20 --delay-ms 50

With `--gallery-dl PROGRAM` that program, installed in an environment of its own, downloads the same boards from
the same site. It asks for the feed without a browser and downloads one image at a time.

The boards, pins and originals are made first, in a temporary folder; originals are 600 x 900 px. Then the stage runs
as `dvc repro` runs it, with the demo's params: login, scrolling, downloads, tables. The memory is that of the scraper,
without the browser and the site.
"""

import argparse
import hashlib
import io
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import psutil
import yaml
from measure import describe_machine, print_table
from PIL import Image

from fashiongen import config
from fashiongen.cli.profiles import PROFILES, read_profile
from fashiongen.files import read_csv
from fashiongen.images.manifest import BoardRecord
from fashiongen.sources.standin.database import SiteBoard, SitePin, image_path, write_site
from fashiongen.sources.standin.disturbances import FILE
from fashiongen.sources.standin.faults import USUAL
from fashiongen.sources.standin.server import serve

SIZE_PX = (600, 900)
POLL_S = 0.1


def make_boards(folder: Path, *, pins: int, boards: int, delay_s: float) -> None:
    """A catalogue, and a site whose boards share the pins evenly."""
    stream = io.BytesIO()
    Image.effect_noise(SIZE_PX, 40).convert("RGB").save(stream, "JPEG", quality=85)
    content = stream.getvalue()
    made = []
    for board in range(boards):
        feed = []
        for number in range(board * pins // boards, (board + 1) * pins // boards):
            signature = hashlib.md5(str(number).encode()).hexdigest()
            pin = SitePin(
                id=f"9{number:07d}",
                type="pin",
                kind="image",
                title=f"Look {number}",
                description="",
                link="",
                signature=signature,
                ext="jpg",
                width=SIZE_PX[0],
                height=SIZE_PX[1],
                original="ok",
            )
            path = image_path(folder / "site", pin)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            feed.append(pin)
        url = f"/member/board-{board}/"
        made.append(
            SiteBoard(board_id=str(board), url=url, name=url, pin_count=len(feed), feed=tuple(feed), more_ideas=())
        )
    write_site(folder / "site", made)
    (folder / "site" / FILE).write_text(yaml.safe_dump([{"match": ".", "stall_s": delay_s}]))
    entries = [{"brand": f"Brand {number}", "season": "", "url": board.url} for number, board in enumerate(made)]
    (folder / "catalogue.yaml").write_text(yaml.safe_dump({"site": "standin", "boards": entries}))


class Run(NamedTuple):
    """What a contender saved, in which time and memory."""

    name: str
    saved: int
    complete: str  # boards
    seconds: float
    mib: float


def scrape(root: Path) -> Run:
    """The stage, in `root`."""
    seconds, mib = run_and_watch([sys.executable, "-m", "stages.scrape"], root)
    entries = read_csv(root / "data/scraped/boards.csv", BoardRecord)
    complete = sum(entry.is_complete for entry in entries)
    return Run("fashiongen", sum(entry.saved for entry in entries), str(complete), seconds, mib)


def download(root: Path, program: str, boards: int) -> Run:
    """gallery-dl, which believes that the local site is Pinterest."""
    with serve(root / "boards/site", faults=USUAL.model_copy(update={"anonymous_pins": None})) as site:
        command = [program, "--quiet", "--directory", "gallery", "--option", f"extractor.pinterest.domain={site.url}"]
        urls = [f"https://www.pinterest.com/member/board-{number}/" for number in range(boards)]
        seconds, mib = run_and_watch(command + urls, root)
    saved = sum(path.is_file() for path in (root / "gallery").rglob("*"))
    return Run("gallery-dl", saved, "not told", seconds, mib)


def run_and_watch(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """The seconds of a command, and the largest resident memory of its process in MiB."""
    began, largest = time.perf_counter(), 0
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())}
    with subprocess.Popen(command, cwd=folder, env=environment) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            largest = max(largest, watched.memory_info().rss)
            time.sleep(POLL_S)
    if process.returncode != 0:
        raise SystemExit(f"{command[0]} ended with status {process.returncode}")
    return time.perf_counter() - began, largest / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pins", type=int, default=700)
    parser.add_argument("--boards", type=int, default=1)
    parser.add_argument("--delay-ms", type=float, default=50)
    parser.add_argument("--gallery-dl", metavar="PROGRAM")
    options = parser.parse_args()
    section = dict(config.section(read_profile("demo", PROFILES), "scrape"))
    with TemporaryDirectory() as folder:
        root = Path(folder)
        make_boards(root / "boards", pins=options.pins, boards=options.boards, delay_s=options.delay_ms / 1000)
        (root / "params.yaml").write_text(yaml.safe_dump({"scrape": section | {"boards": "boards"}}))
        runs = [scrape(root)]
        if options.gallery_dl:
            runs.append(download(root, options.gallery_dl, options.boards))
    print(f"{describe_machine('cpu')}\n")
    print(f"{options.pins:,} pins on {options.boards} boards, {options.delay_ms:g} ms before each answer\n")
    print_table(
        ["scraper", "saved", "complete boards", "seconds", "pins/s", "peak MiB"],
        [
            [
                *(run.name, f"{run.saved:,}", run.complete, f"{run.seconds:.0f}"),
                *(f"{run.saved / run.seconds:.1f}", f"{run.mib:.0f}"),
            ]
            for run in runs
        ],
    )


if __name__ == "__main__":
    main()
