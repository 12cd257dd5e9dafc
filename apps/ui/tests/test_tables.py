import datetime as dt
import io

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import StreamingHttpResponse
from django.template.loader import render_to_string
from django.test import RequestFactory
from python_calamine import CalamineWorkbook

from apps.access.models import User
from apps.ui.models import SavedView
from apps.ui.tables import Boolean, Choice, Column, DateRange, Empty, Multi, Table, respond
from apps.ui.tables.markup import rows_html

pytestmark = pytest.mark.django_db


class People(Table):
    key = "test.people"
    title = "People"
    columns = [
        Column("username", "Name", sort=True, phone="title"),
        Column("email", "Mail", sort=("email", "-username")),
        Column("language", "Language", kind="badge", value="get_language_display", tone={"en": "good"}),
        Column("date_joined", "Joined", kind="date", sort=True, nullable=True),
        Column("last_login", "Seen", kind="moment", default=False),
    ]
    filters = [
        Choice("language", "Language", options=User.Language.choices),
        Multi("theme", "Theme", options=User.Theme.choices),
        Boolean("active", "Active", lookup="is_active"),
        DateRange("joined", "Joined", lookup="date_joined", instants=True),
    ]
    search = ["username", "email"]
    default_sort = "username"
    page_size = 3
    empty = Empty("No people yet", "Invite somebody.", "Invite", "/invite/")


@pytest.fixture
def people():
    joined = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
    rows = [
        User(
            username=name,
            email=f"{name}@example.test",
            language=language,
            date_joined=joined + dt.timedelta(days=i),
        )
        for i, (name, language) in enumerate(
            [("ada", "en"), ("ben", "en"), ("chen", "zh-hans"), ("dora", "en"), ("=evil", "zh-hans")]
        )
    ]
    return User.objects.bulk_create(rows)


def ask(query="", user=None, **headers):
    request = RequestFactory().get(f"/people/?{query}" if query else "/people/", headers=headers)
    request.user = user or AnonymousUser()
    return request


def table(query="", user=None):
    return People(ask(query, user), User.objects.all())


def names(shown):
    return [row.username for row in shown.page_rows]


def test_rows_come_in_the_default_order_by_pages(people):
    assert names(table()) == ["=evil", "ada", "ben"]
    assert names(table("page=2")) == ["chen", "dora"]
    assert table().has_next
    assert not table("page=2").has_next
    assert table().total == 5


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("sort=-username", ["dora", "chen", "ben"], id="descending"),
        pytest.param("sort=password", ["=evil", "ada", "ben"], id="undeclared-sort-is-ignored"),
        pytest.param("language=zh-hans", ["=evil", "chen"], id="choice"),
        pytest.param("language=' OR 1=1", ["=evil", "ada", "ben"], id="unknown-choice-is-ignored"),
        pytest.param("theme=dark&theme=light", [], id="several"),
        pytest.param("active=no", [], id="boolean"),
        pytest.param("joined_from=2026-01-02&joined_to=2026-01-03", ["ben", "chen"], id="dates-include-both"),
        pytest.param("joined_from=nonsense", ["=evil", "ada", "ben"], id="nonsense-date-is-ignored"),
        pytest.param("q=chen", ["chen"], id="search"),
        pytest.param("q=ch+example", ["chen"], id="every-word-must-occur"),
        pytest.param("page=99999999999", ["=evil", "ada", "ben"], id="absurd-page"),
    ],
)
def test_the_address_decides_what_is_shown(people, query, expected):
    assert names(table(query)) == expected


def test_equal_values_are_ordered_by_primary_key(people):
    class ByLanguage(People):
        columns = [Column("language", "Language", sort=True)]
        default_sort = "language"
        page_size = 10

    shown = ByLanguage(ask(), User.objects.all()).page_rows

    keys = [(row.language, row.pk) for row in shown]
    assert keys == sorted(keys)


def test_a_chip_drops_only_its_own_filter(people):
    shown = table("language=en&q=a&page=2")

    [chip] = shown.chips

    assert (chip.label, chip.value, chip.remove) == ("Language", "English", "?q=a")


def test_chosen_columns_keep_their_declared_order(people):
    assert [column.key for column in table("cols=last_login,username").shown] == ["username", "last_login"]
    assert [column.key for column in table("cols=nonsense").shown] == [
        "username",
        "email",
        "language",
        "date_joined",
    ]


