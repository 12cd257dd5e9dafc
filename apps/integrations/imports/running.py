"""Loading a prepared import through the services of the rooms, in one transaction."""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import TypeVar

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.access.models import User
from apps.access.scope import may
from apps.calendars.services import ensure_years
from apps.core import clock
from apps.core.db import requires_transaction
from apps.core.errors import DomainError
from apps.customers.models import Account
from apps.customers.services.bulk import load_accounts
from apps.integrations.imports.absences import load_absences
from apps.integrations.imports.mapping import ImportMapping, StageMap, TableMap, code_of
from apps.integrations.imports.preparing import Prepared, Report, RowReader, table_rows
from apps.integrations.imports.seen import SeenIds
from apps.integrations.imports.sentences import Sentence
from apps.integrations.imports.values import BadValue, to_date
from apps.integrations.labels import HOLDS, NEEDS
from apps.org.models import Person, UnitParent
from apps.org.services import load_structure
from apps.pipeline.models import Price, Product, SalesProcess, Stage
from apps.pipeline.services import add_stage, create_process, create_product, set_price
from apps.pipeline.services.bulk import OpportunityRow, RowLine, load_opportunities

V = TypeVar("V")
Created = Callable[[str, Sequence[int]], None]
_IN_THE_FUTURE = Sentence(gettext_noop("The day lies in the future."))
_NO_END = Sentence(gettext_noop("A deal that was won or lost needs the day it was decided."))
_NO_START = Sentence(gettext_noop("A deal that was won or lost needs the day it was created."))
_BACKWARDS = Sentence(gettext_noop("The deal would have been decided before it was created."))


class ImportRefused(DomainError):
    """Rows cannot be imported; nothing was written. ``report`` lists them."""

    def __init__(self, report: Report) -> None:
        text = _("%(count)s rows cannot be imported. Correct them, map their values, or leave them out.")
        super().__init__(text % {"count": report.errors})
        self.report = report


class NotPermitted(DomainError):
    """Who imports may not change what the files hold."""


class StructureLater(DomainError):
    """The organisation that is here begins after the import's first day."""


