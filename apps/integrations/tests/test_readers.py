"""Files as people send them: understood as declared, or refused with a place and a fix."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from apps.integrations.imports.mapping import InvalidMapping, parse
from apps.integrations.imports.readers import MAX_CELL, UnreadableFile, open_sheet
from apps.integrations.imports.values import BadValue, to_amount, to_date

NAMES = "姓名,城市\n张三,上海\n李四,深圳\n"


def written(folder: Path, content: bytes, name: str = "people.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        pytest.param(NAMES.encode(), "utf-8", id="UTF-8"),
        pytest.param(NAMES.encode("utf-8-sig"), "utf-8-sig", id="UTF-8 with mark"),
        pytest.param(NAMES.encode("gbk"), "gb18030", id="GBK"),
        pytest.param(NAMES.encode("gb18030"), "gb18030", id="GB 18030"),
        pytest.param(NAMES.encode("utf-16"), "utf-16", id="UTF-16"),
        pytest.param(b"\xfe\xff" + NAMES.encode("utf-16-be"), "utf-16", id="UTF-16 big end first"),
        pytest.param(NAMES.replace(",", ";").encode(), "utf-8", id="semicolons"),
        pytest.param(NAMES.replace(",", "\t").encode(), "utf-8", id="tabs"),
        pytest.param(NAMES.replace("\n", "\r\n").encode(), "utf-8", id="Windows lines"),
    ],
)
def test_names_survive_every_usual_encoding(tmp_path: Path, content: bytes, encoding: str):
    sheet = open_sheet(written(tmp_path, content))

    assert sheet.encoding == encoding
    assert [row.cells for row in sheet.rows] == [
        {"姓名": "张三", "城市": "上海"},
        {"姓名": "李四", "城市": "深圳"},
    ]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"\n\n", "is empty", id="blank lines"),
        pytest.param(NAMES.encode("utf-16-le"), "UTF-16 without a mark", id="UTF-16 without mark"),
        pytest.param(b"a,b\n1,\x00\n", "Save it as CSV UTF-8", id="NUL"),
        pytest.param(b"a,a\n1,2\n", "has the column “a” twice", id="column twice"),
        pytest.param(b'a,b\n1,"x\n2,3\n', "Correct the quotes", id="open quote"),
        pytest.param(b'a,b\n1,"x"y\n', "line 2", id="text after a quote"),
        pytest.param(",".join(f"c{n}" for n in range(100_000)).encode(), "100000 columns", id="columns"),
        pytest.param(b"a,b\n1," + b"x" * (MAX_CELL + 1), "row 2 has a cell", id="long cell"),
        pytest.param(b"a,b\n1," + b"x" * 200_000, "people.csv", id="very long cell"),
        pytest.param(b"\xff\xff\x81\x00", "plain text", id="binary"),
    ],
)
def test_what_is_no_table_is_refused_with_its_place(tmp_path: Path, content: bytes, text: str):
    with pytest.raises(UnreadableFile) as refused:
        list(open_sheet(written(tmp_path, content)).rows)

    assert text in str(refused.value)


@pytest.mark.parametrize("content", [b"PK\x03\x04 no", b"<html>", b"", b"GIF89a"])
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes):
    with pytest.raises(UnreadableFile):
        list(open_sheet(written(tmp_path, content, "book.xlsx")).rows)


def test_ragged_rows_are_told_by_number_and_the_rest_is_read(tmp_path: Path):
    sheet = open_sheet(written(tmp_path, b"a,b\n1,2\n3\n4,5,6\n7,8,\n"))

    rows = [row.number for row in sheet.rows]

    assert (rows, sheet.ragged) == ([2, 5], [3, 4])


def test_the_guard_of_an_exported_formula_is_taken_off(tmp_path: Path):
    sheet = open_sheet(written(tmp_path, b"a\n'=1+1\n=1+1\n'tis\n"))

    assert [row.cells["a"] for row in sheet.rows] == ["=1+1", "=1+1", "'tis"]


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-1", "1e400", "1e3", "0x10", "1.000,00", "¥100",
                                  "1.005", "1000000000000", "true", "--1"])  # fmt: skip
def test_absurd_amounts_are_refused(text: str):
    with pytest.raises(BadValue):
        to_amount(text)


@pytest.mark.parametrize(
    ("text", "amount"), [("0", "0"), ("1,234.50", "1234.50"), ("999999999999.99", "999999999999.99")]
)
def test_amounts_are_exact(text: str, amount: str):
    assert to_amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2017-03-01", "iso", dt.date(2017, 3, 1)),
        ("3/1/2017", "mdy", dt.date(2017, 3, 1)),
        ("3/1/2017", "dmy", dt.date(2017, 1, 3)),
        ("2017-03-01", "dmy", dt.date(2017, 3, 1)),
    ],
)
def test_dates_are_read_in_the_declared_order(text: str, order: str, day: dt.date):
    assert to_date(text, order) == day


@pytest.mark.parametrize("text", ["2017-02-29", "13/13/2017", "0000-01-01", "9999-01-01", "soon", "3/1/17"])
def test_days_that_do_not_exist_are_refused(text: str):
    with pytest.raises(BadValue):
        to_date(text, "mdy")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("- 1\n- 2", "", id="a list"),
        pytest.param("a: [", "", id="no YAML"),
        pytest.param("a: &x [1]\nb: *x", "", id="a reference"),
        pytest.param("surprise: 1", "surprise", id="unknown key"),
        pytest.param("products: 3", "products", id="a number for a table"),
        pytest.param("products: {file: a.csv, columns: [1]}", "products.columns", id="a list for columns"),
        pytest.param("values: [1]", "values", id="a list for values"),
        pytest.param("organisation: {file: a, units: 3}", "organisation.units", id="a number for a list"),
        pytest.param("currency: XXX", "currency", id="unknown currency"),
        pytest.param("since: soon", "since", id="no day"),
        pytest.param(
            "opportunities: {stages: {Won: 3}}", "opportunities.stages.Won", id="a number for a stage"
        ),
    ],
)
def test_a_mapping_that_makes_no_sense_names_the_place(text: str, place: str):
    with pytest.raises(InvalidMapping) as refused:
        parse(text)

    assert not place or place in refused.value.fields
