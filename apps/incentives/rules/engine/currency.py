"""Exchange: a transaction counts at the plan's rate, pay goes out at the rate of the run date."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from apps.incentives.rules.engine.shapes import NotPayable

# What a plan says about transactions, and the kind of rate that answers it.
KIND_OF = {"plan_year": "plan_year", "transaction_date": "spot", "month_average": "month_average"}


@dataclass(frozen=True)
class ExchangeRate:
    """One unit of ``source`` is ``rate`` units of ``target`` on some days."""

    source: str
    target: str
    kind: str
    start: dt.date
    before: dt.date
    rate: Decimal


class Rates:
    """The rates that were given. None is ever guessed, inverted or taken from another day."""

    def __init__(self, rates: Iterable[ExchangeRate]) -> None:
        self._rates: dict[tuple[str, str, str], list[ExchangeRate]] = {}
        self._found: dict[tuple[str, str, str, dt.date], Decimal | None] = {}
        for rate in rates:
            self._rates.setdefault((rate.source, rate.target, rate.kind), []).append(rate)

    def find(self, source: str, target: str, kind: str, on: dt.date) -> Decimal | None:
        """Return a rate, or None."""
        if source == target:
            return Decimal(1)
        asked = (source, target, kind, on)  # credit by credit, and most days have several
        if asked not in self._found:
            self._found[asked] = next(
                (one.rate for one in self._rates.get(asked[:3], ()) if one.start <= on < one.before), None
            )
        return self._found[asked]

    def rate(self, source: str, target: str, kind: str, on: dt.date) -> Decimal:
        """Return a rate. Raises NotPayable naming the one that is missing."""
        found = self.find(source, target, kind, on)
        if found is None:
            raise NotPayable("no_rate", source=source, target=target, kind=kind, on=on.isoformat())
        return found
