"""Which images are for training, and which are held out for evaluation."""

import hashlib

from fashiongen.images.manifest import Split


def choose_split(signature: str, *, held_out_frac: float, seed: int) -> Split:
    """The split of one image, by a seeded hash of its name.

    It depends on no other image: when a board grows, no image moves from one split to the other.
    """
    digest = hashlib.sha256(f"{seed}:{signature}".encode()).digest()
    return "held_out" if int.from_bytes(digest[:8], "big") < held_out_frac * 2**64 else "train"
