"""Absences: recorded by HR, read by whom it concerns, one at a time."""

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from apps.access.permissions import Role
from apps.core.effective import span
from apps.core.errors import StaleVersion
from apps.core.tests.together import decided_at_once
from apps.org import selectors, services
from apps.org.models import Absence
from apps.org.selectors import Away
from apps.org.services.absences import AbsenceCancelled, AbsenceOverlaps, UnpaidIsPaid, WrongShare
from apps.org.services.guards import ActOnOneself, RangeReversed
from apps.org.services.people import NotEmployed
from apps.org.tests.factories import AbsenceFactory, PersonFactory, RoleGrantFactory, seated

AT = dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC)
MONDAY, FRIDAY, SATURDAY = dt.date(2026, 6, 8), dt.date(2026, 6, 12), dt.date(2026, 6, 13)
SHEET = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "sheet"}
API = "/api/v1/absences/"


@pytest.fixture
def hr(company):
    grant = RoleGrantFactory(unit=company.top, role=Role.HR)
    seated(company.west, user=grant.user)
    return grant.user


@pytest.fixture
def seller(company):
    return company.sellers["sh"][0]


def record(person, by=None, **told):
    days = {"starts_on": MONDAY, "ends_before": SATURDAY, "kind": "unpaid"}
    return services.record_absence(**{"person_id": person.pk, "by": by, "at": AT, **days, **told})


def change(absence, by, **told):
    now = {
        "version": absence.version, "kind": absence.kind, "starts_on": absence.valid.lower,
        "ends_before": absence.valid.upper, "is_paid": absence.is_paid, "time_percent": absence.time_percent,
        "relieves_quota": absence.relieves_quota, "note": absence.note,
    }  # fmt: skip
    return services.change_absence(absence_id=absence.pk, by=by, **{**now, **told})


def client_of(user: object) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_an_unpaid_absence_is_recorded_and_lowers_the_quota(seller, hr):
    absence = record(seller, hr, note=" trip ")

    assert (absence.is_paid, absence.relieves_quota, absence.note) == (False, True, "trip")
    assert (absence.recorded_by, absence.last_day, absence.version) == (hr, FRIDAY, 1)
    assert selectors.away_between([seller.pk], dt.date(2026, 6, 10), dt.date(2026, 7, 1)) == {
        seller.pk: [Away(dt.date(2026, 6, 10), SATURDAY, Decimal(1), False, True)]
    }


def test_an_absence_may_reach_into_a_closed_past_and_into_the_open(seller, hr):
    absence = record(
        seller, hr, starts_on=dt.date(2024, 1, 8), ends_before=None, kind="sick", time_percent=50
    )

    assert absence.is_paid
    [away] = selectors.away_between([seller.pk], MONDAY, SATURDAY)[seller.pk]
    assert away == Away(MONDAY, SATURDAY, Decimal("0.5"), True, False)


