"""Reading a payroll file back: its rows, its control totals, and whether they agree."""

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

COLUMNS = ("run", "period", "personnel_number", "name", "currency", "component", "window", "amount")
CONTROL = "control"


@dataclass(frozen=True)
class Control:
    """What the end of a file says about its rows in one currency."""

    count: int
    total: Decimal
    fingerprint: str


@dataclass(frozen=True)
class PayrollFile:
    """A payroll file, read."""

    paid: dict[tuple[str, str], Decimal]
    counts: dict[str, int]
    totals: dict[str, Decimal]
    fingerprint: str
    controls: dict[str, Control]

    @property
    def agrees(self) -> bool:
        """Whether count, sum per currency and fingerprint at the end are those of the rows."""
        return set(self.controls) == set(self.totals) and all(
            control == Control(self.counts[currency], self.totals[currency], self.fingerprint)
            for currency, control in self.controls.items()
        )


def fingerprint_of(rows: Iterable[Sequence[str]]) -> str:
    """Return the fingerprint of the rows of a file, in their order."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(("\x1f".join(row) + "\n").encode())
    return digest.hexdigest()


def read_file(content: str) -> PayrollFile:
    """Read a payroll file as payroll does. Raises KeyError, ValueError for what is none."""
    rows = list(csv.DictReader(io.StringIO(content.removeprefix("\ufeff"), newline="")))
    paid: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    counts: dict[str, int] = defaultdict(int)
    totals: dict[str, Decimal] = defaultdict(Decimal)
    controls: dict[str, Control] = {}
    data = []
    for row in rows:
        if row["run"] == CONTROL:
            controls[row["currency"]] = Control(
                int(row["personnel_number"]), Decimal(row["amount"]), row["name"]
            )
            continue
        data.append([row[name] for name in COLUMNS])
        paid[row["personnel_number"].removeprefix("'"), row["currency"]] += Decimal(row["amount"])
        counts[row["currency"]] += 1
        totals[row["currency"]] += Decimal(row["amount"])
    return PayrollFile(dict(paid), dict(counts), dict(totals), fingerprint_of(data), controls)
