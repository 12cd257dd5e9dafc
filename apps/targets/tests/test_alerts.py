import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from apps.access.models import User
from apps.core import clock
from apps.measures.services import Entry, post
from apps.notifications.models import Notification
from apps.targets import services
from apps.targets.enums import AlertKind, Balance
from apps.targets.models import AlertRule, TargetAlert
from apps.targets.tests.factories import AT, TODAY, TargetAlertFactory, seat_of

JUNE = dt.date(2026, 6, 1)


def credit(person, measure, day, value, key):
    with transaction.atomic():
        post(
            [
                Entry(
                    measure=measure, key=f"{measure}:{person.pk}:{day}:{key}", credited_on=day,
                    value=D(value), person_id=person.pk, source_type="test.deal",
                    source_id=day.toordinal() * 10 + len(key),
                )
            ]
        )  # fmt: skip


def watch(on=JUNE):
    with transaction.atomic():
        return services.watch(on=on)


def user(name):
    return User.objects.get(username=name)


@pytest.fixture
def selling(in_force, company):
    """Until June Ann sells half of what is expected, Bob makes up for it, and Cho sells just enough."""
    for person, monthly in ((company.ann, "60"), (company.bob, "300"), (company.cho, "360")):
        for month in range(1, 6):
            credit(person, "revenue", dt.date(2026, month, 10), monthly, "sale")
    return in_force


def found(plan):
    return {
        (alert.target_id, alert.kind): alert
        for alert in TargetAlert.objects.filter(target__plan=plan).order_by("pk")
    }


def test_a_target_behind_its_pace_is_seen_and_told_once(selling, company):
    seat = seat_of(selling, company.ann)

    new = watch()

    assert {alert.target_id for alert in new} == {seat.pk}
    pace = found(selling)[seat.pk, "pace"]
    assert (pace.opened_on, pace.closed_on, pace.figures["share"]) == (JUNE, None, "0.5000")
    assert D(pace.figures["actual"]) == D(300)
    told = Notification.objects.filter(kind="target_deviation").values_list("user__username", "title")
    assert sorted(name for name, _title in told) == ["ann", "eve"]
    assert dict(told)["ann"].endswith("Behind the pace (50%)")
    assert watch() == []
    assert Notification.objects.filter(kind="target_deviation").count() == 2


def test_an_open_alert_is_brought_up_to_date_and_not_doubled(selling, company):
    watch()

    assert watch(dt.date(2026, 6, 2)) == []

    alert = found(selling)[seat_of(selling, company.ann).pk, "pace"]
    assert (alert.opened_on, alert.seen_on) == (JUNE, dt.date(2026, 6, 2))
    assert TargetAlert.objects.count() == 1


def test_an_alert_closes_by_itself_and_opens_anew(selling, company):
    watch()
    credit(company.ann, "revenue", dt.date(2026, 6, 1), "400", "rescue")
    watch(dt.date(2026, 6, 2))

    closed = found(selling)[seat_of(selling, company.ann).pk, "pace"]
    assert closed.closed_on == dt.date(2026, 6, 2)
    assert not TargetAlert.objects.open().exists()
    new = watch(dt.date(2026, 12, 1))

    assert "pace" in {alert.kind for alert in new}
    assert TargetAlert.objects.filter(target=closed.target, kind="pace").count() == 2


def test_an_alert_follows_its_node_into_the_next_version(selling, company):
    watch()
    with transaction.atomic():
        new = services.new_version(plan_id=selling.pk, by_id=company.planner.pk, at=AT, reason="Fair")
        services.edit_node(
            target_id=seat_of(new, company.cho).pk, amount=D("4400"), balance=Balance.UP,
            by_id=company.planner.pk, at=AT,
        )  # fmt: skip
        services.submit_plan(plan_id=new.pk, by_id=company.planner.pk, at=AT, on=TODAY)
        services.approve_plan(plan_id=new.pk, by_id=company.chief.pk, at=AT, on=TODAY)

    assert watch(dt.date(2026, 6, 2)) == []

    assert set(found(new)) == {(seat_of(new, company.ann).pk, "pace")}


def test_a_year_that_is_over_closes_its_alerts(selling, company):
    watch()

    watch(dt.date(2027, 1, 5))

    assert not TargetAlert.objects.open().exists()


def test_a_sudden_drop_is_seen_while_the_year_is_well_ahead(in_force, company):
    credit(company.cho, "revenue", dt.date(2026, 4, 10), "3000", "big")
    credit(company.cho, "revenue", dt.date(2026, 5, 5), "10", "small")

    kinds = {alert.kind for alert in watch() if alert.target == seat_of(in_force, company.cho)}

    assert kinds == {"drop"}


def test_a_rule_switched_off_reports_nothing_and_closes_what_was_open(selling, company):
    watch()
    for kind in (AlertKind.PACE, AlertKind.PROJECTION):
        with transaction.atomic():
            services.set_rule(
                kind=kind,
                is_on=False,
                below=D("0.9"),
                after=D("0.2"),
                window=20,
                by_id=company.planner.pk,
                at=AT,
            )

    assert watch(dt.date(2026, 6, 2)) == []
    assert not TargetAlert.objects.open().exists()