@pytest.mark.parametrize(
    ("told", "error"),
    [
        pytest.param({"ends_before": MONDAY}, RangeReversed, id="reversed"),
        pytest.param({"starts_on": dt.date(2019, 12, 31)}, NotEmployed, id="before-hire"),
        pytest.param({"time_percent": Decimal("0.5")}, WrongShare, id="too-small"),
        pytest.param({"time_percent": Decimal("100.5")}, WrongShare, id="too-large"),
        pytest.param({"is_paid": True}, UnpaidIsPaid, id="unpaid-but-paid"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(seller, hr, told, error):
    with pytest.raises(error):
        record(seller, hr, **told)

    assert not Absence.objects.exists()


def test_nobody_records_their_own_absence(hr):
    with pytest.raises(ActOnOneself):
        record(hr.person, hr)


def test_a_second_absence_on_the_same_day_is_refused_until_the_first_is_cancelled(seller, hr):
    first = record(seller, hr)
    with pytest.raises(AbsenceOverlaps):
        record(seller, hr, starts_on=FRIDAY, ends_before=dt.date(2026, 6, 20))

    services.cancel_absence(absence_id=first.pk, version=1, by=hr, at=AT)

    assert record(seller, hr, starts_on=FRIDAY, ends_before=dt.date(2026, 6, 20)).pk
    assert Absence.objects.standing().count() == 1


def test_an_absence_is_ended_earlier_and_an_older_version_is_refused(seller, hr):
    absence = record(seller, hr)

    changed = change(absence, hr, ends_before=FRIDAY)

    assert (changed.last_day, changed.version) == (dt.date(2026, 6, 11), 2)
    with pytest.raises(StaleVersion):
        change(absence, hr, note="too late")


def test_a_cancelled_absence_is_neither_changed_nor_cancelled_again(seller, hr):
    absence = record(seller, hr)
    services.cancel_absence(absence_id=absence.pk, version=1, by=hr, at=AT)
    absence.refresh_from_db()

    with pytest.raises(AbsenceCancelled):
        change(absence, hr, note="late")
    with pytest.raises(AbsenceCancelled):
        services.cancel_absence(absence_id=absence.pk, version=2, by=hr, at=AT)
    assert selectors.away_between([seller.pk], MONDAY, SATURDAY) == {}


@pytest.mark.parametrize(
    ("told", "name"),
    [
        pytest.param({"valid": span(FRIDAY, SATURDAY)}, "org_absence_once", id="overlap"),
        pytest.param({"kind": "party"}, "org_absence_kind", id="kind"),
        pytest.param({"time_percent": Decimal("100.01")}, "org_absence_time", id="share"),
        pytest.param({"kind": "unpaid"}, "org_absence_unpaid", id="unpaid"),
        pytest.param({"is_paid": False}, "org_absence_unpaid_relieves", id="relief"),
        pytest.param({"cancelled_at": AT}, "org_absence_cancelled_pair", id="pair"),
    ],
)
def test_the_database_keeps_the_rules(seller, told, name):
    AbsenceFactory(person=seller, valid=span(MONDAY, SATURDAY))
    days = {} if name == "org_absence_once" else {"valid": span(SATURDAY, None)}

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        AbsenceFactory(person=seller, **{**days, **told})


def readers(company: SimpleNamespace, hr: object) -> dict[str, object]:
    grants = {role: RoleGrantFactory(unit=company.top, role=role).user for role in ("comp_admin", "auditor")}
    return {
        "self": company.sellers["sh"][0].user,
        "manager": company.shanghai_lead.user,
        "hr": hr,
        "peer": company.sellers["sh"][1].user,
        "elsewhere": company.west_lead.user,
        **grants,
    }


def test_days_kind_and_note_are_shown_to_whom_they_concern(company, seller, hr):
    record(seller, kind="sick", note="Back pain")
    found = {}

    for name, user in readers(company, hr).items():
        [*rows] = client_of(user).get(API).json()["results"]
        page = client_of(user).get(reverse("org:absences")).content.decode()
        found[name] = [row["kind"] for row in rows]
        assert ("Back pain" in page) == (found[name] == ["sick"])

    assert found == {
        "self": ["sick"], "manager": ["sick"], "hr": ["sick"],
        "peer": [], "elsewhere": [], "comp_admin": [None], "auditor": [None],
    }  # fmt: skip


def test_the_page_of_a_person_shows_absences_to_those_who_may_know(company, seller, hr):
    services.record_absence(
        person_id=seller.pk, kind="sick", starts_on=dt.date(2026, 12, 1), note="Back pain", at=AT
    )
    url = reverse("org:person", args=[seller.pk])
    pages = {name: client_of(user).get(url).content.decode() for name, user in readers(company, hr).items()}

    assert {name for name, page in pages.items() if "Back pain" in page} == {"self", "manager", "hr"}
    assert {name for name, page in pages.items() if 'id="absences"' in page} == {
        "self", "manager", "hr", "comp_admin", "auditor",
    }  # fmt: skip
    assert {name for name, page in pages.items() if reverse("org:absence_add", args=[seller.pk]) in page} == {
        "hr"
    }


def test_hr_records_changes_and_cancels_on_the_page(company, seller, hr):
    client = client_of(hr)
    add = reverse("org:absence_add_do", args=[seller.pk])
    told = {"kind": "unpaid", "starts_on": "2026-06-08", "last_day": "2026-06-12", "time_percent": "100"}

    assert client.post(add, {**told, "last_day": "2026-06-07"}, **SHEET).status_code == 422
    assert client.post(add, told, **SHEET).status_code == 204
    assert client.post(add, told, **SHEET).status_code == 409
    absence = Absence.objects.get()
    assert absence.valid == span(MONDAY, SATURDAY)
    assert client.get(reverse("org:absence_change", args=[absence.pk]), **SHEET).status_code == 200
    longer = {**told, "last_day": "", "version": "1"}
    done = client.post(reverse("org:absence_change_do", args=[absence.pk]), longer, **SHEET)
    assert done.status_code == 204
    cancel = reverse("org:absence_cancel", args=[absence.pk])
    assert client.post(cancel, {"version": "1"}, HTTP_HX_REQUEST="true").status_code == 409
    client.post(cancel, {"version": "2"})
    absence.refresh_from_db()
    assert (absence.valid.upper, absence.cancelled_by) == (None, hr)


@pytest.mark.parametrize("who", ["self", "manager", "peer", "comp_admin"])
def test_nobody_but_hr_records(company, seller, hr, who):
    client = client_of(readers(company, hr)[who])
    told = {"kind": "annual", "starts_on": "2026-06-08", "last_day": "2026-06-12", "time_percent": "100"}

    assert client.post(reverse("org:absence_add_do", args=[seller.pk]), told).status_code == 403
    body = {"person": seller.pk, "kind": "annual", "starts_on": "2026-06-08"}
    assert client.post(API, body, content_type="application/json").status_code == 403
    assert not Absence.objects.exists()


def test_the_api_records_once_and_changes_by_version(company, seller, hr):
    client = client_of(hr)
    body = {"person": seller.pk, "kind": "annual", "starts_on": "2026-06-08", "ends_before": "2026-06-13"}
    once = {"content_type": "application/json", "HTTP_IDEMPOTENCY_KEY": "away-1"}

    first, again = client.post(API, body, **once), client.post(API, body, **once)
    address = f"{API}{first.json()['id']}/"
    patch = {"data": {"is_paid": False}, "content_type": "application/json"}

    assert (first.status_code, again.json()["id"]) == (201, first.json()["id"])
    assert client.patch(address, **patch).status_code == 428
    changed = client.patch(address, **patch, HTTP_IF_MATCH="1").json()
    assert (changed["is_paid"], changed["relieves_quota"], changed["version"]) == (False, True, 2)
    assert client.patch(address, **patch, HTTP_IF_MATCH="1").status_code == 412
    gone = client.post(address + "cancel/", HTTP_IF_MATCH="2")
    assert gone.json()["cancelled_at"]
    assert client.get(API).json()["results"] == []
    assert client.get(API, {"person": seller.pk, "colour": "red"}).status_code == 400


def test_the_list_costs_the_same_for_few_and_many(company, hr, django_assert_max_num_queries):
    client = client_of(hr)
    client.get(reverse("org:absences"))
    for person in [*company.sellers["sh"], *company.sellers["nj"], *company.sellers["cd"]]:
        AbsenceFactory(person=person)

    with django_assert_max_num_queries(16):
        page = client.get(reverse("org:absences")).content.decode()

    assert page.count('hx-post="/org/absences/') >= 6


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_is_recorded():
    seller = PersonFactory()

    def once():
        record(seller)

    assert decided_at_once(once, once) == ["absence_overlaps", "done"]
    assert Absence.objects.count() == 1
