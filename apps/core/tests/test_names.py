"""Proposed names: read in the reader's language on a page, as stored everywhere else."""

import json

import pytest
from django.template import engines
from django.utils import translation

from apps.core import names
from apps.core.names import NameField, Proposed, WordsField

PAGE = engines["django"].from_string('<a title="{{ name }}">{{ name }}</a>{% load i18n %}{% trans "Unit" %}')


@pytest.fixture
def _chinese():
    with translation.override("zh-hans"):
        yield


def stored(text):
    return NameField(max_length=80).from_db_value(text, None, None)


@pytest.mark.usefixtures("_chinese")
def test_a_page_shows_a_proposed_name_in_the_readers_language():
    page = PAGE.render({"name": stored("Sales representative")})

    assert '<a title="销售代表">销售代表</a>' in page


@pytest.mark.usefixtures("_chinese")
def test_a_name_somebody_thought_of_stays_as_written_and_escaped():
    page = PAGE.render({"name": stored("Unit <b>")})

    assert type(stored("Save")) is str
    assert '<a title="Unit &lt;b&gt;">' in page


@pytest.mark.usefixtures("_chinese")
def test_code_files_and_interfaces_see_what_is_stored():
    name = stored("Sales representative")

    assert isinstance(name, Proposed)
    assert (str(name), f"{name}", json.dumps(name)) == (
        "Sales representative",
        "Sales representative",
        '"Sales representative"',
    )
    assert name == "Sales representative"
    assert name in {"Sales representative"}


def test_an_empty_column_stays_empty():
    assert WordsField().from_db_value(None, None, None) is None


@pytest.mark.parametrize(("field", "path"), [(NameField, "CharField"), (WordsField, "TextField")])
def test_the_schema_knows_only_fields_of_django(field, path):
    assert field(max_length=9).deconstruct()[1] == f"django.db.models.{path}"


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [("zh-hans", "销售代", True), ("zh-hans", "Sales rep", False), ("en", "销售代", False)],
)
def test_a_search_finds_a_name_by_how_it_reads(language, text, found):
    with translation.override(language):
        assert ("Sales representative" in names.meant_by(text)) is found
        assert names.is_called("Sales representative", text.casefold()) is (found or text == "Sales rep")


def test_a_production_system_learns_nothing_of_the_demo_company(settings):
    settings.PRODUCTION = True

    names.hear("apps.no_such_room.demo")

    settings.PRODUCTION = False
    with pytest.raises(ModuleNotFoundError):
        names.hear("apps.no_such_room.demo")
