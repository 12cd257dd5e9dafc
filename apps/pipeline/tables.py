"""The pipeline's lists."""

from functools import lru_cache
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from apps.access.permissions import Permission
from apps.access.scope import Scope, scope_of
from apps.core import clock
from apps.core.names import in_words
from apps.customers.models import Account
from apps.org import selectors as org
from apps.org.models import OrgUnit, Person
from apps.pipeline import selectors
from apps.pipeline.enums import ActivityKind, DealState
from apps.pipeline.models import Activity, Opportunity, OpportunityLine, OpportunitySplit, Product, Stage
from apps.pipeline.rules import short_name
from apps.ui.addresses import record_url
from apps.ui.tables import Boolean, Choice, Column, DateRange, Empty, Multi, Table, Text, escaped

TONES = {"open": "info", "won": "good", "lost": "bad"}
EXACT = {"state", "stage", "owner", "unit"}


def next_step_cell(pk: int, name: str, state: str, next_step: str, version: int) -> str:
    """Return the next step, while the deal is open as an input that saves when it is left."""
    if state != DealState.OPEN:
        return SafeString(escaped(next_step))
    label, hint = _step_words(get_language())
    return SafeString(
        f'<input class="inline-edit" name="next_step" value="{escaped(next_step)}" maxlength="200"'
        f' aria-label="{escaped(label % {"deal": name})}" placeholder="{escaped(hint)}"'
        f' hx-post="{escaped(record_url("pipeline:next_step", pk))}" hx-trigger="change"'
        f' hx-swap="outerHTML" hx-vals=\'{{"version": {version:d}}}\'>'
    )


@lru_cache(maxsize=16)
def _step_words(language: str | None) -> tuple[str, str]:
    """Look the words up once per language: a list shows them in fifty rows."""
    return gettext("Next step of %(deal)s"), gettext("Add a next step")


def _next_step(row: dict[str, Any]) -> str:
    if row["state"] != DealState.OPEN:
        return row["next_step"]
    return next_step_cell(row["pk"], row["name"], row["state"], row["next_step"], row["version"])


def by_product(rows: QuerySet, value: Any) -> QuerySet:
    """Keep deals with a line of a product."""
    lines = OpportunityLine.objects.filter(opportunity=OuterRef("pk"), product_id=value)
    return rows.filter(Exists(lines))


def by_account(rows: QuerySet, value: Any) -> QuerySet:
    """Keep deals of accounts whose name, code or pinyin matches."""
    return rows.filter(account__in=Account.objects.matching(value).values("pk"))


def by_unit(rows: QuerySet, value: Any) -> QuerySet:
    """Keep deals of the people of a unit and everything below it today."""
    inside = org.counted_for(int(value), clock.today())
    return rows if inside is None else rows.filter(owner_id__in=inside)


def by_gone_owner(rows: QuerySet, value: bool) -> QuerySet:
    """Keep deals whose owner does not work here any more today, or those whose owner does."""
    gone = Q(owner__left_on__lte=clock.today())
    return rows.filter(gone if value else ~gone)


def owners_asked_for(owner: int | None, unit: int | None) -> frozenset[int] | None:
    """Return whose deals a person and a unit of today, where chosen, ask for; None: anybody's."""
    owned = None if owner is None else frozenset({owner})
    inside = None if unit is None else org.counted_for(unit, clock.today())
    if owned is None or inside is None:
        return inside if owned is None else owned
    return owned & inside


class DealTable(Table):
    """Deals, newest first. Its rows are the dicts of ``OpportunityQuerySet.for_table``."""

    key = "pipeline.deals"
    title = _("Deals")
    search = ("name",)
    search_hint = _("Deal, account, 拼音 or code")
    default_sort = "-created_on"
    columns = (
        Column(
            "name",
            _("Deal"),
            value=lambda row: short_name(row["name"], row["account__name"]),
            export="name",
            href="pipeline:deal",
            sort="name",
            phone="title",
        ),
        Column("account", _("Account"), value="account__name", phone="subtitle"),
        Column(
            "stage",
            _("Stage"),
            kind="badge",
            value=lambda row: in_words(row["stage__name"]),
            tone=lambda row: TONES[row["state"]],
        ),
        Column("amount", _("Amount"), kind="money", currency="currency"),
        Column("closes_on", _("Closes"), kind="date", sort=True, nullable=True),
        Column("owner", _("Owner"), kind="person", value="owner__name"),
        Column("next_step", _("Next step"), value=_next_step, export="next_step", phone="hidden", css="wide"),
        Column("next_step_on", _("Next step on"), kind="date", default=False),
        Column("created_on", _("Created on"), kind="date", sort=True, nullable=True, phone="hidden"),
        Column("base_amount", _("In company currency"), kind="money", currency=lambda row: "", default=False),
        Column("push_count", _("Pushed"), kind="number", default=False),
        Column("external_id", _("External id"), default=False),
    )
    empty = Empty(
        _("No deals yet"),
        _("A deal is a possible sale. Create the first one, or import what you have."),
        _("New deal"),
        "",
        "briefcase",
        sheet=True,
    )

    def __init__(self, request: HttpRequest, rows: QuerySet) -> None:
        self.scope: Scope = scope_of(request.user, Permission.DEAL_VIEW)  # type: ignore[arg-type]  # signed in
        super().__init__(
            request,
            rows,
            count=exact_total,
            empty=Empty(
                _("No deals yet"),
                _("A deal is a possible sale. Create the first one, or import what you have."),
                _("New deal"),
                reverse("pipeline:deal_new"),
                "briefcase",
                sheet=True,
            ),
        )
        self.filters = (  # type: ignore[misc]  # choices depend on who looks
            Choice("state", _("State"), options=DealState.choices, quick=True),
            Multi("stage", _("Stage"), lookup="stage_id", options=_stages),
            Choice("owner", _("Owner"), lookup="owner_id", options=self._owners),
            Choice("unit", _("Unit"), apply=by_unit, options=self._units),
            Boolean("gone", _("Owner has left"), apply=by_gone_owner),
            Choice("product", _("Product"), apply=by_product, options=_products),
            Text("account", _("Account"), apply=by_account),
            DateRange("closes", _("Closes"), lookup="closes_on"),
            DateRange("created", _("Created"), lookup="created_on"),
        )

    def search_rows(self, rows: QuerySet, text: str) -> QuerySet:
        """Keep deals whose name, code or account matches."""
        accounts = Account.objects.matching(text).values("pk")
        named = rows.filter(name__icontains=text) | rows.filter(external_id__istartswith=text)
        return named | rows.filter(account__in=accounts)

    def _owners(self) -> list[tuple[int, str]]:
        people = Person.objects.filter(self.scope.people(""))
        return list(people.order_by("name", "pk").values_list("pk", "name")[:500])

    def _units(self) -> list[tuple[int, str]]:
        units = OrgUnit.objects.filter(self.scope.units(""))
        return list(units.order_by("name", "pk").values_list("pk", "name")[:500])


