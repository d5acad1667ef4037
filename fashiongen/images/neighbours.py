"""Every pair of 64-bit hashes within a Hamming distance, by multi-index hashing (Norouzi et al. 2012).

A hash is four bands of 16 bits. If two hashes differ in at most d bits, one band differs in at most d // 4 bits
(pigeonhole). So it suffices to compare, band by band, the hashes whose band is within d // 4 flips.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar, no_type_check

import numba
import numpy as np
from jaxtyping import Int64, UInt64
from numpy import ndarray

Function = TypeVar("Function", bound=Callable[..., Any])

BANDS = 4
BAND_BITS = 16
BAND_VALUES = 1 << BAND_BITS
SHARES = 64  # of the values of a band, which threads take one after the other: their buckets differ in size


class Buckets(NamedTuple):
    """The hashes in the order of one band's value, which lets a bucket be read at one go."""

    hashes: UInt64[ndarray, " n"]
    places: Int64[ndarray, " n"]  # of each hash in the order given
    starts: Int64[ndarray, " starts"]  # of the bucket of each value of the band


def find_pairs(hashes: UInt64[ndarray, " n"], *, max_hamming_distance: int) -> Int64[ndarray, "pairs 2"]:
    """Every (i, j), i < j, whose hashes differ in at most that many bits, sorted; four more take five times as long.

    One thread per core.
    """
    flips = max_hamming_distance // BANDS
    masks = np.array([mask for mask in range(BAND_VALUES) if mask.bit_count() <= flips], dtype=np.int64)
    shares = list(pairwise(range(0, BAND_VALUES + 1, BAND_VALUES // SHARES)))
    found: list[ndarray] = []
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for band in range(BANDS):
            search = partial(_search, _bucket(hashes, band), masks=masks, band=band, limit=max_hamming_distance)
            found += threads.map(search, shares)
    pairs = np.concatenate(found)
    pairs.sort(axis=1)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def _bucket(hashes: UInt64[ndarray, " n"], band: int) -> Buckets:
    values = ((hashes >> np.uint64(band * BAND_BITS)) & np.uint64(BAND_VALUES - 1)).astype(np.uint16)
    starts = np.zeros(BAND_VALUES + 1, dtype=np.int64)
    np.cumsum(np.bincount(values, minlength=BAND_VALUES), out=starts[1:])
    places = np.argsort(values, kind="stable")
    return Buckets(hashes[places], places, starts)


def _compile(function: Function) -> Function:
    """The function in machine code, which is kept for the next process where some folder for it can be written."""
    try:
        compiled: Function = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # no such folder
        compiled = numba.njit(nogil=True)(function)
    return compiled


@_compile
@no_type_check
def _count_bits(word):
    """The population count of 64 bits, by parallel addition (numba has no function for it)."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@_compile
@no_type_check
def _seen_in_earlier_band(difference, band, flips):
    for earlier in range(band):
        bits = (difference >> np.uint64(earlier * BAND_BITS)) & np.uint64(BAND_VALUES - 1)
        if _count_bits(bits) <= flips:
            return True
    return False


@_compile
@no_type_check  # numba compiles the function, so the shape checker must not wrap it
def _search(buckets, share, masks, band, limit):
    """The pairs of a hash in a bucket of a share of the values, and one in a bucket of the same or a larger value."""
    hashes, places, starts = buckets
    flips = limit // BANDS
    found = np.empty((1024, 2), dtype=np.int64)
    count = 0
    for value in range(share[0], share[1]):
        for mask in masks:
            other_value = value ^ mask
            if other_value < value:
                continue
            for one in range(starts[value], starts[value + 1]):
                first = one + 1 if mask == 0 else starts[other_value]
                for other in range(first, starts[other_value + 1]):
                    difference = hashes[one] ^ hashes[other]
                    if _count_bits(difference) > limit or _seen_in_earlier_band(difference, band, flips):
                        continue
                    if count == len(found):
                        found = np.concatenate((found, np.empty_like(found)))
                    found[count, 0], found[count, 1] = places[one], places[other]
                    count += 1
    return found[:count]
