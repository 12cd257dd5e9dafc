"""What the administration links to."""

import datetime as dt

import pytest
from django.contrib import admin
from django.utils import translation
from psycopg2.extras import DateRange

from apps.access.admin_base import ReadonlyField, days_of
from apps.org.models import Assignment, OrgUnit, Person, RoleGrant


def shown(model, name, record):
    """Return how the page of a model shows the record behind one of its foreign keys."""
    field = object.__new__(ReadonlyField)
    field.model_admin = admin.site._registry[model]
    return field.get_admin_url(model._meta.get_field(name).remote_field, record)


def test_a_related_row_is_a_link_where_the_same_permission_opens_it():
    assert "/admin/org/person/7/change/" in shown(Assignment, "person", Person(pk=7, name="Ada"))


def test_a_related_row_is_a_name_where_another_permission_is_asked_for():
    unit = OrgUnit(pk=3, name="East")

    assert shown(RoleGrant, "unit", unit) == str(unit)


@pytest.mark.parametrize(
    ("first", "after", "expected"),
    [
        pytest.param(dt.date(2024, 1, 1), None, "自2024年1月1日起", id="open"),
        pytest.param(dt.date(2024, 1, 1), dt.date(2024, 7, 1), "2024年1月1日 至 2024年6月30日", id="ended"),
        pytest.param(None, dt.date(2024, 7, 1), "至 2024年6月30日", id="no-start"),
    ],
)
def test_a_stretch_of_days_reads_from_its_first_to_its_last_day(first, after, expected):
    with translation.override("zh-hans"):
        assert days_of(DateRange(first, after)) == expected


def test_a_bare_field_is_named_in_the_readers_language():
    with translation.override("zh-hans"):
        assert str(RoleGrant._meta.get_field("valid").verbose_name) == "有效期"
