"""What one may choose from: measures, parts of the plan, fields of a deal, and the codes of the document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from apps.incentives.rules.design.choices import choice_label
from apps.incentives.rules.design.spec import Choice, Field
from apps.incentives.rules.design.tree import PAID_BY, Spot, Tree
from apps.incentives.rules.design.words import Text, word_of
from apps.incentives.rules.plan.runnable import FIELDS
from apps.incentives.rules.plan.tables import Tier
from apps.incentives.selectors.design import Measured

Offered = Sequence[tuple[str, Text]]

_FIELDS: dict[str, Text] = {
    "product": _("Product (code)"), "series": _("Product series"), "account": _("Customer (number)"),
    "sector": _("Sector of the customer"), "country": _("Country of the customer"),
}  # fmt: skip
_ICONS = {
    "base_salary": "wallet", "commission": "percentage", "override": "hierarchy-2", "trail": "repeat",
    "kpi_bonus": "target", "matrix_bonus": "table", "mbo": "checklist", "spiff": "trophy",
    "pool": "users-group", "kicker": "rocket",
}  # fmt: skip
_ROWS: dict[str, Text] = {
    "tiers": _("Add tier"), "points": _("Add point"), "schedule": _("Add months"), "steps": _("Add step"),
    "measures": _("Add measure"), "counts": _("Add rule"), "rules": _("Add rule"),
}  # fmt: skip


@dataclass(frozen=True)
class Options:
    """What is offered in a tree."""

    tree: Tree
    measures: Sequence[Measured]

    def of(self, field: Field, spot: Spot, value: object) -> Offered | None:
        """Return what may be chosen for a field; None when it is typed."""
        if field.key in {"measure", "contribution"}:
            return self._measures(field, str(value))
        if field.model.__name__ == "FieldIn" and field.key == "name":
            return _keep([(one, _FIELDS.get(one, one)) for one in FIELDS], str(value))
        if field.key == "component" or (field.model.__name__ == "ShareKick" and field.key == "of"):
            return self._parts(spot, value)
        if not isinstance(field.spec, Choice):
            return None
        found = [(one, choice_label(field.model, field.key, one)) for one in field.spec.values]
        left_out = _left_out(field, spot)
        found = [(one, label) for one, label in found if one not in left_out or one == value]
        if value and not field.is_required and field.default is None:
            found.insert(0, ("", "–"))
        return _keep(found, str(value))

    def _measures(self, field: Field, value: str) -> Offered:
        is_credited = field.model.__name__ in {"OnCredits", "Spiff"}
        found = [(one.code, one.name) for one in self.measures if one.is_credited or not is_credited]
        return _keep(found, value)

    def _parts(self, spot: Spot, value: object) -> Offered:
        own = spot.place[1] if len(spot.place) > 1 and spot.place[0] == "components" else None
        rows = [one for index, one in enumerate(self.tree.get("components") or ()) if index != own]
        found = [(str(one.get("code") or ""), str(one.get("name") or one.get("code") or "")) for one in rows]
        if isinstance(value, list):
            known = {code for code, _name in found}
            return [*found, *((code, code) for code in value if code not in known)]
        return _keep(found, str(value))

    def ways(self, spot: Spot) -> Offered:
        """Return what a tier may pay, by the kind of its table and of what is counted."""
        table = spot.above[-2]
        kind = self.kind_of(next((one["measure"] for one in reversed(spot.above) if "measure" in one), ""))
        ways = ["fixed"] if table.get("kind") == "interpolated" else list(PAID_BY)
        stated = next((one for one in PAID_BY if one in spot.above[-1]), "")
        wrong = "rate" if kind == "count" else "per_unit"
        return [(one, word_of(Tier, one).label) for one in ways if one != wrong or one == stated]

    def kind_of(self, code: object) -> str:
        """Return of which kind a measure is; money when it is not known."""
        return next((one.kind for one in self.measures if one.code == code), "money")

    def icon(self, kind: str) -> str:
        """Return the icon of a kind of component."""
        return _ICONS.get(kind, "plus")

    def row_name(self, key: str) -> Text:
        """Return what adding a row is called."""
        return _ROWS.get(key, _("Add"))


def kinds_of(measures: Sequence[Measured]) -> Mapping[str, str]:
    """Return the kind of each measure."""
    return {one.code: one.kind for one in measures}


def _keep(found: list[tuple[str, Text]], value: str) -> Offered:
    """Offer a choice that is not known as it is, and an empty one while none is made."""
    if value and value not in {code for code, _label in found}:
        found.append((value, value))
    return found if value else [("", _("Choose…")), *found]


def _left_out(field: Field, spot: Spot) -> set[str]:
    """Return the options that never fit where a field stands."""
    if field.key != "pays":
        return set()
    owner = next((one.get("kind") for one in spot.above if "code" in one), "")
    return {"rate"} if owner == "matrix_bonus" else {"share"}
