"""Simulations: the run's own cents, nothing for nothing, and who may."""

import datetime as dt
import threading
from decimal import Decimal as D
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.urls import reverse

from apps.access.permissions import Role
from apps.access.tests.factories import UserFactory
from apps.calendars import selectors as calendars
from apps.core import clock
from apps.core.effective import span
from apps.core.tests.together import at_once
from apps.events import progress
from apps.events.models import LongTask, OutboxEntry
from apps.incentives import services, tasks
from apps.incentives.models import PayLine, PlanAssignment, SimulatedPayee, Simulation, Statement
from apps.incentives.selectors import simulating
from apps.incentives.selectors.simulated import simulation_page
from apps.incentives.services import simulations
from apps.incentives.services.simulations import PlayedElsewhere, SimulationRefused
from apps.incentives.tests.factories import AT, Company, commission, document, override
from apps.measures import services as ledger
from apps.org.tests.factories import RoleGrantFactory

TODAY = dt.date(2026, 9, 30)


def asked(company, version, first="2026-Q1", last="2026-Q2", by=None, **more):
    with transaction.atomic():
        return services.request_simulation(
            version=version, first=calendars.period(first), last=calendars.period(last),
            by=by or company.admin, at=AT, today=TODAY, url=lambda pk: f"/x/{pk}/", **more,
        )  # fmt: skip


def simulated(company, version, first="2026-Q1", last="2026-Q2", **more):
    found = asked(company, version, first, last, **more)
    return services.simulate_now(simulation_id=found.pk, at=AT)


def draft(company, plan, *components, **changes):
    with transaction.atomic():
        return services.save_draft(
            plan_id=plan.pk, document=document(*components, **changes), starts_on=dt.date(2026, 10, 1),
            note="", by=company.admin, at=AT, revision=None,
        )  # fmt: skip


def rows(found):
    return {row.person.name: row for row in SimulatedPayee.objects.filter(simulation=found)}


SPIFF = {
    "kind": "spiff", "code": "push", "name": "Push", "measure": "revenue", "from": "2026-02-01",
    "before": "2026-06-01", "award": {"kind": "rate", "rate": "0.02"}, "budget": "40",
}  # fmt: skip
RATCHET = commission(basis="year_to_date")
PLANS = [
    pytest.param([commission()], {}, id="marginal by period"),
    pytest.param([RATCHET], {}, id="marginal to date"),
    pytest.param([commission(basis="year_to_date", table={"kind": "retroactive"})], {}, id="retroactive"),
    pytest.param(
        [commission()],
        {
            "draw": {
                "kind": "recoverable",
                "amount": "60",
                "periods": 4,
                "at_end": "carry",
                "recovery_share": "0.5",
            }
        },
        id="draw",
    ),
    pytest.param(
        [commission()],
        {"holdback": {"share": "0.2", "release": {"kind": "periods", "periods": 1}}},
        id="holdback",
    ),
    pytest.param([commission(), SPIFF], {}, id="spiff"),
]


@pytest.mark.parametrize(("components", "changes"), PLANS)
def test_the_actual_plan_pays_what_the_runs_paid_and_differs_from_itself_by_nothing(
    company, components, changes
):
    plan = company.plan(*components, **changes)
    company.plan(override(), code="leads", people=[company.lead])
    company.sell(company.rep, "900.00", month=2)
    back = company.sell(company.rep, "250.00", month=3, day=2)
    company.sell(company.peer, "1400.33", month=2, day=11)
    company.locked("2026-Q1")
    company.sell(company.rep, "111.11", month=3, day=30)  # comes after the lock
    with transaction.atomic():
        ledger.reverse(
            source_type=back.source_type, source_id=back.source_id, booked_on=dt.date(2026, 5, 20),
            reason="Returned",
        )  # fmt: skip
    company.sell(company.rep, "700.00", month=5)
    company.locked("2026-Q2")

    found = simulated(company, plan.versions.get(), unit=company.top)

    paid = PayLine.objects.order_by("pk").values_list(
        "person__name", "run__period__code", "component", "amount"
    )
    shown = rows(found)
    assert sorted(paid) == sorted(
        (name, line["period"], line["component"], D(line["amount"]))
        for name, row in shown.items()
        for line in row.lines
        if line["side"] == "now"
    )
    assert {row.difference for name, row in shown.items() if name != "Lead"} == {D(0)}


