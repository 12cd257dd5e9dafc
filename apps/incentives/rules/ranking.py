"""Places of a leaderboard: equal figures share a place, and the places they fill are skipped."""

from collections.abc import Hashable, Iterable
from decimal import Decimal
from typing import NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)


class Placed(NamedTuple):
    """Who stands where, with which figure."""

    place: int
    key: Hashable
    value: Decimal


def ranked(figures: Iterable[tuple[K, Decimal | None]], *, highest_first: bool = True) -> list[Placed]:
    """Return the places, best first: 1, 1, 3 for two who share the first. Nobody without a figure is placed.

    Compared exactly, never as displayed; whoever shares a place stands in the order of the keys.
    """
    known = [(key, value) for key, value in figures if value is not None]
    known.sort(key=lambda pair: str(pair[0]))
    known.sort(key=lambda pair: pair[1], reverse=highest_first)
    found: list[Placed] = []
    for number, (key, value) in enumerate(known, start=1):
        shared = bool(found) and found[-1].value == value
        found.append(Placed(found[-1].place if shared else number, key, value))
    return found
