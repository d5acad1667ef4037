"""The rate of the work on many images by engine and number of workers, its memory, and what a million images take.

    python benchmarks/scale.py --photographs data/street/ccp/photos
    python benchmarks/scale.py --photographs data/street/ccp/photos --engines local ray --workers 2

Each row runs in a process of its own, twice: on the photographs, and on four times as many, each given four times. The
memory is that of the process that hands out the work; it should not grow with the number of images. With `ray`, a
cluster of this machine's processes starts first, which is not timed.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from measure import describe_machine, print_table, read_peak_mib

from fashiongen.deepfashion.image_sizes import measure_sizes
from fashiongen.executor.engine import MapItems, open_executor
from fashiongen.executor.params import ExecutorParams
from fashiongen.images.hashing import describe_images
from fashiongen.images.pack import Frame, pack_images

REPEATED = 4
MILLION = 1_000_000


def pack(paths: list[Path], map_items: MapItems) -> Iterable[object]:
    return pack_images(paths, frame=Frame(64, 32), fit="cover", map_items=map_items)


def measure_headers(paths: list[Path], map_items: MapItems) -> Iterable[object]:
    return _measure(paths, map_items, decode=False)


def decode(paths: list[Path], map_items: MapItems) -> Iterable[object]:
    return _measure(paths, map_items, decode=True)


def _measure(paths: list[Path], map_items: MapItems, *, decode: bool) -> Iterable[object]:
    names = [path.name for path in paths]
    with TemporaryDirectory() as folder:
        cache = Path(folder) / "sizes.sqlite"
        yield from measure_sizes(paths[0].parent, names, decode=decode, cache=cache, map_items=map_items)


WORK: dict[str, Callable[[list[Path], MapItems], Iterable[object]]] = {
    "sizes from headers": measure_headers,
    "decoding to the end": decode,
    "hashing": describe_images,
    "packing, 64 x 32 px": pack,
}


def run_alone(work: str, engine: str, workers: int, photographs: Path, repeated: int) -> None:
    paths = sorted(photographs.glob("*.jpg")) * repeated
    with open_executor(ExecutorParams(engine=engine, address=None, workers=workers)) as map_items:
        list(map_items(abs, range(workers)))  # starts Ray's workers
        began = time.perf_counter()
        count = sum(1 for _ in WORK[work](paths, map_items))
        seconds = time.perf_counter() - began
    print(json.dumps([count, seconds, read_peak_mib()]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photographs", type=Path, required=True, help="a folder of JPEGs")
    parser.add_argument("--engines", nargs="+", default=["local"], choices=["local", "ray"])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--alone", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        work, engine, workers, repeated = options.alone
        run_alone(work, engine, int(workers), options.photographs, int(repeated))
        return
    print(f"{describe_machine('cpu')}\n")
    rows = []
    for work in WORK:
        for engine in options.engines:
            for workers in options.workers:
                found = []
                for repeated in (1, REPEATED):
                    arguments = ["--photographs", str(options.photographs), "--alone", work, engine, str(workers)]
                    command = [sys.executable, __file__, *arguments, str(repeated)]
                    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
                    found.append(json.loads(done.stdout.splitlines()[-1]))
                (few, _, little), (many, seconds, much) = found
                rate = many / seconds
                memory = f"{little:.0f} → {much:.0f}"
                hours = f"{MILLION / rate / 3600:.1f}"
                rows.append([work, engine, str(workers), f"{few:,} → {many:,}", f"{rate:.0f}", memory, hours])
    print_table(["work", "engine", "workers", "images", "images/s", "MiB", "hours for a million"], rows)


if __name__ == "__main__":
    main()
