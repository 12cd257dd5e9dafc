import datetime as dt
import io
import zipfile
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from apps.ui.tables import workbook
from apps.ui.tables.workbook import Head

NINE = dt.datetime.fromisoformat("2026-11-22T09:30")


HEADS = (Head("Name"), Head("Amount", workbook.AMOUNT))


def written(rows, heads=HEADS, title="Deals"):
    return b"".join(workbook.workbook(title, heads, rows))


def sheet(content, name="Deals"):
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(name).to_python()


def part(content, name):
    return zipfile.ZipFile(io.BytesIO(content)).read(name).decode()


def test_a_workbook_reads_back_as_figures_dates_and_text():
    heads = [
        Head("客户"),
        Head("Amount", workbook.AMOUNT),
        Head("Won", workbook.DATE),
        Head("At"),
        Head("Share"),
    ]
    rows = [
        ["张三 <&> Ltd", Decimal("-12.50"), dt.date(2026, 11, 22), NINE, None],
        ["", (Decimal(7), f"{workbook.AMOUNT} [$CNY]"), None, None, 0.25],
    ]

    read = sheet(written(rows, heads))

    assert read[0] == ["客户", "Amount", "Won", "At", "Share"]
    assert read[1] == ["张三 <&> Ltd", -12.5, dt.date(2026, 11, 22), NINE, ""]
    assert read[2] == ["", 7.0, "", "", 0.25]


def test_an_amount_carries_its_currency_as_a_number_format():
    content = written([["A", (Decimal(7), f"{workbook.AMOUNT} [$CNY]")]])

    assert 'formatCode="#,##0.00 [$CNY]"' in part(content, "xl/styles.xml")


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "@SUM(A1)", "\t=1", "＝1", ' "=1'])
def test_text_that_looks_like_a_formula_stays_text_and_is_quoted(text):
    content = written([[text, None]])

    cells = part(content, "xl/worksheets/sheet1.xml")
    assert '<c t="inlineStr" s="2">' in cells
    assert "<f>" not in cells
    assert sheet(content)[1][0].strip() == text.strip()
    assert 'quotePrefix="1"' in part(content, "xl/styles.xml")


def test_what_xml_refuses_is_dropped_and_codes_are_not_read_as_characters():
    content = written([["a\x00b\x0bc_x0041_", Decimal("NaN")]])

    assert sheet(content)[1] == ["abc_x0041_", "NaN"]


def test_a_long_table_goes_on_in_another_sheet(monkeypatch):
    monkeypatch.setattr(workbook, "SHEET_ROWS", 2)

    content = written([[f"row {n}", n] for n in range(3)])

    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert book.sheet_names == ["Deals", "Deals 2"]
    assert sheet(content, "Deals 2") == [["Name", "Amount"], ["row 2", 2.0]]


def test_a_title_that_excel_refuses_as_a_tab_becomes_one():
    content = written([], title="Deals: won/lost [2026] and everything after")

    assert CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names == ["Deals won lost 2026 and ev"]
    assert 'ySplit="1"' in part(content, "xl/worksheets/sheet1.xml")


def test_rows_leave_before_the_last_one_is_read(monkeypatch):
    monkeypatch.setattr(workbook, "ROWS_AT_ONCE", 1)
    asked = []

    def rows():
        for n in range(20_000):
            asked.append(n)
            yield [f"{n * 7919 % 10_007}-{n * 104_729 % 99_991}", n]

    pieces = workbook.workbook("Deals", (Head("Name"), Head("Amount")), rows())

    next(pieces)
    assert len(asked) < 20_000
