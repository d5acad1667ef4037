"""Pairs of near hashes: the index against brute force."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashiongen.images.neighbours import find_pairs

ROOT = Path(__file__).parents[2]


def brute_force(hashes, max_hamming_distance):
    """Every pair, counted by Python's integers."""
    values = [int(value) for value in hashes]
    return [
        [i, j]
        for i, one in enumerate(values)
        for j in range(i + 1, len(values))
        if (one ^ values[j]).bit_count() <= max_hamming_distance
    ]


def clustered(rng, size, flips):
    """Hashes about few centres, as those of one runway are: random bits of the centre flipped."""
    centres = rng.integers(0, 2**64, max(size // 8, 1), dtype=np.uint64)
    hashes = rng.choice(centres, size)
    for _ in range(flips):
        hashes = hashes ^ (np.uint64(1) << rng.integers(0, 64, size, dtype=np.uint64))
    return hashes


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.integers(0, 120),
    flips=st.integers(0, 7),
    max_hamming_distance=st.integers(0, 15),
)
def test_the_index_finds_what_brute_force_finds(seed, size, flips, max_hamming_distance):
    hashes = clustered(np.random.default_rng(seed), size, flips)
    found = find_pairs(hashes, max_hamming_distance=max_hamming_distance)
    assert found.tolist() == brute_force(hashes, max_hamming_distance)


@pytest.mark.parametrize("bits", [0, 1, 2, 3])
def test_differences_spread_evenly_over_the_bands_are_found(bits):
    """The pigeonhole's worst case: the same number of differing bits in every band."""
    word = sum(((1 << bits) - 1) << (16 * band) for band in range(4))
    hashes = np.array([0, word, 2**64 - 1], dtype=np.uint64)
    assert [0, 1] in find_pairs(hashes, max_hamming_distance=4 * bits).tolist()
    assert bits == 0 or [0, 1] not in find_pairs(hashes, max_hamming_distance=4 * bits - 1).tolist()


def test_a_hundred_thousand_hashes_take_seconds():
    """Of processor time, since the machine may have other work; brute force would compare five billion pairs."""
    hashes = clustered(np.random.default_rng(0), 100_000, 4)
    find_pairs(hashes[:2], max_hamming_distance=6)  # compiles
    start_s = time.process_time()
    find_pairs(hashes, max_hamming_distance=6)
    assert time.process_time() - start_s < 5


def test_nothing_is_cached_where_no_folder_can_be_written():
    """In a container without a home, whose packages are read-only, numba has no place for its cache."""
    code = (
        "import numba.core.caching as caching\n"
        "for kind in vars(caching).values():\n"
        "    if isinstance(kind, type) and issubclass(kind, caching.CacheImpl):\n"
        "        kind._locator_classes = []\n"
        "import numpy as np\n"
        "from fashiongen.images.neighbours import find_pairs\n"
        "print(find_pairs(np.array([1, 3], dtype=np.uint64), max_hamming_distance=1).tolist())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[[0, 1]]"
