"""The document of a plan, rendered from what calculates; who it pays, and who has confirmed it."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.incentives.models import Acknowledgement, PlanVersion
from apps.incentives.names import in_words
from apps.incentives.selectors import payees as people_of
from apps.incentives.selectors.plan_pages import blocks_of, whole_of
from apps.org.models import Person
from apps.ui import formatting
from apps.ui.pdf import Grid, Paper, Section

_DAY = dt.timedelta(days=1)


def document_paper(version: PlanVersion, for_name: str = "") -> Paper:
    """Return the document of a plan version as a paper, in the language of the reader."""
    document = version.plan_document
    sections = [
        Section(
            title=block.name,
            sentences=block.sentences,
            grid=Grid((_("Example"), _("Pays")), block.examples) if block.examples else None,
        )
        for block in blocks_of(document)
    ]
    if whole := whole_of(document):
        sections.insert(0, Section(title=_("Pay as a whole"), sentences=whole))
    return Paper(
        title=in_words(version.plan.name),
        subtitle=in_words(version.plan.purpose),
        facts=_facts(version, for_name),
        sections=sections,
        foot=_("Fingerprint %(hash)s") % {"hash": version.document_hash},
        author=for_name,
    )


def _facts(version: PlanVersion, for_name: str) -> list[tuple[str, str]]:
    document = version.plan_document
    facts = [(_("Payee"), for_name)] if for_name else []
    facts += [
        (_("Version"), str(version.number)),
        (_("Applies from"), formatting.day(version.valid.lower)),
        (_("Pays"), f"{version.plan.get_frequency_display()} · {document.currency}"),
    ]
    if version.approved_at is not None:
        facts.append((_("Approved at"), formatting.moment(version.approved_at)))
    return facts


def payees_of(version: PlanVersion, day: dt.date) -> set[int]:
    """Return the people whom a plan pays on a day, when this version is in force then."""
    if not version.valid.lower <= day or (version.valid.upper is not None and version.valid.upper <= day):
        return set()
    return set(people_of.segments_of(day, day + _DAY, {version.plan_id: version}))


@dataclass(frozen=True)
class Waiting:
    """A version of a plan that somebody has not confirmed."""

    version: PlanVersion
    person_ids: frozenset[int]


def waiting(day: dt.date, plan_ids: Collection[int] | None = None) -> list[Waiting]:
    """Return the versions in force on a day with the people they pay who have not confirmed them."""
    versions = PlanVersion.objects.approved().on(day).select_related("plan").order_by("plan__code")
    if plan_ids is not None:
        versions = versions.filter(plan__in=list(plan_ids))
    by_plan = {version.plan_id: version for version in versions}
    paid: dict[int, set[int]] = {version.pk: set() for version in by_plan.values()}
    for person_id, segments in people_of.segments_of(day, day + _DAY, by_plan).items():
        for segment in segments:
            paid[segment.version_id].add(person_id)
    done = Acknowledgement.objects.filter(version__in=list(paid)).values_list("version_id", "person_id")
    for version_id, person_id in done:
        paid[version_id].discard(person_id)
    return [Waiting(version, frozenset(paid[version.pk])) for version in by_plan.values() if paid[version.pk]]


def waiting_for(person_id: int, day: dt.date) -> list[PlanVersion]:
    """Return the versions of plans that somebody is to confirm."""
    versions = {version.plan_id: version for version in PlanVersion.objects.approved().on(day)}
    own = people_of.segments_of(day, day + _DAY, versions, [person_id]).get(person_id, [])
    ids = {segment.version_id for segment in own}
    done = Acknowledgement.objects.filter(person=person_id, version__in=ids).values("version_id")
    found = PlanVersion.objects.filter(pk__in=ids).exclude(pk__in=done).select_related("plan")
    return list(found.order_by("plan__code"))


def people_waiting(version: PlanVersion, day: dt.date, viewer: User) -> QuerySet[Person]:
    """Return the people in reach who have not confirmed a version."""
    missing = next((one.person_ids for one in waiting(day, [version.plan_id])), frozenset())
    in_reach = scope_of(viewer, Permission.PLAN_VIEW, day).people("")
    return Person.objects.filter(in_reach, pk__in=missing)


def confirmations_of(version: PlanVersion, viewer: User) -> QuerySet[Acknowledgement]:
    """Return who in reach has confirmed a version."""
    return Acknowledgement.objects.visible_to(viewer).filter(version=version).select_related("person")
