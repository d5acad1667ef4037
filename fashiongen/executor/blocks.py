"""Blocks of items: what goes to a worker at a time, and what it sends back."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from fashiongen.errors import FashiongenError

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Done(Generic[Result]):
    """The results of a block, up to the item whose error ended it."""

    results: list[Result]
    error: FashiongenError | None

    def unpack(self) -> Iterator[Result]:
        """Yield the results, and raise the error."""
        yield from self.results
        if self.error is not None:
            raise self.error


def split(items: Sequence[Item], per_block: int) -> list[Sequence[Item]]:
    """The items in blocks of `per_block`; the last one may be smaller."""
    return [items[start : start + per_block] for start in range(0, len(items), per_block)]


def run_block(function: Callable[[Item], Result], block: Sequence[Item]) -> Done[Result]:
    """What a worker does."""
    results: list[Result] = []
    for item in block:
        try:
            results.append(function(item))
        except FashiongenError as error:
            return Done(results, error)
    return Done(results, None)
