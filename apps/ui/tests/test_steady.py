import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.template.exceptions import TemplateSyntaxError
from django.utils import translation
from django.utils.safestring import mark_safe

from apps.ui.steady import LIMIT, Unnamed


@dataclass(frozen=True)
class Entry:
    label: str


@dataclass
class Loose:
    label: str


def test_a_part_is_written_once_per_values():
    template = Template("{% steady a=a %}{% for one in 'ab' %}{{ a }}{{ one }}{% endfor %}{% endsteady %}")

    assert [template.render(Context({"a": value})) for value in (1, 2, 1)] == ["1a1b", "2a2b", "1a1b"]
    assert len(template.nodelist[0]._kept) == 2


def test_safe_and_unsafe_text_and_one_and_true_are_kept_apart():
    template = Template("{% steady a=a %}{{ a }}{% endsteady %}")
    values = [mark_safe("<b>"), "<b>", (mark_safe("<i>"),), ("<i>",), 1, True]

    shown = [template.render(Context({"a": value})) for value in values]

    assert shown[:2] == ["<b>", "&lt;b&gt;"]
    assert len(template.nodelist[0]._kept) == len(values)
    assert shown[4:] == ["1", "True"]


def test_each_language_has_its_own_text():
    template = Template("{% load i18n %}{% steady %}{% trans 'Close' %}{% endsteady %}")
    shown = []
    for language in ("en", "zh-hans", "en"):
        with translation.override(language):
            shown.append(template.render(Context()))

    assert shown == ["Close", "关闭", "Close"]


@pytest.mark.parametrize(
    "inner", ["{{ b }}", "{% if b %}x{% endif %}", "{{ b.name|default:'-' }}", "{% csrf_token %}"]
)
def test_a_part_that_reads_what_it_does_not_name_is_refused(inner):
    template = Template("{% steady a=a %}" + inner + "{% endsteady %}")

    with pytest.raises(Unnamed, match="must name"):
        template.render(Context({"a": 1, "b": 2, "csrf_token": "secret"}))


@pytest.mark.parametrize(
    "value", [Decimal(1), dt.datetime(2026, 1, 1, tzinfo=dt.UTC), [1], {"a": 1}, Loose("x"), (Loose("x"),)]
)
def test_values_that_may_change_or_depend_on_a_zone_are_refused(value):
    with pytest.raises(TypeError, match="steady"):
        Template("{% steady a=a %}{% endsteady %}").render(Context({"a": value}))


def test_frozen_records_and_dates_are_taken():
    template = Template("{% steady a=a day=day %}{{ a.label }} {{ day|date:'Y' }}{% endsteady %}")

    assert template.render(Context({"a": Entry("x"), "day": dt.date(2026, 1, 1)})) == "x 2026"


def test_it_keeps_a_bounded_number_of_texts():
    template = Template("{% steady a=a %}{{ a }}{% endsteady %}")
    for number in range(LIMIT + 5):
        template.render(Context({"a": number}))

    assert len(template.nodelist[0]._kept) == 5


def test_positional_values_are_refused():
    with pytest.raises(TemplateSyntaxError, match="name=value"):
        Template("{% steady a %}{% endsteady %}")
