import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.notifications.models import Notification, Preference, QuietHours


@pytest.fixture
def home(allowed):
    allowed.add("home")


def notice(user, **values):
    defaults = {"kind": "work_given_up", "title": "Look", "dedupe_key": values.get("title", "k")}
    return Notification.objects.create(user=user, **defaults | values)


def test_the_badge_counts_own_unread_notices_in_one_query_and_answers_304(
    signed_in, user, other, home, django_assert_max_num_queries
):
    notice(user)
    notice(other)

    with django_assert_max_num_queries(3):
        first = signed_in.get(reverse("notifications:badge"))
    again = signed_in.get(reverse("notifications:badge"), headers={"If-None-Match": first["ETag"]})
    notice(user, title="More")
    changed = signed_in.get(reverse("notifications:badge"), headers={"If-None-Match": first["ETag"]})

    assert ">1<" in first.content.decode()
    assert (again.status_code, changed.status_code) == (304, 200)


def test_the_inbox_costs_the_same_with_one_and_twelve(signed_in, user, home, django_assert_num_queries):

    notice(user)
    with CaptureQueriesContext(connection) as one:
        signed_in.get(reverse("notifications:inbox"))
    for number in range(11):
        notice(user, title=f"n{number}")

    with django_assert_num_queries(len(one)):
        signed_in.get(reverse("notifications:inbox"))


def test_opening_marks_read_and_goes_there_but_never_outside(signed_in, user, other, home):
    inside = notice(user, url="/calendars/")
    outside = notice(user, title="x", url="https://evil.example/")
    foreign = notice(other)

    assert signed_in.post(reverse("notifications:open", args=[inside.pk])).url == "/calendars/"
    assert signed_in.post(reverse("notifications:open", args=[outside.pk])).url == "/notifications/"
    assert signed_in.post(reverse("notifications:open", args=[foreign.pk])).status_code == 404

    assert Notification.objects.unread().get() == foreign


def test_marking_all_read_leaves_others_alone(signed_in, user, other, home):
    notice(user)
    notice(other)

    signed_in.post(reverse("notifications:read_all"))

    assert Notification.objects.unread().get().user == other


def test_choices_are_saved(signed_in, user, home):
    signed_in.get(reverse("notifications:preferences"))

    signed_in.post(
        reverse("notifications:save_preferences"),
        {"app:work_given_up": "on", "starts_at": "20:00", "ends_at": "08:00"},
    )

    row = Preference.objects.get(user=user, kind="work_given_up")
    assert (row.in_app, row.by_email) == (True, False)
    assert QuietHours.objects.get(user=user).ends_at.hour == 8