@dataclass
class Outcome:
    """What an import did, by kind of record: created, updated, unchanged."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    credits: int = 0
    left_out: int = 0

    @property
    def changed(self) -> int:
        """How many records were created or updated."""
        return sum(kinds["created"] + kinds["updated"] for kinds in self.counts.values())


@dataclass
class _Known:
    """The ids behind the names that deals refer to."""

    owners: dict[str, int]
    products: dict[str, tuple[int, Decimal | None]]
    accounts: dict[str, int]
    stages: dict[str, Stage]


def _forget(_kind: str, _ids: Sequence[int]) -> None:
    """Hear of new records and do nothing."""


@requires_transaction
def run_import(
    prepared: Prepared,
    *,
    today: dt.date,
    by: User | None,
    at: dt.datetime | None = None,
    leave_out_bad_rows: bool = False,
    on_progress: Callable[[int], None] | None = None,
    on_created: Created = _forget,
) -> Outcome:
    """Write everything a prepared import holds, and return what changed.

    ``on_created`` hears the kind and the ids of new records, as they are written.
    A repeated import changes nothing. Raises ImportRefused when rows cannot be
    imported (unless they are to be left out), NotPermitted, and whatever the
    rooms refuse; the caller's transaction then rolls everything back.
    """
    outcome = Outcome()
    holds = prepared.mapping.holds()
    refuse_unpermitted(holds, by)
    if holds != {"absences"}:
        ensure_years(prepared.mapping.since.year, today.year)
    _load_organisation(prepared, outcome, by)
    _load_products(prepared, outcome, on_created)
    _load_accounts(prepared, outcome, on_created)
    if prepared.mapping.opportunities:
        known = _known(prepared.mapping, outcome)
        with transaction.atomic():
            loaded = load_opportunities(
                _deals(prepared, prepared.mapping.opportunities, known, today),
                today=today,
                by_id=by.pk if by else None,
                reason=_("Imported: %(name)s") % {"name": prepared.mapping.name},
                on_progress=on_progress,
                on_created=partial(on_created, "deals"),
            )
        outcome.credits = loaded.credits
        _count(outcome, "deals", loaded.created, loaded.updated, loaded.rows)
    if prepared.mapping.absences:
        moment = at or dt.datetime.combine(today, dt.time(), tzinfo=clock.company_zone())
        away = load_absences(prepared, prepared.mapping.absences, by=by, at=moment)
        on_created("absences", away.created)
        _count(outcome, "absences", len(away.created), away.updated, away.rows)
    if prepared.report.errors and not leave_out_bad_rows:
        raise ImportRefused(prepared.report)
    outcome.left_out = prepared.report.errors
    return outcome


def refuse_unpermitted(holds: Collection[str], by: User | None) -> None:
    """Raise NotPermitted unless somebody may bring in what the files hold; a shell may do everything."""
    for entity in sorted(holds):
        if by is not None and not may(by, NEEDS[entity]):
            text = _("You may not import this: %(what)s. Ask whoever looks after it, or leave the file out.")
            raise NotPermitted(text % {"what": HOLDS[entity]})


def _load_organisation(prepared: Prepared, outcome: Outcome, by: User | None) -> None:
    if not prepared.units:
        return
    _refuse_before_the_company(prepared.mapping.since)
    loaded = load_structure(
        units=prepared.units,
        people=prepared.people,
        seats=prepared.seats,
        on=prepared.mapping.since,
        by=by,
    )
    total = len(prepared.units) + len(prepared.people) + len(prepared.seats)
    _count(outcome, "organisation", loaded.created, loaded.changed, total)


def _refuse_before_the_company(since: dt.date) -> None:
    """Units hang below a top that is there on their first day; one that stands alone begins with them."""
    if UnitParent.objects.count() == 1:
        return
    tops = UnitParent.objects.filter(parent=None).order_by("valid")
    first = tops.values_list("valid", flat=True).first()
    if first is not None and first.lower is not None and first.lower > since:
        text = _("The organisation here begins on %(day)s. Set the first day of the import to that or later.")
        raise StructureLater(text % {"day": first.lower.isoformat()})


def _load_products(prepared: Prepared, outcome: Outcome, on_created: Created) -> None:
    known = {product.code: product for product in Product.objects.order_by("pk")}
    created = updated = 0
    for row in prepared.products:
        product = known.get(row.code)
        if product is None:
            product = create_product(code=row.code, name=row.name, series=row.series)
            on_created("products", [product.pk])
            created += 1
        if row.price is not None and _price(product, prepared.mapping) != row.price:
            set_price(
                product_id=product.pk,
                currency=prepared.mapping.currency,
                amount=row.price,
                from_day=prepared.mapping.since,
            )
            updated += row.code in known
    if prepared.mapping.products:
        _count(outcome, "products", created, updated, len(prepared.products))


def _price(product: Product, mapping: ImportMapping) -> Decimal | None:
    prices = Price.objects.filter(product=product, currency=mapping.currency).on(mapping.since)
    return prices.values_list("amount", flat=True).first()


def _load_accounts(prepared: Prepared, outcome: Outcome, on_created: Created) -> None:
    if not prepared.mapping.accounts:
        return
    owners = dict(Person.objects.order_by("pk").values_list("external_id", "pk"))
    rows = [
        replace(row, owner_id=owners.get(prepared.account_owners.get(row.external_id, "")))
        for row in prepared.accounts
    ]
    before = set(
        Account.objects.filter(external_id__in=[row.external_id for row in rows]).values_list(
            "external_id", flat=True
        )
    )
    loaded = load_accounts(rows)
    on_created("accounts", [pk for code, pk in loaded.ids.items() if code not in before])
    _count(outcome, "accounts", loaded.created, loaded.updated, len(rows))


def _known(mapping: ImportMapping, outcome: Outcome) -> _Known:
    prices = Price.objects.filter(currency=mapping.currency).on(mapping.since)
    by_product = dict(prices.values_list("product_id", "amount"))
    return _Known(
        owners=dict(Person.objects.order_by("-pk").values_list("name", "pk")),
        products={
            product.name: (product.pk, by_product.get(product.pk))
            for product in Product.objects.order_by("-pk")
        },
        accounts=dict(Account.objects.order_by("-pk").values_list("name", "pk")),
        stages=_stages(mapping, outcome),
    )


def _stages(mapping: ImportMapping, outcome: Outcome) -> dict[str, Stage]:
    """Find or make the sales process of the mapping, and return its stages by the value in the file."""
    code = code_of(mapping.name, 40)
    process = SalesProcess.objects.filter(code=code).first() or _same_process(mapping)
    if process is None:
        is_first = not SalesProcess.objects.filter(is_default=True).exists()
        process = create_process(code=code, name=mapping.name, is_default=is_first)
    existing = {stage.name: stage for stage in Stage.objects.filter(process=process).order_by("-order")}
    by_kind = {stage.kind: stage for stage in existing.values()}
    return {value: _stage(process, stage, existing, by_kind) for value, stage in mapping.stages.items()}


def _same_process(mapping: ImportMapping) -> SalesProcess | None:
    """Return a process that has every stage of the mapping: the same files come in under another name."""
    wanted = {stage.name for stage in mapping.stages.values() if stage.kind == "open"}
    for process in SalesProcess.objects.prefetch_related("stages").order_by("-is_default", "pk"):
        if wanted <= {stage.name for stage in process.stages.all() if stage.kind == "open"}:
            return process
    return None


def _stage(
    process: SalesProcess, wanted: StageMap, existing: dict[str, Stage], by_kind: dict[str, Stage]
) -> Stage:
    if wanted.kind != "open":
        return by_kind[wanted.kind]
    if wanted.name not in existing:
        existing[wanted.name] = add_stage(
            process_id=process.pk,
            name=wanted.name,
            probability=wanted.probability,
            code=code_of(wanted.name, 40),
        )
    return existing[wanted.name]


def _deals(prepared: Prepared, table: TableMap, known: _Known, today: dt.date) -> Iterator[OpportunityRow]:
    seen_owners: set[int] = set()
    seen_ids = SeenIds()
    for row, read in table_rows(prepared, table):
        deal = _deal(prepared, read, known, today, row.cells)
        if deal is not None and not seen_ids.add(deal.external_id):
            text = gettext_noop("An earlier row has the same id. Keep one of the two.")
            read.bad("external_id", deal.external_id, Sentence(text))
        elif deal is not None:
            seen_owners.add(deal.owner_id)
            yield deal
    idle = [name for name in known.owners if known.owners[name] not in seen_owners]
    sellers = {person.name for person in prepared.people} - {
        person.name for person in prepared.people if _leads(prepared, person.external_id)
    }
    for name in sorted(sellers & set(idle)):
        said = Sentence(gettext_noop("%(name)s has no deals in the file."), {"name": name})
        prepared.report.note(table.file, "owner", name, said)


def _leads(prepared: Prepared, person: str) -> bool:
    return any(seat.is_lead and seat.person == person for seat in prepared.seats)


def _deal(
    prepared: Prepared, read: RowReader, known: _Known, today: dt.date, cells: dict[str, str]
) -> OpportunityRow | None:
    """Return one deal, or None after noting what is wrong with the row."""
    external_id = read.text("external_id", limit=80, needed=True)
    owner = _reference(read, "owner", known.owners, needed=True)
    product = _reference(read, "product", known.products)
    account_name = read.text("account")
    account = _reference(read, "account", known.accounts)
    if not account_name:
        prepared.report.blank(read.file, "account")
    stage = _reference(read, "stage", known.stages, needed=True)
    created_on, closed_on = read.date("created_on"), read.date("closed_on")
    amount = read.amount("amount")
    if stage is not None:
        _check_dates(read, stage, created_on, closed_on, today)
    if not read.is_good or owner is None or stage is None:
        return None
    if amount is None:
        amount = _list_price(prepared.mapping, product) if stage.kind == "open" else Decimal(0)
    product_name = read.text("product")
    name = (
        read.text("name") or " · ".join(part for part in (account_name, product_name) if part) or external_id
    )
    return OpportunityRow(
        external_id=external_id,
        name=name,
        owner_id=owner,
        stage_id=stage.pk,
        amount=amount,
        currency=prepared.mapping.currency,
        account_id=account,
        created_on=created_on,
        expected_close_on=read.date("expected_close_on"),
        closed_on=closed_on if stage.kind != "open" else None,
        lines=(RowLine(product[0], amount),) if product else (),
        history=_history(prepared.mapping, known, stage, cells),
    )


def _reference(read: RowReader, name: str, known: dict[str, V], *, needed: bool = False) -> V | None:
    text = read.text(name, needed=needed)
    if not text:
        return None
    if text not in known:
        read.unknown(name, text, known)
        return None
    return known[text]


def _check_dates(
    read: RowReader, stage: Stage, created_on: dt.date | None, closed_on: dt.date | None, today: dt.date
) -> None:
    if created_on and created_on > today:
        read.bad("created_on", created_on.isoformat(), _IN_THE_FUTURE)
    if stage.kind == "open":
        return
    if closed_on is None:
        read.bad("closed_on", "", _NO_END)
    elif closed_on > today:
        read.bad("closed_on", closed_on.isoformat(), _IN_THE_FUTURE)
    elif created_on is None:
        read.bad("created_on", "", _NO_START)
    elif closed_on < created_on:
        read.bad("closed_on", closed_on.isoformat(), _BACKWARDS)


def _list_price(mapping: ImportMapping, product: tuple[int, Decimal | None] | None) -> Decimal:
    if mapping.open_amount == "list_price" and product and product[1] is not None:
        return product[1]
    return Decimal(0)


def _history(
    mapping: ImportMapping, known: _Known, stage: Stage, cells: dict[str, str]
) -> tuple[tuple[int, dt.date | None], ...]:
    """Return the earlier stages whose day the file knows."""
    steps = []
    for value, column in mapping.history.items():
        earlier = known.stages[value]
        try:
            day = to_date(cells.get(column, ""), mapping.dates)
        except BadValue:
            continue
        if day is not None and earlier.pk != stage.pk:
            steps.append((earlier.pk, day))
    return tuple(sorted(steps, key=lambda step: step[1]))


def _count(outcome: Outcome, kind: str, created: int, updated: int, total: int) -> None:
    outcome.counts[kind] = {
        "created": created,
        "updated": updated,
        "unchanged": max(total - created - updated, 0),
    }
