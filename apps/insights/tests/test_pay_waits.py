"""Questions about pay and held windfalls stand on the home of whoever decides, and of nobody else."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction
from django.urls import reverse

from apps.access.models import User
from apps.core import clock
from apps.incentives import services
from apps.incentives.models import Hold, PayLine
from apps.incentives.tests.factories import AT, Company
from apps.insights.waiting import waiting_for

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 7, 10, 9, tzinfo=dt.UTC)


def told(user, url):
    fresh = User.objects.get(pk=user.pk)
    return [one.title for one in waiting_for(fresh, clock.today()) if one.url == url]


def test_a_question_waits_for_whom_it_is_assigned_to():
    with clock.fixed(NOW):
        company = Company()
        company.plan()
        company.sell(company.rep, "100")
        line = PayLine.objects.get(run=company.locked(), person=company.rep)
        with transaction.atomic():
            dispute = services.raise_dispute(line_id=line.pk, text="Wrong", by=company.users["rep"], at=NOW)
        url = reverse("incentives:dispute", args=[dispute.pk])
        other = company.checker if dispute.assigned_to == company.admin else company.admin

        assert told(dispute.assigned_to, url) == ["Answer the question about pay of Rep"]
        assert told(other, url) == told(company.users["manager"], url) == []


def test_a_windfall_waits_for_a_second_person():
    with clock.fixed(NOW):
        company = Company()
        with transaction.atomic():
            services.set_policy(
                dispute_days=5, windfall_deal_factor=Decimal(2), windfall_quota_share=None,
                windfall_line_factor=None, shows_leaderboards=False, by=company.admin, at=AT,
            )  # fmt: skip
        company.plan()
        for number in range(20):
            company.sell(company.peer, "10", month=2, source_id=500 + number)
        company.sell(company.rep, "900", source_id=7)
        company.calculated()
        url = reverse("incentives:holds")

        assert Hold.objects.count() == 1
        assert told(company.checker, url) == ["Review the held deal “#7”"]
        assert told(company.admin, url) == told(company.users["rep"], url) == []
