"""The document of a plan is what calculates; payees confirm its fingerprint; a new version asks anew."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation

from apps.core import clock
from apps.core.tests.together import decided_at_once
from apps.events.jobs import Due
from apps.incentives import services, tasks
from apps.incentives.models import Acknowledgement, PlanVersion
from apps.incentives.selectors.documents import document_paper, people_waiting, waiting_for
from apps.incentives.services.documents import AlreadyConfirmed, ConfirmationRefused, DocumentChanged
from apps.incentives.tests.factories import AT, Company, commission, document
from apps.notifications.models import Notification
from apps.ui.pdf import render

NOW = dt.datetime(2026, 7, 10, 9, tzinfo=dt.UTC)
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def _summer():
    with clock.fixed(NOW):
        yield


def confirmed(version, by, mark=None):
    with transaction.atomic():
        return services.confirm_plan(
            version_id=version.pk, document_hash=mark or version.document_hash, by=by, at=NOW
        )


@pytest.fixture
def version(company):
    return PlanVersion.objects.get(plan=company.plan())


def test_the_document_says_what_the_engine_pays_and_renders_to_the_same_bytes(version):
    paper = document_paper(version)

    first, second = render(paper), render(document_paper(version))

    assert first.startswith(b"%PDF")
    assert first == second
    assert any("3%" in sentence for sentence in paper.sections[0].sentences)
    assert version.document_hash in paper.foot


def test_the_document_speaks_chinese_with_an_embedded_font(version):
    with translation.override("zh-hans"):
        paper = document_paper(version)
        content = render(paper)

    assert paper.facts[0][0] == "版本"
    assert b"NotoSansSC" in content
    assert b"FontFile2" in content


def test_a_payee_confirms_once_with_the_fingerprint_of_what_was_read(company, version):
    row = confirmed(version, company.users["rep"])

    assert (row.document_hash, row.person) == (version.document_hash, company.rep)
    assert waiting_for(company.rep.pk, TODAY) == []
    with pytest.raises(AlreadyConfirmed):
        confirmed(version, company.users["rep"])
    with pytest.raises(IntegrityError, match="append_only"), transaction.atomic():
        Acknowledgement.objects.update(document_hash="x")


def test_nobody_confirms_what_changed_or_for_others(company, version):
    with pytest.raises(DocumentChanged):
        confirmed(version, company.users["rep"], mark="0" * 64)
    for who in ("manager", "admin", "hr"):
        with pytest.raises(ConfirmationRefused):
            confirmed(version, company.users[who])

    assert not Acknowledgement.objects.exists()


def test_a_new_version_asks_everybody_anew(company, version):
    confirmed(version, company.users["rep"])
    with transaction.atomic():
        draft = services.save_draft(
            plan_id=version.plan_id, document=document(commission(name="More")), note="",
            starts_on=dt.date(2026, 7, 1), revision=None, by=company.admin, at=AT,
        )  # fmt: skip
        services.submit_version(version_id=draft.pk, by=company.admin, at=AT)
        services.approve_version(version_id=draft.pk, by=company.checker, at=AT)

    assert waiting_for(company.rep.pk, TODAY) == [draft]
    assert set(people_waiting(draft, TODAY, company.admin)) == {company.rep, company.peer}
    assert set(people_waiting(draft, TODAY, company.users["peer"])) == {company.peer}


def test_the_job_asks_once_a_week_and_stops_after_the_confirmation(company, version):
    def told(day):
        at = dt.datetime.combine(day, dt.time(6), tzinfo=dt.UTC)
        with transaction.atomic():
            tasks.remind_confirmations(Due("incentives.remind_confirmations", str(day), day, at))
        return Notification.objects.filter(kind="confirm_plan", user=company.users["rep"]).count()

    assert [told(dt.date(2026, 7, day)) for day in (6, 7, 12, 13)] == [1, 1, 1, 2]
    confirmed(version, company.users["rep"])
    assert told(dt.date(2026, 7, 20)) == 2
    assert Notification.objects.filter(kind="confirm_plan", user=company.users["peer"]).count() == 3


def test_a_payee_confirms_on_the_page_and_compensation_sees_who_has_not(company, version, client):
    page = reverse("incentives:document", args=[version.pk])
    client.force_login(company.users["rep"])
    assert page in client.get(reverse("incentives:my_pay")).content.decode()
    assert "I have read this plan" in client.get(page).content.decode()

    url = reverse("incentives:document_confirm", args=[version.pk])
    client.post(url, {"document_hash": version.document_hash})

    shown = client.get(page).content.decode()
    assert "You confirmed this document" in shown
    assert "I have read this plan" not in shown
    client.force_login(company.admin)
    answer = client.get(reverse("incentives:confirmations", args=[version.pk]))
    assert (answer.context["confirmed"], answer.context["waiting"]) == (1, 1)
    assert "Peer" in answer.content.decode()


SEES = {
    "rep": 200,
    "manager": 200,
    "executive": 200,
    "hr": 200,
    "admin": 200,
    "auditor": 200,
    "sysadmin": 403,
}


def test_who_reads_the_document_and_who_may_confirm(company, version, client):
    for who, status in SEES.items():
        client.force_login(company.users[who])
        for route in ("document", "document_pdf"):
            assert client.get(reverse(f"incentives:{route}", args=[version.pk])).status_code == status
        if who != "rep":
            url = reverse("incentives:document_confirm", args=[version.pk])
            answer = client.post(
                url, {"document_hash": version.document_hash}, headers={"HX-Request": "true"}
            )
            assert answer.status_code in {403, 404, 409}

    assert not Acknowledgement.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_several_confirmations_at_once_one_is_kept():
    with transaction.atomic():
        company = Company()
    version = PlanVersion.objects.get(plan=company.plan())

    def confirm():
        services.confirm_plan(
            version_id=version.pk, document_hash=version.document_hash, by=company.users["rep"], at=NOW
        )

    assert decided_at_once(*[confirm] * 5) == ["already_confirmed"] * 4 + ["done"]
    assert Acknowledgement.objects.count() == 1
