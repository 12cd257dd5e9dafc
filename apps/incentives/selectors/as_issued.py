"""Names as they were when a statement was calculated: an old statement reads the same ever after."""

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext

from apps.incentives.models import PlanVersion, Statement
from apps.incentives.names import in_words
from apps.org.models import OrgUnit, Person


def names_to_pin(
    person_ids: Collection[int], unit_ids: Collection[int], versions: Collection[PlanVersion]
) -> dict[str, dict[int, Any]]:
    """Return the names that statements of a run pin: of people with their numbers, of units and plans."""
    people = Person.objects.filter(pk__in=list(person_ids)).values_list("pk", "name", "external_id")
    units = OrgUnit.objects.filter(pk__in=list(unit_ids)).values_list("pk", "name")
    return {
        "people": {pk: (name, number) for pk, name, number in people},
        "units": dict(units),
        "plans": {version.pk: (version.plan.name, version.number) for version in versions},
    }


def pinned_names(
    names: dict[str, dict[int, Any]], person_id: int, unit_id: int | None, version_ids: Collection[int]
) -> dict[str, Any]:
    """Return what one statement keeps of them."""
    name, number = names["people"].get(person_id, ("", ""))
    return {
        "person": name,
        "number": number,
        "unit": names["units"].get(unit_id, "") if unit_id is not None else "",
        "plans": {str(pk): list(names["plans"][pk]) for pk in sorted(version_ids) if pk in names["plans"]},
    }


def number_of(statement: Statement) -> str:
    """Return the personnel number as it was when the statement was calculated."""
    return str(statement.inputs.get("names", {}).get("number") or statement.person.external_id)


def name_of(statement: Statement) -> str:
    """Return the payee's name as it was when the statement was calculated."""
    return str(statement.inputs.get("names", {}).get("person") or statement.person.name)


def unit_of(statement: Statement) -> str:
    """Return the unit's name as it was when the statement was calculated."""
    names = statement.inputs.get("names")
    if names is not None:
        return in_words(str(names["unit"]))
    return in_words(statement.unit.name) if statement.unit else ""


def plan_of(statement: Statement, version: PlanVersion) -> str:
    """Return the name of a plan as it was when the statement was calculated."""
    plans = statement.inputs.get("names", {}).get("plans", {})
    found = plans.get(str(version.pk))
    return str(found[0]) if found else version.plan.name


def plans_of(statement: Statement) -> str:
    """Return the names of the plans that paid somebody, as they were when the statement was calculated.

    A statement that takes another back says so instead.
    """
    if statement.run.reverses_id is not None:
        return gettext("Reversal")
    named = statement.inputs.get("names", {}).get("plans", {})
    versions = dict.fromkeys(str(segment["version"]) for segment in statement.inputs.get("segments", ()))
    return " · ".join(dict.fromkeys(in_words(named[pk][0]) for pk in versions if pk in named))
