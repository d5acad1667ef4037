"""Every pair of 64-bit hashes within a Hamming distance, by multi-index hashing (Norouzi et al. 2012).

A hash is four bands of 16 bits. If two hashes differ in at most d bits, one band differs in at most d // 4 bits
(pigeonhole). So it suffices to compare, band by band, the hashes whose band is within d // 4 flips.
"""

from typing import no_type_check

import numpy as np
from jaxtyping import Int64, UInt64
from numba import njit
from numpy import ndarray

BANDS = 4
BAND_BITS = 16
BAND_VALUES = 1 << BAND_BITS


def find_pairs(hashes: UInt64[ndarray, " n"], *, max_hamming_distance: int) -> Int64[ndarray, "pairs 2"]:
    """Every (i, j), i < j, whose hashes differ in at most that many bits, sorted; four more take five times as long."""
    flips = max_hamming_distance // BANDS
    masks = np.array([mask for mask in range(BAND_VALUES) if mask.bit_count() <= flips], dtype=np.int64)
    found = [_pairs_by_band(hashes, _bucket(hashes, band), masks, band, max_hamming_distance) for band in range(BANDS)]
    pairs = np.concatenate(found)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def _bucket(hashes: UInt64[ndarray, " n"], band: int) -> tuple[Int64[ndarray, " n"], Int64[ndarray, " starts"]]:
    """Indices of the hashes, sorted by the value of one band, and the position where each value starts."""
    values = ((hashes >> np.uint64(band * BAND_BITS)) & np.uint64(BAND_VALUES - 1)).astype(np.int64)
    starts = np.zeros(BAND_VALUES + 1, dtype=np.int64)
    np.cumsum(np.bincount(values, minlength=BAND_VALUES), out=starts[1:])
    return np.argsort(values, kind="stable"), starts


@njit(cache=True)
@no_type_check  # numba compiles the function, so the shape checker must not wrap it
def _pairs_by_band(hashes, buckets, masks, band, max_hamming_distance):
    members, starts = buckets
    found = np.empty((1024, 2), dtype=np.int64)
    count = 0
    for i in range(len(hashes)):
        value = np.int64((hashes[i] >> np.uint64(band * BAND_BITS)) & np.uint64(BAND_VALUES - 1))
        for mask in masks:
            bucket = value ^ mask
            for position in range(starts[bucket], starts[bucket + 1]):
                j = members[position]
                if j <= i:
                    continue
                difference = hashes[i] ^ hashes[j]
                if _count_bits(difference) > max_hamming_distance:
                    continue
                if _seen_in_earlier_band(difference, band, max_hamming_distance // BANDS):
                    continue
                if count == len(found):
                    found = np.concatenate((found, np.empty_like(found)))
                found[count, 0], found[count, 1] = i, j
                count += 1
    return found[:count]


@njit(cache=True)
@no_type_check
def _seen_in_earlier_band(difference, band, flips):
    for earlier in range(band):
        bits = (difference >> np.uint64(earlier * BAND_BITS)) & np.uint64(BAND_VALUES - 1)
        if _count_bits(bits) <= flips:
            return True
    return False


@njit(cache=True)
@no_type_check
def _count_bits(word):
    """The population count of 64 bits, by parallel addition (numba has no function for it)."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))