@pytest.fixture
def played(company):
    """Rep sold 900 and peer 2,000 in a quarter; the draft pays 4 % from the first dollar."""
    plan = company.plan()
    company.sell(company.rep, "900.00", month=2)
    company.sell(company.peer, "2000.00", month=2)
    flat = {"kind": "marginal", "tiers": [{"from": "0", "rate": "0.04"}]}
    return SimpleNamespace(company=company, version=draft(company, plan, commission(table=flat)))


def test_a_draft_is_played_beside_what_is_in_force_and_nothing_else_changes(played):
    company = played.company

    found = simulated(company, played.version, last="2026-Q1", budget=D("100"))

    shown = rows(found)
    # 900 × 3 % against 900 × 4 %; 1000 × 3 % and 1000 × 5 % against 2000 × 4 %.
    assert {name: (row.paid_now, row.paid_then, row.difference) for name, row in shown.items()} == {
        "Rep": (D("27.00"), D("36.00"), D("9.00")),
        "Peer": (D("80.00"), D("80.00"), D("0.00")),
    }
    page = simulation_page(found)
    assert (page.now, page.then, page.difference, page.revenue) == (D("107"), D("116"), D("9"), D("2900"))
    assert (page.winners, page.losers, page.unchanged, page.over_budget) == (1, 0, 1, D("16.00"))
    assert page.rate_then == D("0.04")
    assert [(row.label, row.now, row.then) for row in page.components] == [
        ("Commission", D("107.00"), D("116.00"))
    ]
    assert not Statement.objects.exists()
    assert not PayLine.objects.exists()


def test_windows_to_date_begin_before_the_range_where_they_must(company):
    plan = company.plan(RATCHET)
    company.sell(company.rep, "900.00", month=2)
    company.sell(company.rep, "200.00", month=5)

    row = rows(simulated(company, plan.versions.get(), first="2026-Q2"))["Rep"]

    # 100 fill the first tier of the year at 3 %, 100 lie in the next at 5 %.
    assert (row.paid_now, [period for period, _now, _then in row.periods]) == (D("8.00"), ["2026-Q2"])


def test_the_same_seed_draws_the_same_and_the_copy_keeps_what_was_asked(played):
    first = simulated(played.company, played.version)
    with transaction.atomic():
        services.save_draft(
            plan_id=played.version.plan_id, document=document(), starts_on=dt.date(2026, 10, 1), note="",
            by=played.company.admin, at=AT, revision=played.version.revision,
        )  # fmt: skip
    asked_before = asked(played.company, played.version)

    second = services.simulate_now(simulation_id=asked_before.pk, at=AT)

    assert second.result == first.result
    assert services.simulate_now(simulation_id=first.pk, at=AT).done_at == first.done_at


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        pytest.param({"first": "2026-Q2", "last": "2026-Q1"}, "last", id="backwards"),
        pytest.param({"first": "2026-M01", "last": "2026-M02"}, "last", id="other length"),
        pytest.param({"first": "2026-Q4", "last": "2026-Q4"}, "last", id="not begun"),
    ],
)
def test_periods_must_fit(played, changes, place):
    with pytest.raises(SimulationRefused) as refusal:
        asked(played.company, played.version, **changes)

    assert (set(refusal.value.fields), Simulation.objects.count()) == ({place}, 0)