def test_the_export_holds_every_matching_row_and_cannot_run_formulas(people):
    answer = respond(
        ask("export=csv&cols=username,language"), table("export=csv&cols=username,language"), "x.html"
    )

    text = b"".join(answer.streaming_content).decode()
    assert isinstance(answer, StreamingHttpResponse)
    assert text.splitlines() == [
        "\ufeffName,Language",
        "'=evil,简体中文",
        "ada,English",
        "ben,English",
        "chen,简体中文",
        "dora,English",
    ]


def test_the_workbook_holds_every_matching_row_with_dates_as_dates(people):
    answer = respond(
        ask("export=xlsx&cols=username,date_joined"), table("export=xlsx&cols=username,date_joined"), "x.html"
    )

    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    rows = book.get_sheet_by_name("People").to_python()
    assert answer["Content-Disposition"].endswith('.xlsx"')
    assert [row[0] for row in rows] == ["Name", "=evil", "ada", "ben", "chen", "dora"]
    assert rows[2][1] == dt.date(2026, 1, 1)


def test_a_table_that_may_not_leave_the_page_gives_no_file(people):
    class Kept(People):
        exportable = False

    assert Kept(ask("export=xlsx"), User.objects.all()).export_format == ""
    assert table("export=pdf").export_format == ""


def test_htmx_gets_the_table_alone(people):
    request = ask("", None, **{"HX-Request": "true", "HX-Target": "table-test-people"})

    answer = respond(request, People(request, User.objects.all()), "base.html")

    body = answer.content.decode()
    assert body.lstrip().startswith('<section class="table-kit" id="table-test-people"')
    assert "<html" not in body


def test_the_filters_of_the_panel_are_asked_for_when_it_opens(people):
    class Listed(People):
        filters = [
            Choice("language", "Language", options=User.Language.choices, quick=True),
            Choice("username", "Name", options=lambda: [(one.username, one.username) for one in people]),
            Multi("theme", "Theme", options=User.Theme.choices),
        ]

    def answer(**headers):
        request = ask("username=ada&q=a", **headers)
        request.htmx = bool(headers)
        return respond(request, Listed(request, User.objects.all()), "ui/table.html").content.decode()

    closed = answer()
    opened = answer(HX_Request="true", HX_Target="table-test-people-panel")

    assert 'name="language"' in closed
    assert '<input type="hidden" name="username" value="ada">' in closed
    assert "chen" not in closed
    assert '<option value="ada" selected>' in opened
    assert '<option value="chen">' in opened
    assert 'name="theme"' in opened
    assert 'name="language"' not in opened


def test_a_page_without_parameters_opens_the_default_view(people):
    user = people[0]
    SavedView.objects.create(
        user=user, table="test.people", name="Mine", query="language=en", is_default=True
    )
    request = ask("", user)

    answer = respond(request, People(request, User.objects.all()), "base.html")

    assert answer.status_code == 302
    assert answer["Location"] == "/people/?language=en"


def test_an_empty_table_offers_the_next_step():
    body = render_to_string("ui/table.html", {"table": table()})

    assert "No people yet" in body
    assert 'href="/invite/"' in body


def test_a_search_without_match_offers_to_clear_it(people):
    body = render_to_string("ui/table.html", {"table": table("q=nobody")})

    assert "Nothing matches" in body


@pytest.mark.parametrize("rows", [1, 12])
def test_the_page_costs_the_same_queries_however_many_rows(rows, django_assert_num_queries):
    User.objects.bulk_create([User(username=f"u{i}") for i in range(rows)])
    user = User.objects.first()

    with django_assert_num_queries(
        2 if rows == 1 else 3
    ):  # rows, saved views; a count when there are more pages
        render_to_string("ui/table.html", {"table": table("", user)})


def test_computed_rows_are_sorted_and_paged_too():
    class Figures(Table):
        key = "test.figures"
        columns = [Column("n", "N", kind="number", sort=True)]
        default_sort = "-n"

    shown = Figures(ask(), [{"n": 1}, {"n": None}, {"n": 3}])

    assert [row["n"] for row in shown.page_rows] == [3, 1, None]
    assert shown.total == 3


def test_a_cell_with_nothing_in_it_is_marked_as_such():
    drawn = rows_html(
        (Column("name", "Name"), Column("size", "Size", kind="number")), [{"name": "", "size": 4}]
    )

    assert 'data-label="Name" class="blank kind-text">–<' in drawn
    assert 'data-label="Size" class="num kind-number">4<' in drawn
