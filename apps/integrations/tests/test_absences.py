"""Absences that come in as a file: recorded, changed, refused by row and column, and taken back."""

import datetime as dt
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from apps.access.permissions import Role
from apps.access.tests.factories import UserFactory
from apps.integrations import services
from apps.integrations.imports import sentences
from apps.integrations.models import ImportRun, ImportState
from apps.integrations.tests.factories import SINCE, importer
from apps.org.models import Absence, OrgUnit
from apps.org.tests.factories import PersonFactory, RoleGrantFactory

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 9, 1, 9, tzinfo=dt.UTC)
HEADER = "工号,假别,开始日期,结束日期,带薪,工时占比,减免指标,备注\n"
ROWS = (
    "E1,年假,2026-02-23,2026-02-27,,,,\n"
    "E1,unpaid,2026-06-08,2026-06-19,否,,,Family\n"
    "王芳,Parental leave,2026-04-01,,yes,50%,是,半天工作\n"
)


@pytest.fixture
def hr():
    importer()  # makes the company
    user = UserFactory()
    RoleGrantFactory(user=user, role=Role.HR, unit=OrgUnit.objects.order_by("pk").first())
    PersonFactory(external_id="E1", name="Anna Lee", hired_on=dt.date(2024, 1, 1))
    PersonFactory(external_id="E2", name="王芳", hired_on=dt.date(2024, 1, 1))
    PersonFactory(external_id="HR", name="Grace", hired_on=dt.date(2024, 1, 1), user=user)
    return user


def checked(by, rows: str = ROWS) -> ImportRun:
    file = SimpleUploadedFile("leave.csv", (HEADER + rows).encode())
    run = services.start_import(name="Leave", uploads=[file], currency="USD", since=SINCE, by=by)
    return services.check_import(run_id=run.pk, today=NOW.date())


def imported(run: ImportRun) -> ImportRun:
    services.request_run(run_id=run.pk, by=run.by, url="/")
    services.execute(run_id=run.pk, today=NOW.date(), at=NOW)
    run.refresh_from_db()
    return run


def kept() -> list[tuple]:
    rows = Absence.objects.standing().order_by("person__external_id", "valid")
    return [
        (row.person.external_id, row.kind, row.valid.lower, row.last_day, row.is_paid, int(row.time_percent))
        for row in rows
    ]


def test_a_check_writes_nothing_and_an_import_records_what_the_file_says(hr):
    run = checked(hr)
    assert (run.state, run.outcome["counts"]["absences"]["created"], kept()) == ("checked", 3, [])

    assert imported(run).state == ImportState.DONE, run.outcome

    assert kept() == [
        ("E1", "annual", dt.date(2026, 2, 23), dt.date(2026, 2, 27), True, 100),
        ("E1", "unpaid", dt.date(2026, 6, 8), dt.date(2026, 6, 19), False, 100),
        ("E2", "parental", dt.date(2026, 4, 1), None, True, 50),
    ]
    assert {row.relieves_quota for row in Absence.objects.exclude(kind="annual")} == {True}
    assert set(Absence.objects.values_list("recorded_by", "recorded_at")) == {(hr.pk, NOW)}


def test_the_same_file_changes_nothing_and_another_end_is_taken_over(hr):
    imported(checked(hr))

    again = checked(hr, ROWS.replace("2026-04-01,,", "2026-04-01,2026-08-31,"))

    assert again.outcome["counts"]["absences"] == {"created": 0, "updated": 1, "unchanged": 2}
    assert kept()[2][3] is None
    imported(again)
    assert kept()[2][3] == dt.date(2026, 8, 31)


@pytest.mark.parametrize(
    ("row", "place", "said"),
    [
        ("E9,annual,2026-02-02,2026-02-03,,,,", "工号", "“E9” is unknown"),
        ("E1,holiday,2026-02-02,2026-02-03,,,,", "假别", "“holiday” is unknown"),
        ("E1,annual,2026-02-30,,,,,", "开始日期", "is not a day of the calendar"),
        ("E1,annual,,2026-02-03,,,,", "开始日期", "This cell is needed"),
        ("E1,annual,2026-02-05,2026-02-03,,,,", "结束日期", "must not come before"),
        ("E1,annual,2023-02-02,2023-02-03,,,,", "开始日期", "does not work here"),
        ("E1,unpaid,2026-02-02,2026-02-03,yes,,,", "带薪", "Unpaid leave is not paid"),
        ("E1,annual,2026-02-02,2026-02-03,maybe,,,", "带薪", "neither yes nor no"),
        ("E1,annual,2026-02-02,2026-02-03,,120,,", "工时占比", "between 1 % and 100 %"),
        ("HR,annual,2026-02-02,2026-02-03,,,,", "开始日期", "This is about yourself"),
        ("王芳,annual,2026-05-04,2026-05-08,,,,", "开始日期", "absent on some of these days already"),
    ],
)
def test_a_row_that_cannot_be_is_named_by_row_and_column_and_stops_the_import(hr, row, place, said):
    run = checked(hr, f"{ROWS}{row}\n")

    [problem] = run.report["problems"]

    assert (problem["row"], problem["field"]) == (5, place)
    assert said in sentences.words(problem["message"])
    assert not run.can_run
    assert kept() == []


def test_taking_back_cancels_what_nobody_has_changed(hr):
    run = imported(checked(hr))
    Absence.objects.filter(kind="annual").update(version=2)  # somebody worked on it

    services.undo_import(run_id=run.pk, today=NOW.date(), at=NOW + dt.timedelta(days=1), reason="Wrong file")

    run.refresh_from_db()
    assert run.outcome["undone"]["absences"] == {"removed": 2, "kept": 1}
    assert [row[1] for row in kept()] == ["annual"]
    assert set(Absence.objects.exclude(kind="annual").values_list("cancelled_by", flat=True)) == {hr.pk}


def test_leave_is_imported_by_hr_only_and_other_data_not_by_hr(hr):
    refused = checked(importer())
    assert (refused.state, "Absences" in refused.outcome["message"]) == (ImportState.FAILED, True)

    deals = SimpleUploadedFile("products.csv", b"product,sales_price\nGTX,10\n")
    run = services.start_import(name="Goods", uploads=[deals], currency="USD", since=SINCE, by=hr)
    run = services.check_import(run_id=run.pk, today=NOW.date())

    assert (run.state, "Products" in run.outcome["message"]) == (ImportState.FAILED, True)
    assert kept() == []


def test_the_example_fits_its_mapping(hr):
    folder = Path(settings.BASE_DIR) / "examples" / "absences"
    for number in ("P-SHA-2", "P-SHA-3", "P-NKG-2", "P-NKG-3", "P-LON-2", "P-SIN-2"):
        PersonFactory(external_id=number, hired_on=dt.date(2024, 1, 1))

    call_command("import_data", folder / "mapping.yml", folder, by=hr.username)

    assert Absence.objects.count() == 6
    assert Absence.objects.get(person__external_id="P-LON-2").relieves_quota
