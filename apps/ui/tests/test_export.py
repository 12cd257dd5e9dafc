import csv
import io
from decimal import Decimal

import pytest

from apps.ui.tables.export import BOM, csv_lines, guarded, unguarded


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+cmd",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        " =1",
        '"=1',
        "'=1",
        "　=1",
    ],
)
def test_a_cell_that_starts_a_formula_is_quoted_and_comes_back(text):
    safe = guarded(text)

    assert safe == f"'{text}"
    assert unguarded(safe) == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("-12.50"), "-12.50"),
        (-3, -3),
        (None, ""),
        ("张三", "张三"),
        ("O'Neil", "O'Neil"),
        ("a\x00b", "ab"),
    ],
)
def test_figures_and_plain_text_stay_as_they_are(value, expected):
    assert guarded(value) == expected


def test_the_file_opens_in_excel_and_survives_delimiters():
    lines = "".join(csv_lines(["Name", "Note"], [["张三, Ltd", 'says "hi"\nbye']]))

    assert lines.startswith(BOM)
    assert list(csv.reader(io.StringIO(lines.removeprefix(BOM)))) == [
        ["Name", "Note"],
        ["张三, Ltd", 'says "hi"\nbye'],
    ]