def exact_total(table: Table) -> int | None:
    """Return the exact number of deals from the summary when the filters allow, else None."""
    if table.text or not set(table.chosen) <= EXACT or not isinstance(table, DealTable):
        return None
    owner, unit = (int(table.chosen[name]) if name in table.chosen else None for name in ("owner", "unit"))
    owners = owners_asked_for(owner, unit)
    stages = [int(pk) for pk in table.chosen["stage"]] if "stage" in table.chosen else None
    own = selectors.exact_count(
        table.scope, owner_ids=owners, stage_ids=stages, state=table.chosen.get("state", "")
    )
    return own + _shared_only(table)


def _shared_only(table: DealTable) -> int:
    """Count matching deals that are in reach through a share alone."""
    if table.scope.everything:
        return 0
    shared = OpportunitySplit.objects.filter(table.scope.people("person")).values("opportunity_id")
    foreign = Opportunity.objects.filter(~table.scope.people("owner"), pk__in=shared)
    return table.narrow(foreign).count()


def _stages() -> list[tuple[int, str]]:
    stages = Stage.objects.order_by("process_id", "order")
    return [(pk, in_words(name)) for pk, name in stages.values_list("pk", "name")]


def _products() -> list[tuple[int, str]]:
    return list(Product.objects.order_by("name", "pk").values_list("pk", "name"))


class ActivityTable(Table):
    """What was done, latest first."""

    key = "pipeline.activities"
    empty = Empty(
        _("No activities yet"),
        _("Calls, visits and meetings appear here once somebody logs them on a deal or an account."),
        icon="activity",
    )
    title = _("Activities")
    search = ("subject", "note")
    default_sort = "-happened_at"
    columns = (
        Column("subject", _("What happened"), sheet=False, phone="title"),
        Column("kind", _("Kind"), kind="badge", value="get_kind_display", tone=lambda row: "info"),
        Column(
            "account", _("Account"), value="account.name", phone="subtitle", href=lambda row: account_url(row)
        ),
        Column("opportunity", _("Deal"), value="opportunity.name", href=lambda row: deal_url(row)),
        Column("happened_at", _("When"), kind="moment", sort=True),
        Column("person", _("By"), kind="person"),
        Column("minutes", _("Minutes"), kind="number", default=False),
        Column("note", _("Note"), default=False),
    )
    filters = (
        Choice("kind", _("Kind"), options=ActivityKind.choices, quick=True),
        DateRange("happened", _("When"), lookup="happened_on"),
    )


def account_url(row: Activity) -> str:
    """Return the page of an activity's account, nothing where the reader may not open it."""
    return record_url("customers:account", row.account_id) if row.opens_account else ""  # type: ignore[attr-defined]  # annotated


def deal_url(row: Activity) -> str:
    """Return the page of an activity's deal, nothing where the reader may not open it."""
    return record_url("pipeline:deal", row.opportunity_id) if row.opens_deal else ""  # type: ignore[attr-defined]  # annotated


class ProductTable(Table):
    """What we sell."""

    key = "pipeline.products"
    empty = Empty(
        _("No products yet"),
        _("Products with their list prices come with an import, or are added here one by one."),
        icon="package",
    )
    title = _("Products and prices")
    search = ("name", "code", "series")
    default_sort = "name"
    columns = (
        Column("name", _("Product"), href="pipeline:product", sort=True, phone="title"),
        Column("code", _("Code"), sort=True, phone="subtitle"),
        Column("series", _("Series"), sort=True),
        Column("price", _("List price"), kind="money", currency="price_currency"),
        Column("retired_on", _("Not sold from"), kind="date"),
    )
