"""What the rooms hand each other while the demo company is loaded, in layer order."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

# Sign-in names of the demo company and whose morning each one shows.
SIGN_INS = {
    "executive": _("Executive"),
    "regional": _("Regional manager"),
    "manager": _("Team manager"),
    "rep": _("Representative"),
    "salesops": _("Sales operations"),
    "compadmin": _("Compensation administrator"),
    "hr": _("Human resources"),
    "sysadmin": _("System administrator"),
}


@dataclass
class DemoContext:
    """The demo company so far.

    ``today`` is the company's present day. Rooms add what upper rooms need
    under stable names: ``users`` by sign-in name, ``units`` and ``people`` by
    code, and anything else under ``extra``.
    """

    today: dt.date
    password: str
    users: dict[str, Any] = field(default_factory=dict)
    units: dict[str, Any] = field(default_factory=dict)
    people: dict[str, Any] = field(default_factory=dict)
    accounts: list[Any] = field(default_factory=list)
    products: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