@pytest.mark.parametrize(
    ("who", "status"),
    [("admin", 200), ("executive", 403), ("manager", 403), ("rep", 403), ("hr", 403), ("auditor", 403)],
)
def test_who_sees_simulations(played, client, who, status):
    found = simulated(played.company, played.version, last="2026-Q1")
    client.force_login(played.company.users[who])
    row = SimulatedPayee.objects.get(simulation=found, person=played.company.rep)

    answers = [
        client.get(reverse("incentives:simulation", args=[found.pk])),
        client.get(reverse("incentives:simulated_payee", args=[row.pk])),
        client.get(reverse("incentives:simulations")),
        client.get(reverse("incentives:simulation_new", args=[played.version.pk])),
        client.get(f"/api/v1/plan-simulations/{found.pk}/payees/"),
    ]

    assert {answer.status_code for answer in answers} == {status}
    assert status != 200 or "$36.00" in answers[1].content.decode()


def test_a_part_of_the_company_is_not_enough(played):
    part = UserFactory(username="part")
    RoleGrantFactory(user=part, role=Role.COMP_ADMIN, unit=played.company.team)

    with pytest.raises(SimulationRefused, match="whole company"):
        asked(played.company, played.version, by=part)
    simulated(played.company, played.version)
    assert not Simulation.objects.visible_to(part).exists()


def test_it_is_asked_for_in_the_browser_and_runs_in_the_background(played, client):
    client.force_login(played.company.admin)
    with clock.fixed(dt.datetime(2026, 9, 30, 9, tzinfo=dt.UTC)):
        sent = client.post(
            reverse("incentives:simulate", args=[played.version.pk]),
            {
                "first": calendars.period("2026-Q1").pk, "last": calendars.period("2026-Q1").pk,
                "seed": "7", "draws": "100",
            },
        )  # fmt: skip
    made = Simulation.objects.get()
    waiting = client.get(sent.url)
    tasks.simulate(simulation_id=made.pk, by_id=played.company.admin.pk, task_id=made.task_id)
    tasks.simulate(simulation_id=made.pk, by_id=played.company.admin.pk, task_id=made.task_id)

    assert (waiting.status_code, LongTask.objects.get(pk=made.task_id).state) == (200, "done")
    assert SimulatedPayee.objects.filter(simulation=made).count() == 2
    exported = client.get(sent.url + "?export=csv")
    assert "36.00" in b"".join(exported).decode()


def test_cancelling_leaves_nothing(played):
    made = asked(played.company, played.version)
    progress.request_cancel(task_id=made.task_id)

    tasks.simulate(simulation_id=made.pk, by_id=played.company.admin.pk, task_id=made.task_id)

    assert (Simulation.objects.count(), LongTask.objects.get().state) == (0, "cancelled")


def test_simulations_are_deleted_by_hand_and_when_their_time_is_over(played):
    by_hand, old, young = (simulated(played.company, played.version) for _number in range(3))
    Simulation.objects.filter(pk=old.pk).update(expires_on=dt.date(2026, 9, 1))
    with transaction.atomic():
        services.delete_simulation(simulation_id=by_hand.pk, by=played.company.admin)
        gone = services.forget_simulations(today=TODAY)

    assert (gone, list(Simulation.objects.values_list("pk", flat=True))) == (1, [young.pk])
    assert set(SimulatedPayee.objects.values_list("simulation", flat=True)) == {young.pk}


def told(found):
    """Everything a simulation says, without the numbers of its rows."""
    fields = [field.name for field in SimulatedPayee._meta.fields if field.name not in {"id", "simulation"}]
    return Simulation.objects.get(pk=found.pk).result, list(
        SimulatedPayee.objects.filter(simulation=found).order_by("pk").values_list(*fields)
    )


@pytest.fixture
def one_by_one(monkeypatch):
    monkeypatch.setattr(simulations, "SMALLEST", 1)
    monkeypatch.setattr(simulations, "BATCH", 1)


