"""The boards of photographs: which of them each board shows, and which are repeated on another."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from fashiongen.sources.planting import (
    PinTruth,
    PlannedPin,
    PlantedBoard,
    choose_forbidden,
    make_site_pin,
    sample_ideas,
    write_boards,
)
from fashiongen.sources.standin.database import SiteBoard
from fashiongen.sources.street.params import BoardEntry, StreetParams, StreetPlantingParams
from fashiongen.sources.street.pins import copy_pictures

Boards = list[list[PlannedPin]]


def write_pinned_boards(folder: Path, truth: Path, pins: Sequence[PlannedPin], params: StreetParams) -> list[PinTruth]:
    """Write the catalogue, the site's folder and the expected results; `pins` has one for each stored photograph."""
    rng = np.random.default_rng(params.seed)
    planting = params.planting
    repeated = sample_fraction(pins, planting.repeated_frac, rng)
    near = sample_fraction([pin for pin in pins if pin not in repeated], planting.near_duplicate_frac, rng)
    copies = copy_pictures(
        near, folder / "site", quality=planting.near_duplicate_quality, scale=planting.near_duplicate_scale
    )
    entries = params.boards.entries
    boards = add_repeats(deal(pins, len(entries), rng), {pin: pin for pin in repeated} | copies, rng)
    return write_boards(folder, truth, make_boards(entries, boards, planting, rng))


def deal(pins: Sequence[PlannedPin], n_boards: int, rng: np.random.Generator) -> Boards:
    """The pins, shuffled and dealt over boards in turn."""
    shuffled = [pins[place] for place in rng.permutation(len(pins))]
    return [shuffled[first::n_boards] for first in range(n_boards)]


def sample_fraction(pins: Sequence[PlannedPin], frac: float, rng: np.random.Generator) -> list[PlannedPin]:
    """A random sample of that fraction of the pins, in their own order."""
    places = rng.choice(len(pins), size=round(frac * len(pins)), replace=False)
    return [pins[place] for place in sorted(places)]


def add_repeats(boards: Boards, repeats: Mapping[PlannedPin, PlannedPin], rng: np.random.Generator) -> Boards:
    """The boards, shuffled, with each value of `repeats` added to a board that does not show its key.

    Key and value are equal for a plain repeat, and an original and its copy for a near-duplicate.
    """
    grown = [list(board) for board in boards]
    for original, repeat in repeats.items():
        others = [board for board, dealt in zip(grown, boards, strict=True) if original not in dealt]
        others[rng.integers(len(others))].append(repeat)
    return [[board[place] for place in rng.permutation(len(board))] for board in grown]


def make_boards(
    entries: Sequence[BoardEntry], boards: Boards, params: StreetPlantingParams, rng: np.random.Generator
) -> list[PlantedBoard]:
    """The site's boards: a pin for each plan, and pins of other boards' pictures below the end."""
    signatures = {pin.picture.signature for board in boards for pin in board}
    forbidden = choose_forbidden(signatures, params.forbidden_frac, rng)
    ids = _new_ids(rng)
    planted = []
    for entry, board in zip(entries, boards, strict=True):
        board_id = next(ids)
        feed = [make_site_pin(pin, next(ids), forbidden) for pin in board]
        ideas = sample_ideas(_list_elsewhere(board, boards), params.more_ideas_per_board, rng)
        site_board = SiteBoard(
            board_id=board_id,
            url=entry.url,
            name=f"{entry.brand} {entry.season}",
            pin_count=len(board) + params.overstated_pin_count,
            feed=tuple(feed),
            more_ideas=tuple(make_site_pin(pin, next(ids), forbidden) for pin in ideas),
        )
        planted.append(PlantedBoard(entry.brand, entry.season, site_board, board))
    return planted


def _list_elsewhere(board: Sequence[PlannedPin], boards: Boards) -> list[PlannedPin]:
    """The pins of other boards that this one does not show."""
    shown = set(board)
    return [pin for other in boards for pin in other if pin not in shown]


def _new_ids(rng: np.random.Generator) -> Iterator[str]:
    """Eighteen digits each, no two alike."""
    given: set[int] = set()
    while True:
        drawn = int(rng.integers(10**17, 10**18))
        if drawn not in given:
            given.add(drawn)
            yield str(drawn)
