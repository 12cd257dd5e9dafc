"""Two at once: of the same decision one is taken, and nothing is told twice."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction

from apps.access.models import User
from apps.core.tests.together import decided_at_once
from apps.notifications.models import Notification
from apps.targets import services
from apps.targets.enums import Approver, Balance, Below
from apps.targets.models import ApprovalStep, OwnFigure, ShareRequest, TargetAlert
from apps.targets.tests.factories import AT, TODAY, seat_of, unit_of

pytestmark = pytest.mark.django_db(transaction=True)
DUES = dict.fromkeys(range(3), dt.date(2026, 3, 2))


def test_a_figure_is_accepted_once(draft, company):
    eve, ann = (User.objects.get(username=name).pk for name in ("eve", "ann"))
    with transaction.atomic():
        services.open_round(plan_id=draft.pk, dues=DUES, by_id=company.planner.pk, at=AT, on=TODAY)
        figure = OwnFigure.objects.get(target=seat_of(draft, company.ann))
        services.enter_figure(figure_id=figure.pk, by_id=ann, at=AT, amount=Decimal(1300))
        services.submit_figure(figure_id=figure.pk, by_id=ann, at=AT)

    def accept():
        services.accept_figures(figure_ids=[figure.pk], by_id=eve, at=AT)

    assert decided_at_once(accept, accept) == ["done", "not_submitted"]
    assert figure.notes.filter(kind="accepted").count() == 1


def test_a_question_is_answered_once(draft, company):
    with transaction.atomic():
        east = unit_of(draft, company.east)
        services.change_total(
            target_id=east.pk, amount=Decimal(5000), below=Below.ASK, balance=Balance.UP, reason="Fair",
            by_id=company.planner.pk, at=AT, on=TODAY,
        )  # fmt: skip
    asked = ShareRequest.objects.get().pk

    def answer():
        services.answer_request(request_id=asked, choice=Below.PRORATE, by_id=company.planner.pk, at=AT)

    assert decided_at_once(answer, answer) == ["already_answered", "done"]


def test_a_step_is_added_once(company):
    def add():
        services.add_step(who=Approver.ROLE, role="executive", by_id=company.chief.pk, at=AT)

    assert decided_at_once(add, add) == ["done", "wrong_step"]
    assert ApprovalStep.objects.count() == 1


def test_two_watches_at_once_open_and_tell_once(in_force, company):
    def watch():
        services.watch(on=dt.date(2026, 6, 1))

    assert decided_at_once(watch, watch) == ["done", "done"]
    assert TargetAlert.objects.filter(kind="pace").count() == len(
        set(TargetAlert.objects.filter(kind="pace").values_list("target_id", flat=True))
    )
    told = Notification.objects.filter(kind="target_deviation").values_list("user_id", flat=True)
    assert len(told) == len(set(told)) > 0
