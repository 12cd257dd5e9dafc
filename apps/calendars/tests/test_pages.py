import datetime as dt

import pytest
from django.urls import reverse

from apps.calendars import selectors, services
from apps.calendars.models import CalendarDay, ExchangeRate

PAGES = ["calendars:periods", "calendars:days", "calendars:rates"]


@pytest.mark.parametrize("name", PAGES)
def test_pages_open_empty_and_filled_and_need_the_permission(signed_in, allowed, name):
    assert signed_in.get(reverse(name)).status_code == 403
    allowed.add("calendar.edit")

    assert signed_in.get(reverse(name)).status_code == 200
    services.ensure_years(2020, 2020)
    services.ensure_working_calendar(code="cn", name="China", country="CN", years=[2020])
    assert signed_in.get(reverse(name), {"year": "2020", "month": "2020-02"}).status_code == 200


def test_a_period_is_closed_and_reopened_by_two_people(signed_in, other, allowed):
    allowed.add("calendar.edit")
    signed_in.post(reverse("calendars:add_year"), {"year": "2020"})
    month = selectors.period("2020-M03")

    signed_in.post(reverse("calendars:close", args=[month.pk]))
    assert selectors.is_closed(dt.date(2020, 3, 1))
    signed_in.post(reverse("calendars:request_reopening", args=[month.pk]), {"reason": "late invoice"})
    [request] = selectors.pending_reopenings(2020)
    signed_in.post(reverse("calendars:approve_reopening", args=[request.pk]))
    assert selectors.is_closed(dt.date(2020, 3, 1))
    signed_in.force_login(other)
    assert "late invoice" in signed_in.get(reverse("calendars:periods"), {"year": "2020"}).content.decode()
    signed_in.post(reverse("calendars:approve_reopening", args=[request.pk]))

    assert not selectors.is_closed(dt.date(2020, 3, 1))


def test_a_day_and_a_rate_are_saved(signed_in, allowed):
    allowed.add("calendar.edit")
    china = services.ensure_working_calendar(code="cn", name="China", country="CN", years=[2026])

    signed_in.post(
        reverse("calendars:set_day", args=[china.pk]), {"day": "2026-05-09", "kind": "off", "name": "Trip"}
    )
    signed_in.post(reverse("calendars:set_rate"), {"currency": "CNY", "on": "2026-01-01", "rate": "0.14"})

    assert not CalendarDay.objects.get(day="2026-05-09").is_working
    assert "0.14" in signed_in.get(reverse("calendars:rates")).content.decode()


@pytest.mark.parametrize(
    "data",
    [
        {"currency": "CNY", "on": "2026-01-01", "rate": "NaN"},
        {"currency": "CNY", "on": "0001-01-01", "rate": "1"},
        {"currency": "XXX", "on": "2026-01-01", "rate": "1"},
        {},
    ],
)
def test_nonsense_is_refused_and_nothing_is_saved(signed_in, allowed, data):
    allowed.add("calendar.edit")

    answer = signed_in.post(reverse("calendars:set_rate"), data, headers={"HX-Request": "true"})

    assert answer.status_code == 409
    assert not ExchangeRate.objects.exists()