def begun(played, **more):
    """A simulation whose first payee was played before the worker was killed in its second batch."""
    made = asked(played.company, played.version, **more)
    monday = simulating.stage(made)
    given = {"simulation_id": made.pk, "stage": monday, "key": simulating.fingerprint(monday)}
    with transaction.atomic():
        simulations._set(made, monday, given["key"], False)
        simulations.play_batch(**given)
    with transaction.atomic():
        simulations.play_batch(**given)
        transaction.set_rollback(True)
    return made, given


def test_a_killed_worker_leaves_its_payees_to_the_next_one(played, one_by_one, monkeypatch):
    whole = told(simulated(played.company, played.version))
    made, _given = begun(played)
    taken = []
    play = simulating.play
    monkeypatch.setattr(simulating, "play", lambda stage, people: taken.extend(people) or play(stage, people))

    tasks.help_simulate(simulation_id=made.pk, by_id=played.company.admin.pk, task_id=made.task_id)
    tasks.simulate(simulation_id=made.pk, by_id=played.company.admin.pk, task_id=made.task_id)

    assert (told(made), len(taken)) == (whole, 1)
    assert LongTask.objects.get(pk=made.task_id).state == "done"


def test_a_worker_with_other_inputs_begins_anew_or_does_not_help(played, one_by_one):
    made, given = begun(played)
    start = dt.date(2026, 1, 1)
    PlanAssignment.objects.filter(person=played.company.rep).update(valid=span(start, dt.date(2026, 2, 15)))

    with pytest.raises(PlayedElsewhere):
        services.simulate_now(simulation_id=made.pk, at=AT, is_help=True)
    assert SimulatedPayee.objects.played().filter(simulation=made).count() == 1
    done = services.simulate_now(simulation_id=made.pk, at=AT)

    assert told(done) == told(simulated(played.company, played.version))
    with pytest.raises(PlayedElsewhere), transaction.atomic():
        simulations.play_batch(**given)


def test_cancelling_stops_whoever_helps(played, one_by_one):
    made, given = begun(played)
    progress.request_cancel(task_id=made.task_id)
    ids = {"simulation_id": made.pk, "by_id": played.company.admin.pk, "task_id": made.task_id}

    tasks.help_simulate(**ids)
    tasks.simulate(**ids)

    with pytest.raises(PlayedElsewhere), transaction.atomic():
        simulations.play_batch(**given)
    assert (Simulation.objects.count(), LongTask.objects.get(pk=made.task_id).state) == (0, "cancelled")


def test_a_large_simulation_asks_for_help_and_hides_who_still_waits(played, one_by_one, client, monkeypatch):
    monkeypatch.setattr(tasks, "SIMULATED_BY_TWO_FROM", 1)
    made, _given = begun(played)
    address = f"/api/v1/plan-simulations/{made.pk}/payees/"
    client.force_login(played.company.admin)
    shown = [len(client.get(address).json()["results"])]

    tasks.simulate(simulation_id=made.pk, by_id=played.company.admin.pk, task_id=made.task_id)

    shown.append(len(client.get(address).json()["results"]))
    assert (shown, OutboxEntry.objects.filter(name=tasks.HELP_SIMULATE).count()) == ([1, 2], 1)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_share_the_payees_and_say_what_one_says(one_by_one, monkeypatch):
    with transaction.atomic():
        company = Company()
    plan = company.plan(RATCHET)
    for person, amount in ((company.rep, "900.00"), (company.peer, "2000.00")):
        company.sell(person, amount, month=2)
    whole = told(simulated(company, plan.versions.get()))
    made = asked(company, plan.versions.get())
    both, taken, play = threading.Barrier(2), [], simulating.play

    def together(stage, people):
        both.wait(timeout=30)  # nobody plays on until the other has payees too
        taken.append(list(people))
        return play(stage, people)

    monkeypatch.setattr(simulating, "play", together)
    done = at_once(
        *(
            lambda one=one: services.simulate_now(simulation_id=made.pk, at=AT, is_help=one)
            for one in (False, True)
        )
    )

    assert sorted(taken) == [[one] for one in sorted([company.rep.pk, company.peer.pk])]
    assert [told(one) for one in done] == [whole, whole]
