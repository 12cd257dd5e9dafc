"""Slices of a target: the same mix whatever the total, to the minor unit."""

from collections.abc import Mapping
from decimal import Decimal

from apps.core.money import split_units


def follow_mix(total: Decimal, mix: Mapping[str, Decimal], *, places: int) -> dict[str, Decimal]:
    """Split a total in the proportions of a mix; equal parts when the mix is all zero."""
    if not mix:
        return {}
    members = list(mix)
    weights: list[Decimal | int] = [mix[member] for member in members]
    if not any(weights):
        weights = [1] * len(members)
    parts = split_units(total, weights, places=places, keys=members)
    return dict(zip(members, parts, strict=True))
