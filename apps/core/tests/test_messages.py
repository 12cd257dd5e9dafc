import pytest

from apps.core import messages

PYTHON = """
from django.utils.translation import gettext as _, ngettext
A = _("Deals")
B = ngettext("%(n)s deal", "%(n)s deals", 2)
"""
PAGE = '{% load i18n %}{% trans "Won" context "stage" %}{% blocktrans %}Hello {{ name }}.{% endblocktrans %}'


@pytest.fixture
def project(tmp_path):
    room = tmp_path / "apps" / "deals"
    (room / "tests").mkdir(parents=True)
    (room / "apps.py").write_text(PYTHON)
    (room / "tests" / "test_it.py").write_text('_("Never shown")')
    (tmp_path / "templates" / "deals").mkdir(parents=True)
    (tmp_path / "templates" / "deals" / "page.html").write_text(PAGE)
    (tmp_path / "templates" / "base.html").write_text('{% load i18n %}{% trans "Menu" %}')
    return tmp_path


def _po(project):
    return project / "apps" / "deals" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"


def _translate(project, old, new):
    _po(project).write_text(_po(project).read_text().replace(old, new))


def test_a_room_holds_the_strings_of_its_python_and_its_pages(project):
    found = messages.messages_of(project, "deals")

    assert set(found) == {("", "Deals"), ("", "%(n)s deal"), ("stage", "Won"), ("", "Hello %(name)s.")}
    assert found["", "%(n)s deal"].plural == "%(n)s deals"


def test_the_indentation_of_a_page_means_nothing(project):
    page = project / "templates" / "deals" / "page.html"
    page.write_text('{% load i18n %}\n    {% trans "Deep" %}\n  {% trans "Less deep" %}\n')

    assert ("", "Less deep") in messages.messages_of(project, "deals")


def test_pages_of_no_room_belong_to_the_project(project):
    assert set(messages.messages_of(project, messages.ROOT_ROOM)) == {("", "Menu")}


def test_an_update_adds_entries_and_keeps_translations(project):
    messages.update(project, ["deals"])
    _translate(project, 'msgid "Deals"\nmsgstr ""', 'msgid "Deals"\nmsgstr "商机"')

    assert messages.update(project, ["deals"]) == {"deals": (0, 0)}
    assert '"商机"' in _po(project).read_text()


def test_the_check_names_gaps_and_wrong_placeholders(project):
    messages.update(project, ["deals"])
    _translate(project, 'msgid "Deals"\nmsgstr ""', 'msgid "Deals"\nmsgstr "商机"')
    _translate(
        project, 'msgid "Hello %(name)s."\nmsgstr ""', 'msgid "Hello %(name)s."\nmsgstr "你好 %(nme)s。"'
    )

    problems = {(problem.kind, problem.text) for problem in messages.check(project, ["deals"])}

    assert problems == {
        ("other placeholders than the source", "Hello %(name)s."),
        ("not translated", "%(n)s deal"),
        ("not translated", "Won"),
    }


def test_the_check_names_what_left_and_what_is_new(project):
    messages.update(project, ["deals"])
    (project / "templates" / "deals" / "page.html").write_text('{% load i18n %}{% trans "Lost" %}')

    problems = {(problem.kind, problem.text) for problem in messages.check(project, ["deals"])}

    assert ("not in the catalogue", "Lost") in problems
    assert ("no longer used", "Won") in problems


def test_the_check_names_strings_that_two_rooms_put_differently(project):
    other = project / "apps" / "people"
    other.mkdir()
    (other / "apps.py").write_text(PYTHON)
    messages.update(project)
    for room, wording in (("deals", "商机"), ("people", "交易")):
        po = project / "apps" / room / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
        po.write_text(
            po.read_text().replace('msgid "Deals"\nmsgstr ""', f'msgid "Deals"\nmsgstr "{wording}"')
        )

    found = [
        problem for problem in messages.check(project) if problem.kind.startswith("translated differently")
    ]

    assert [(problem.room, problem.text) for problem in found] == [("deals", "Deals"), ("people", "Deals")]
    assert found[0].kind == "translated differently: 交易 (people), 商机 (deals)"


def test_only_stale_catalogues_are_compiled(project):
    messages.update(project, ["deals"])

    assert messages.compile_stale(project) == 1
    assert messages.compile_stale(project) == 0
    assert _po(project).with_suffix(".mo").exists()
