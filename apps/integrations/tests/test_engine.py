"""What the import engine makes of workbooks, bad days, repeated ids, huge files, and of itself at once."""

import datetime as dt
import io
import threading
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.utils import translation

from apps.core import clock
from apps.integrations import selectors, services
from apps.integrations.imports import sentences
from apps.integrations.imports.readers import MAX_BYTES, UnreadableFile, open_sheet
from apps.integrations.models import ImportRun, ImportState
from apps.integrations.tests.factories import DEALS, SINCE, importer, started, uploads
from apps.measures.models import Credit
from apps.measures.selectors import value
from apps.pipeline.models import Opportunity, SalesProcess

NOW = dt.datetime(2022, 1, 2, tzinfo=dt.UTC)
KNOWN_DEALS = DEALS.replace("GTXPro", "GTX Pro")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def workbook(rows: list[list[str]]) -> bytes:
    """Return a workbook of cells given as XML without their place."""
    lines = "".join(
        f'<row r="{y}">'
        + "".join(f'<c r="{chr(64 + x)}{y}" {cell}</c>' for x, cell in enumerate(row, 1))
        + "</row>"
        for y, row in enumerate(rows, 1)
    )
    kinds = f'<Types xmlns="{_PACKAGE}/content-types">' + "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="application/vnd.openxmlformats-officedocument'
        f'.spreadsheetml.{kind}+xml"/>'
        for part, kind in (
            ("workbook", "sheet.main"),
            ("worksheets/sheet1", "worksheet"),
            ("styles", "styles"),
        )
    )
    parts = {
        "[Content_Types].xml": kinds
        + '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_RELATED}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATED}"><sheets>'
        '<sheet name="Deals" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_RELATED}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{_RELATED}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{lines}</sheetData></worksheet>',
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + content)
    return file.getvalue()


def words(*texts: str) -> list[str]:
    return [f't="inlineStr"><is><t>{text}</t></is>' for text in texts]


BOOK = workbook(
    [
        words(*KNOWN_DEALS.split("\n")[0].split(",")),
        [
            *words("A1", "Anna Lee", "GTX Pro", "Acme", "Won"),
            's="1"><v>44206</v>',
            's="1"><v>44256</v>',
            "><f>2*2500.25</f><v>5000.5</v>",
        ],
        [*words("A3", "Anna Lee", "MG Special", "", "Engaging"), 's="1"><v>44317</v>', ">", ">"],
    ]
)


def test_a_workbook_gives_its_dates_and_the_values_of_its_formulas(tmp_path: Path) -> None:
    path = tmp_path / "deals.xlsx"
    path.write_bytes(BOOK)

    first, second = (row.cells for row in open_sheet(path).rows)

    assert (first["engage_date"], first["close_date"], first["close_value"]) == (
        "2021-01-10",
        "2021-03-01",
        "5000.5",
    )
    assert (second["close_date"], second["close_value"]) == ("", "")


@pytest.mark.django_db
def test_a_workbook_is_imported_like_a_table() -> None:
    run = services.start_import(
        name="Stone Hardware",
        uploads=[*uploads(pipeline=""), SimpleUploadedFile("deals.xlsx", BOOK)],
        currency="USD",
        since=SINCE,
        by=importer(),
    )

    run = imported(run)

    assert run.state == ImportState.DONE, run.outcome
    won = Opportunity.objects.get(external_id="A1")
    assert (won.created_on, won.closed_on) == (dt.date(2021, 1, 10), dt.date(2021, 3, 1))
    assert value("revenue", SINCE, NOW.date()).value == Decimal("5000.50")


def imported(run: ImportRun) -> ImportRun:
    """Check and write an import as a worker would, and return it as it stands."""
    services.check_import(run_id=run.pk, today=NOW.date())
    services.request_run(run_id=run.pk, by=run.by, url="/")
    services.execute(run_id=run.pk, today=NOW.date(), at=NOW)
    run.refresh_from_db()
    return run


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "place", "text"),
    [
        pytest.param(
            ("2021-03-01,5000", "2022-03-01,5000"), (2, "close_date"), "lies in the future", id="won later"
        ),
        pytest.param(
            ("2021-05-01,,", "2022-05-01,,"), (4, "engage_date"), "lies in the future", id="begun later"
        ),
        pytest.param(("A4,", "A1,"), (5, "opportunity_id"), "An earlier row has the same id", id="id twice"),
        pytest.param(
            ("2021-03-01,5000", "2021-01-09,5000"), (2, "close_date"), "before it was created", id="early"
        ),
        pytest.param((",5000", ",5e3"), (2, "close_value"), "is not a number", id="no number"),
    ],
)
def test_a_row_that_cannot_be_is_named_and_stops_the_import(
    change: tuple[str, str], place: tuple[int, str], text: str
) -> None:
    run = started(importer(), pipeline=KNOWN_DEALS.replace(*change))

    run = services.check_import(run_id=run.pk, today=NOW.date())

    [problem] = run.report["problems"]
    assert (problem["row"], problem["field"]) == place
    assert text in sentences.words(problem["message"])
    assert not run.can_run


def test_a_file_beyond_the_limit_is_refused_by_its_size_alone(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)

    with pytest.raises(UnreadableFile, match="larger than 256 MB"):
        open_sheet(path)


@pytest.mark.django_db
def test_the_same_files_under_another_mapping_name_change_nothing() -> None:
    by = importer()
    run = started(by, pipeline=KNOWN_DEALS)
    with clock.fixed(NOW):
        first = imported(run).outcome["counts"]
        again = started(by, pipeline=KNOWN_DEALS)
        again.mapping["name"] = "Once more"
        again.save(update_fields=["mapping"])
        second = services.check_import(run_id=again.pk, today=NOW.date()).outcome["counts"]

    assert first["organisation"] == {"created": 9, "updated": 0, "unchanged": 0}
    assert {kind: (found["created"], found["updated"]) for kind, found in second.items()} == dict.fromkeys(
        first, (0, 0)
    )
    assert SalesProcess.objects.count() == 1


@pytest.mark.django_db
def test_what_a_check_found_reads_in_the_language_of_whoever_looks() -> None:
    run = started(importer(), pipeline=DEALS.replace("4800.50", "5e3"))
    with translation.override("en"):
        run = services.check_import(run_id=run.pk, today=NOW.date())

    with translation.override("zh-hans"):
        notes = {note["message"] for note in selectors.notes(run)}
        problems = [problem["message"] for problem in selectors.other_problems(run)]
        file = [row[4] for row in selectors.problem_rows(run)]

    assert "这些行没有“客户”，将保持为空。" in notes
    assert problems == ["“5e3”不是 1234.50 这样的数字。"]
    assert problems[0] in file


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_the_same_files_at_once_double_nothing() -> None:
    with transaction.atomic():
        by = importer()
        runs = [started(by, pipeline=KNOWN_DEALS) for _time in range(2)]
        for run in runs:
            services.check_import(run_id=run.pk, today=NOW.date())
            services.request_run(run_id=run.pk, by=by, url="/")

    def work(run: ImportRun) -> None:
        with clock.fixed(NOW):
            services.execute(run_id=run.pk, today=NOW.date(), at=NOW)
        connection.close()

    threads = [threading.Thread(target=work, args=[run]) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    made = sorted(ImportRun.objects.get(pk=run.pk).outcome["counts"]["deals"]["created"] for run in runs)
    assert made == [0, 4]
    assert Opportunity.objects.count() == 4
    assert Credit.objects.filter(measure="deals_won").count() == 2
    assert value("revenue", SINCE, NOW.date()).value == Decimal("9800.50")
