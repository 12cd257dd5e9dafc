import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.utils.translation import gettext_lazy

from apps.core import clock
from apps.events.models import OutboxEntry
from apps.notifications import registry, services
from apps.notifications.models import Notification
from apps.notifications.rules import wait_for_quiet_hours, zone_of
from apps.notifications.tasks import send_email

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def kind(monkeypatch):
    monkeypatch.setattr(registry.kinds, "_entries", dict(registry.kinds._entries))
    return registry.register_kind("test", "Test")


def tell(*users, key="k", title="Review due"):
    return services.notify([user.pk for user in users], "test", title, "By Friday", "/reviews/", key)


def emails_waiting():
    return OutboxEntry.objects.filter(name=services.SEND_EMAIL)


def test_a_person_is_told_once_per_key(user):
    tell(user)
    tell(user)

    assert Notification.objects.get().title == "Review due"
    assert emails_waiting().count() == 1


def test_people_without_address_hear_only_in_the_app(other):
    [notice] = tell(other)

    assert (notice.in_app, notice.by_email) == (True, False)
    assert not emails_waiting().exists()


def test_inactive_people_are_left_out(user):
    user.is_active = False
    user.save(update_fields=["is_active"])

    assert tell(user) == []


def test_each_person_hears_in_the_ways_they_chose(user):
    services.set_preference(user_id=user.pk, kind="test", in_app=False, by_email=True)

    tell(user)

    assert not Notification.objects.visible_to(user).exists()
    assert emails_waiting().count() == 1


def test_a_kind_switched_off_is_not_kept(user):
    services.set_preference(user_id=user.pk, kind="test", in_app=False, by_email=False)

    assert tell(user) == []
    assert not Notification.objects.exists()


def test_a_notice_is_written_in_its_readers_language(user):
    user.language = "zh-hans"
    user.save(update_fields=["language"])

    [notice] = tell(user, title=gettext_lazy("Notifications"))

    assert notice.title == "通知"


def test_unknown_kinds_and_missing_keys_are_refused(user):
    with pytest.raises(KeyError):
        services.notify([user.pk], "nobody", "x", dedupe_key="k")
    with pytest.raises(ValueError, match="dedupe_key"):
        services.notify([user.pk], "test", "x")
    with pytest.raises(services.UnknownKind):
        services.set_preference(user_id=user.pk, kind="nobody", in_app=True, by_email=True)

    assert not Notification.objects.exists()


def test_an_e_mail_delivered_twice_is_sent_once(user):
    [notice] = tell(user)
    entry = emails_waiting().get()

    answers = [send_email(outbox_id=entry.pk, notification_id=notice.pk) for _ in range(2)]
    send_email(notification_id=notice.pk)

    assert answers == ["done", "skipped"]
    [message] = mail.outbox
    assert (message.subject, message.to) == ("Review due", ["ops@example.com"])
    assert "By Friday" in message.body


def test_a_mail_server_that_is_away_loses_and_doubles_nothing(user, settings):
    [notice] = tell(user)
    entry = emails_waiting().get()
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    assert send_email(outbox_id=entry.pk, notification_id=notice.pk) == "failed"
    settings.EMAIL_BACKEND = backend

    assert send_email(outbox_id=entry.pk, notification_id=notice.pk) == "done"
    assert len(mail.outbox) == 1


def test_somebody_deactivated_meanwhile_gets_no_e_mail(user):
    [notice] = tell(user)
    user.is_active = False
    user.save(update_fields=["is_active"])

    send_email(notification_id=notice.pk)

    assert mail.outbox == []


def test_line_breaks_in_a_title_add_no_header(user):
    [notice] = tell(user, title="Hello\r\nBcc: evil@example.com")

    send_email(notification_id=notice.pk)

    assert mail.outbox[0].subject == "Hello Bcc: evil@example.com"
    assert mail.outbox[0].recipients() == ["ops@example.com"]


def test_e_mails_wait_for_the_end_of_quiet_hours(user):
    services.set_quiet_hours(user_id=user.pk, starts_at=dt.time(11), ends_at=dt.time(13))

    with clock.fixed(NOON):
        tell(user)

    entry = emails_waiting().get()
    assert entry.due_at - entry.created_at == dt.timedelta(hours=1)


def test_quiet_hours_need_a_length_and_can_be_removed(user):
    with pytest.raises(services.EmptyQuietHours):
        services.set_quiet_hours(user_id=user.pk, starts_at=dt.time(8), ends_at=dt.time(8))
    services.set_quiet_hours(user_id=user.pk, starts_at=dt.time(8), ends_at=dt.time(9))

    assert services.set_quiet_hours(user_id=user.pk, starts_at=None, ends_at=None) is None


@pytest.mark.parametrize(
    ("hour", "wait"),
    [
        pytest.param(10, 0, id="18:00 there, before"),
        pytest.param(12, 12, id="20:00 there, at the start"),
        pytest.param(20, 4, id="04:00 there, after midnight"),
        pytest.param(0, 0, id="08:00 there, at the end"),
    ],
)
def test_quiet_hours_span_midnight_in_the_persons_zone(hour, wait):
    now = dt.datetime(2026, 3, 10, hour, tzinfo=dt.UTC)

    assert wait_for_quiet_hours(now, dt.time(20), dt.time(8), SHANGHAI) == dt.timedelta(hours=wait)


@pytest.mark.parametrize("name", ["", "Nowhere/Land", "../etc/passwd"])
def test_an_unknown_zone_falls_back(name):
    assert zone_of(name, SHANGHAI) is SHANGHAI


def test_work_given_up_is_told_to_job_keepers_once(user, other, monkeypatch):
    monkeypatch.setattr(services, "may", lambda who, permission: who == user)

    for _ in range(2):
        services.tell_job_keepers(what="job", name="nightly", work_id=4)

    notice = Notification.objects.get()
    assert (notice.user, notice.url) == (user, "/events/jobs/")
    assert "nightly" in notice.title
