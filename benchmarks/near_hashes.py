"""Time and memory of finding near hashes among many, and the rate of hashing files, compared with peers.

    python benchmarks/near_hashes.py --photographs data/street/ccp/photos --hashes 10000 1000000
    python benchmarks/near_hashes.py --photographs data/street/ccp/photos --hashes 10000000

The hashes are those of real photographs with random bits flipped, so that their bands are as uneven as real ones: some
values are seventy times as frequent as the median one. A twentieth are near-duplicates. Peers take part where they can
be imported: faiss's IndexBinaryMultiHash, which is exact too, and at up to 10,000 hashes imagededup's default search.
The files are the photographs, enlarged to a long side of 1,100 px; imagehash decodes and hashes each in full, in one
process; `dedup` has a process per core.
"""

import argparse
import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import imagehash
import numpy as np
from jaxtyping import UInt64
from measure import describe_machine, print_table, read_peak_mib
from numpy import ndarray
from PIL import Image

from fashiongen.executor.engine import map_locally
from fashiongen.images.hashing import describe_image, describe_images
from fashiongen.images.neighbours import find_pairs

LONG_SIDE_PX = 1100
FLIPPED_FRAC = 0.2  # of the bits
NEAR_FRAC, NEAR_FLIPS = 0.05, 4  # near-duplicates: copies with so many flips
MOST_FOR_IMAGEDEDUP = 10_000
MIB = 2**20

Hashes = UInt64[ndarray, " n"]


def make_hashes(real: Hashes, count: int) -> Hashes:
    """Hashes around real ones, a twentieth of them near another one."""
    rng = np.random.default_rng(0)
    hashes = real[rng.integers(len(real), size=count)]
    for bit in range(64):
        hashes ^= (rng.random(count) < FLIPPED_FRAC).astype(np.uint64) << np.uint64(bit)
    copies, originals = rng.integers(count, size=(2, round(NEAR_FRAC * count)))
    hashes[copies] = hashes[originals]
    for _ in range(NEAR_FLIPS):
        hashes[copies] ^= np.uint64(1) << rng.integers(64, size=len(copies)).astype(np.uint64)
    return hashes


def ours(hashes: Hashes, distance: int) -> int:
    find_pairs(hashes[:2], max_hamming_distance=distance)  # compiles, or reads what an earlier run has compiled
    return len(find_pairs(hashes, max_hamming_distance=distance))


def faiss_multi_hash(hashes: Hashes, distance: int) -> int:
    """Four hash tables of 16 bits; as in ours, a table is searched to a quarter of the distance."""
    import faiss  # noqa: PLC0415  an optional peer

    codes = hashes.view(np.uint8).reshape(-1, 8)
    index = faiss.IndexBinaryMultiHash(64, 4, 16)
    index.nflip = distance // 4
    index.add(codes)
    limits, _, _ = index.range_search(codes, distance + 1)
    return (int(limits[-1]) - len(hashes)) // 2


def imagededup_default(hashes: Hashes, distance: int) -> int:
    from imagededup.methods import PHash  # noqa: PLC0415  an optional peer

    encodings = {str(number): f"{int(value):016x}" for number, value in enumerate(hashes)}
    found = PHash(verbose=False).find_duplicates(encoding_map=encodings, max_distance_threshold=distance)
    return sum(map(len, found.values())) // 2


CONTENDERS: dict[str, Callable[[Hashes, int], int]] = {
    "fashiongen": ours,
    "faiss": faiss_multi_hash,
    "imagededup": imagededup_default,
}


def search(name: str, file: Path, distance: int) -> None:
    """Print the pairs, the seconds and the peak memory of one contender; run in a process of its own."""
    hashes = np.load(file)
    began = time.perf_counter()
    pairs = CONTENDERS[name](hashes, distance)
    print(json.dumps([pairs, time.perf_counter() - began, read_peak_mib()]))


def compare_searches(real: Hashes, counts: list[int], distance: int, folder: Path) -> None:
    rows = []
    for count in counts:
        file = folder / f"{count}.npy"
        np.save(file, make_hashes(real, count))
        for name in CONTENDERS:
            is_too_slow = name == "imagededup" and count > MOST_FOR_IMAGEDEDUP
            if is_too_slow or (name != "fashiongen" and importlib.util.find_spec(name) is None):
                continue
            command = [sys.executable, __file__, "--search", name, str(file), str(distance)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            pairs, seconds, mib = json.loads(done.stdout.splitlines()[-1])
            rows.append([f"{count:,}", name, f"{pairs:,}", f"{seconds:.2f}", f"{mib:.0f}"])
    print_table(["hashes", "search", f"pairs within {distance} bits", "seconds", "peak MiB"], rows)


def hash_in_full(path: Path) -> None:
    with Image.open(path) as image:
        imagehash.phash(image)


def compare_hashing(photographs: list[Path], folder: Path) -> None:
    files = []
    for path in photographs:
        with Image.open(path) as image:
            scale = LONG_SIDE_PX / max(image.size)
            large = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)
        files.append(folder / path.name)
        large.save(files[-1], quality=85)
    rows = []
    for name, hash_all in (
        ("imagehash, full decode", lambda: list(map(hash_in_full, files))),
        ("fashiongen, this process", lambda: list(map(describe_image, files))),
        ("fashiongen, as in dedup", lambda: list(describe_images(files, map_locally))),
    ):
        began = time.perf_counter()
        hash_all()
        rows.append((name, len(files) / (time.perf_counter() - began)))
    print_table(
        ["hashing", "images/s", "x imagehash"],
        [[name, f"{rate:.0f}", f"{rate / rows[0][1]:.1f}"] for name, rate in rows],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photographs", type=Path, help="a folder of JPEGs")
    parser.add_argument("--images", type=int, default=300)
    parser.add_argument("--hashes", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--distance", type=int, default=6)
    parser.add_argument("--search", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.search:
        name, file, distance = options.search
        search(name, Path(file), int(distance))
        return
    files = sorted(options.photographs.glob("*.jpg"))
    real = np.array([one.phash for one in describe_images(files, map_locally)], dtype=np.uint64)
    print(f"{describe_machine('cpu')}\n")
    with TemporaryDirectory() as name:
        compare_hashing(files[: options.images], Path(name))
        print()
        compare_searches(real, options.hashes, options.distance, Path(name))


if __name__ == "__main__":
    main()