@pytest.mark.parametrize("wrong", [{"below": D(0)}, {"below": D(3)}, {"after": D(2)}, {"window": 2}])
def test_thresholds_that_make_no_sense_are_refused(company, wrong):
    options = {"below": D("0.9"), "after": D("0.2"), "window": 20, **wrong}

    with pytest.raises(services.WrongRule), transaction.atomic():
        services.set_rule(kind=AlertKind.PACE, is_on=True, by_id=company.planner.pk, at=AT, **options)

    assert AlertRule.objects.count() == 0


def test_the_database_refuses_two_open_alerts_of_a_kind(selling, company):
    alert = TargetAlertFactory(target=seat_of(selling, company.ann))

    with pytest.raises(IntegrityError, match="targets_alert_one_open"), transaction.atomic():
        TargetAlertFactory(target=alert.target)


def test_the_gap_is_split_by_cause(selling, company):
    """Ann won two of four deals a month of last year; this year one of four, at the same value."""
    for month in range(1, 13):
        day = dt.date(2025, month, 10)
        for measure, value in (("deals_won", "2"), ("deals_lost", "2")):
            credit(company.ann, measure, day, value, "was")
    for month in range(1, 6):
        day = dt.date(2026, month, 10)
        for measure, value in (("deals_won", "1"), ("deals_lost", "3")):
            credit(company.ann, measure, day, value, "is")

    watch()

    alert = found(selling)[seat_of(selling, company.ann).pk, "pace"]
    parts = {name: D(one["amount"]) for name, one in alert.parts.items()}
    assert sum(parts.values()) == D(alert.figures["actual"]) - 600
    assert parts["speed"] == 0
    assert min(parts, key=parts.get) == "win_rate"


# On the pages


@pytest.fixture
def go(client):
    def call(who, name, /, *args, **data):
        client.force_login(who if isinstance(who, User) else user(who))
        url = reverse(f"targets:{name}", args=args)
        return client.post(url, data) if data.pop("post", False) else client.get(url, data)

    with clock.fixed(dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC)):
        yield call


@pytest.mark.parametrize(
    ("who", "seen", "status"), [("ann", 1, 200), ("bob", 0, 404), ("eve", 1, 200), ("chief", 1, 200)]
)
def test_deviations_by_reach(go, selling, company, who, seen, status):
    watch()
    alert = TargetAlert.objects.first()

    assert len(go(who, "alerts").context["rows"]) == seen
    assert go(who, "alert", alert.pk).status_code == status


def test_the_list_is_filtered_and_shows_what_ended(go, selling, company):
    watch()
    TargetAlert.objects.filter(kind="pace").update(closed_on=JUNE)
    credit(company.ann, "revenue", dt.date(2026, 6, 1), "252", "nearly")
    watch(dt.date(2026, 6, 2))

    assert [row.alert.kind for row in go("chief", "alerts", kind="projection").context["rows"]] == [
        "projection"
    ]
    assert [row.alert.kind for row in go("chief", "alerts", closed="1").context["rows"]] == ["pace"]
    assert go("chief", "alerts", closed="1", kind="drop").context["rows"] == []


def test_one_deviation_is_explained(go, selling, company):
    for year, won in ((2025, "2"), (2026, "1")):
        for month in range(1, 6):
            credit(company.ann, "deals_won", dt.date(year, month, 10), won, "won")
    watch()
    alert = found(selling)[seat_of(selling, company.ann).pk, "pace"]

    answer = go("eve", "alert", alert.pk)

    assert answer.status_code == 200
    assert sum(part.amount for part in answer.context["found"].parts) == D("-300.00")
    assert answer.context["chart"].type == "bridge"


@pytest.mark.parametrize(
    ("who", "see", "change"), [("planner", 200, 302), ("eve", 200, 404), ("ann", 403, 403)]
)
def test_who_sets_the_rules(go, company, who, see, change):
    data = {"pace-is_on": "on", "pace-below": "80", "pace-after": "30", "pace-window": "20"}

    assert go(who, "alert_rules").status_code == see
    assert go(who, "set_alert_rule", "pace", post=True, **data).status_code == change
    assert AlertRule.objects.filter(below=D("0.8")).exists() == (change == 302)


def test_an_unknown_rule_is_not_found(go, company):
    assert go("planner", "set_alert_rule", "nonsense", post=True).status_code == 404


def test_deviations_over_the_api(client, selling, company):
    watch()
    client.force_login(user("eve"))
    rows = client.get("/api/v1/target-alerts/?kind=pace&is_open=true").json()["results"]
    client.force_login(user("bob"))

    assert [row["target"] for row in rows] == [seat_of(selling, company.ann).pk]
    assert client.get("/api/v1/target-alerts/").json()["results"] == []


def test_watching_costs_the_same_for_more_people(selling, company, django_assert_max_num_queries):
    watch()

    with django_assert_max_num_queries(60):
        watch(dt.date(2026, 6, 2))
