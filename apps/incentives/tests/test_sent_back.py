"""Approvers send plans, pay runs and corrections back with a reason; whoever handed them in reads it."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from apps.core import clock
from apps.core.tests.together import decided_at_once
from apps.incentives import services
from apps.incentives.models import Adjustment, PlanVersion, RunStep, VersionStep
from apps.incentives.services.adjustments import AdjustmentRefused
from apps.incentives.services.plans import InvalidPlan, SecondPersonNeeded, VersionNotOpen
from apps.incentives.tests.factories import AT, Company, document, sample_adjustment
from apps.notifications.models import Notification

WHY, NEXT = "The cap is missing", dt.date(2026, 7, 1)


@pytest.fixture(autouse=True)
def _summer():
    with clock.fixed(dt.datetime(2026, 7, 10, 9, tzinfo=dt.UTC)):
        yield


def handed_in(company, **more):
    """Return a version that waits for approval."""
    with transaction.atomic():
        version = services.create_plan(
            code="new", name="New plan", purpose="", document=document(**more),
            starts_on=NEXT, by=company.admin, at=AT,
        )  # fmt: skip
        return services.submit_version(version_id=version.pk, by=company.admin, at=AT)


@pytest.fixture
def waiting(company):
    return handed_in(company)


def act(name, **given):
    with transaction.atomic():
        return getattr(services, name)(at=AT, **given)


def test_a_plan_goes_back_to_its_author_who_is_told_why_and_hands_it_in_again(company, waiting, client):
    act("send_back_version", version_id=waiting.pk, reason=f"  {WHY} ", by=company.checker)
    client.force_login(company.admin)
    plan = reverse("incentives:plan", args=[waiting.plan_id])

    pages = [client.get(plan), client.get(reverse("incentives:plan_edit", args=[waiting.plan_id]))]

    told = Notification.objects.get()
    assert PlanVersion.objects.get().status == "draft"
    assert (told.user_id, told.kind, told.url) == (company.admin.pk, "pay_sent_back", f"{plan}?version=1")
    assert [WHY in page.content.decode() for page in pages] == [True, True]
    act("submit_version", version_id=waiting.pk, by=company.admin)
    act("approve_version", version_id=waiting.pk, by=company.checker)
    steps = VersionStep.objects.order_by("pk").values_list("act", "by__username", "note")
    assert list(steps) == [
        ("written", "admin", ""), ("submitted", "admin", ""), ("sent_back", "checker", WHY),
        ("submitted", "admin", ""), ("approved", "checker", ""),
    ]  # fmt: skip


def test_whoever_wrote_an_earlier_draft_does_not_approve_what_another_made_of_it(company):
    with transaction.atomic():
        draft = services.create_plan(
            code="new", name="New plan", purpose="", document=document(), starts_on=NEXT,
            by=company.checker, at=AT,
        )  # fmt: skip
    act(
        "save_draft", plan_id=draft.plan_id, document=document(), starts_on=NEXT, note="", revision=None,
        by=company.admin,
    )  # fmt: skip
    act("submit_version", version_id=draft.pk, by=company.admin)

    for author in (company.admin, company.checker):
        with pytest.raises(SecondPersonNeeded):
            act("approve_version", version_id=draft.pk, by=author)
    act("approve_version", version_id=draft.pk, by=company.users["executive"])

    assert PlanVersion.objects.get().status == "approved"
    written = VersionStep.objects.filter(act="written").order_by("pk")
    assert list(written.values_list("by__username", flat=True)) == ["checker", "admin"]


@pytest.mark.parametrize(
    ("by", "reason", "refusal"),
    [
        pytest.param("checker", " ", InvalidPlan, id="without a reason"),
        pytest.param("admin", WHY, SecondPersonNeeded, id="by its author"),
    ],
)
def test_a_refused_return_changes_nothing(company, waiting, by, reason, refusal):
    with pytest.raises(refusal):
        act("send_back_version", version_id=waiting.pk, reason=reason, by=company.users[by])

    assert PlanVersion.objects.get().status == "submitted"
    assert VersionStep.objects.count() == 2
    assert not Notification.objects.exists()


def test_a_plan_that_pays_the_approver_or_waits_for_nobody_is_not_sent_back(company, waiting):
    executive = company.users["executive"]
    with transaction.atomic():
        services.assign_plan(
            plan_id=waiting.plan_id,
            person_id=company.boss.pk,
            starts_on=dt.date(2026, 7, 1),
            by=company.admin,
        )
    with pytest.raises(SecondPersonNeeded):
        act("send_back_version", version_id=waiting.pk, reason=WHY, by=executive)
    act("send_back_version", version_id=waiting.pk, reason=WHY, by=company.checker)

    with pytest.raises(VersionNotOpen):
        act("send_back_version", version_id=waiting.pk, reason=WHY, by=company.checker)

    assert VersionStep.objects.filter(act="sent_back").count() == 1


@pytest.mark.parametrize(
    ("who", "status"),
    [("rep", 403), ("manager", 403), ("sysadmin", 403), ("auditor", 403), ("hr", 403), ("checker", 302)],
)
def test_who_may_send_a_plan_back(company, waiting, client, who, status):
    client.force_login(company.users[who])
    asked = client.get(reverse("incentives:version_sending_back", args=[waiting.pk]))

    answer = client.post(reverse("incentives:version_send_back", args=[waiting.pk]), {"reason": WHY})

    assert (asked.status_code, answer.status_code) == (200 if status == 302 else 403, status)
    assert (PlanVersion.objects.get().status == "draft") == (status == 302)


def test_the_form_asks_for_the_reason_and_only_posts_send_back(company, waiting, client):
    client.force_login(company.checker)
    url = reverse("incentives:version_send_back", args=[waiting.pk])

    assert client.get(url).status_code == 405
    assert client.post(url, {"reason": ""}).status_code == 422
    assert PlanVersion.objects.get().status == "submitted"


@pytest.mark.django_db(transaction=True)
def test_of_an_approval_and_a_return_at_once_one_counts():
    with transaction.atomic():
        company = Company()
    waiting = handed_in(company)
    asked = {"version_id": waiting.pk, "by": company.checker, "at": AT}

    decided = decided_at_once(
        lambda: services.approve_version(**asked),
        lambda: services.send_back_version(**asked, reason=WHY),
        lambda: services.send_back_version(**asked, reason=WHY),
    )

    assert decided == ["done", "version_not_open", "version_not_open"]
    assert VersionStep.objects.filter(act__in=["approved", "sent_back"]).count() == 1


def test_the_database_keeps_the_steps_and_wants_a_reason(company, waiting):
    step = VersionStep.objects.first()
    for broken in (
        lambda: VersionStep.objects.filter(pk=step.pk).update(note="x"),
        lambda: VersionStep.objects.create(version=waiting, act="sent_back", by=company.checker, at=AT),
        lambda: VersionStep.objects.create(version=waiting, act="eaten", by=company.checker, at=AT),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            broken()


def test_whoever_calculated_a_run_is_told_that_it_came_back(company):
    company.plan()
    run = company.calculated()
    act("review_run", run_id=run.pk, by=company.admin)

    act("send_back", run_id=run.pk, reason="Rep's 12,000 is wrong", by=company.checker)

    told = Notification.objects.get()
    assert (told.user_id, told.url) == (company.admin.pk, reverse("incentives:run", args=[run.pk]))
    assert "12,000" not in str(told.title) + str(told.body)
    assert RunStep.objects.filter(note="Rep's 12,000 is wrong").exists()


def test_an_adjustment_is_refused_with_a_reason_that_its_author_reads(company, client):
    asked = sample_adjustment(company)
    client.force_login(company.checker)
    url = reverse("incentives:adjustment_refuse", args=[asked.pk])
    with pytest.raises(AdjustmentRefused):
        act("decide_adjustment", adjustment_id=asked.pk, approve=False, by=company.checker)
    assert client.get(reverse("incentives:adjustment_refusing", args=[asked.pk])).status_code == 200
    assert client.post(url, {"reason": ""}).status_code == 422

    assert client.post(url, {"reason": WHY}).status_code == 302

    asked.refresh_from_db()
    assert (asked.status, asked.refusal) == ("refused", WHY)
    assert Notification.objects.get().user_id == company.admin.pk
    client.force_login(company.admin)
    assert WHY in client.get(reverse("incentives:adjustments")).content.decode()
    assert Adjustment.objects.count() == 1
