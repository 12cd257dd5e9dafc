import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, connection, transaction

from apps.core.effective import span
from apps.core.errors import StaleVersion
from apps.org.models import Assignment
from apps.targets import selectors, services
from apps.targets.enums import Balance, Method, PlanStatus, Season
from apps.targets.models import Target, TargetPlan
from apps.targets.rules.allocation import DoesNotFit, WrongWeights
from apps.targets.rules.levels import Level
from apps.targets.rules.tree import WrongTarget
from apps.targets.tests.factories import AT, TODAY, make_plan, seat_of, unit_of

YEAR = (dt.date(2026, 1, 1), dt.date(2027, 1, 1))


def by(company):
    return {"by_id": company.planner.pk, "at": AT}


def amounts(plan):
    return {str(row.unit or row.position).split(" (#")[0]: row.amount for row in plan.targets.all()}


def test_last_year_plus_20_percent_goes_down_to_every_seat_and_month(draft, company):
    assert unit_of(draft, company.top).amount == D("8640")
    assert [unit_of(draft, unit).amount for unit in (company.east, company.west)] == [D("4320"), D("4320")]
    assert [seat_of(draft, one).amount for one in (company.ann, company.bob, company.cho, company.dee)] == [
        D("1440"), D("2880"), D("4320"), D("0")
    ]  # fmt: skip
    assert set(unit_of(draft, company.top).months) == {D("720")}


def test_a_lead_who_does_not_sell_answers_for_the_unit_only(draft, company):
    assert not draft.targets.filter(position__assignments__person=company.east_lead).exists()
    assert unit_of(draft, company.east).owner == company.east_lead


def test_a_vacant_seat_carries_its_target_and_its_lead_answers(company):
    plan = make_plan(company, levels={0: Level(Method.HISTORY), 1: Level(Method.EQUAL)})

    vacant = plan.targets.get(position__title="Vacant seat")
    assert vacant.amount == D("1440")
    assert vacant.owner == company.east_lead


def test_over_assignment_is_set_per_level(company):
    levels = {0: Level(Method.HISTORY, D("0.05")), 1: Level(Method.HISTORY, D("0.10"))}

    plan = make_plan(company, levels=levels)

    assert unit_of(plan, company.east).amount == D("4536")
    assert seat_of(plan, company.bob).amount == D("3326.40")
    assert sum(unit_of(plan, company.top).months) == D("8640")


def test_a_rate_is_the_same_target_for_everybody(company):
    plan = make_plan(company, measure="win_rate", amount=D("0.3500"), growth=None)

    assert set(plan.targets.values_list("amount", flat=True)) == {D("0.35")}
    assert not plan.is_additive


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        ({"measure": "no_such"}, services.UnknownMeasure),
        ({"measure": "deals_lost"}, services.UnknownMeasure),
        ({"growth": None}, services.NoTopFigure),
        ({"year": "2024"}, services.NoTopFigure),
        ({"amount": D("-1")}, WrongTarget),
        ({"amount": D("NaN")}, WrongTarget),
        ({"levels": {0: Level(Method.WEIGHTED, weights={"equal": D("0.9")})}}, WrongWeights),
    ],
)
def test_an_impossible_plan_is_refused_and_leaves_nothing(company, options, refusal):
    with pytest.raises(refusal):
        make_plan(company, **options)

    assert TargetPlan.objects.count() == 0


def test_a_second_open_draft_of_the_same_target_is_refused(draft, company):
    with pytest.raises(services.OpenVersionExists):
        make_plan(company)

    assert TargetPlan.objects.count() == 1


def edit(target, amount, balance=Balance.SIBLINGS, **options):
    with transaction.atomic():
        return services.edit_node(
            target_id=target.pk,
            amount=D(amount),
            balance=balance,
            by_id=target.plan.created_by_id,
            at=AT,
            **options,
        )


def test_siblings_make_room_for_a_typed_figure(draft, company):
    edit(seat_of(draft, company.ann), "2000", reason="Took over key accounts")

    ann = seat_of(draft, company.ann)
    assert (ann.amount, ann.is_fixed, ann.override_reason) == (D("2000"), True, "Took over key accounts")
    assert (ann.stretch_amount, ann.challenge_amount) == (D("2200"), D("2400"))
    assert seat_of(draft, company.bob).amount == D("2320")
    assert unit_of(draft, company.east).amount == D("4320")


def test_totals_follow_a_typed_figure(draft, company):
    edit(seat_of(draft, company.ann), "2000", Balance.UP)

    assert unit_of(draft, company.east).amount == D("4880")
    assert unit_of(draft, company.top).amount == D("9200")
    assert sum(unit_of(draft, company.top).months) == D("9200")


def test_a_figure_beyond_the_room_there_is_changes_nothing(draft, company):
    before = amounts(draft)

    with pytest.raises(DoesNotFit):
        edit(seat_of(draft, company.ann), "5000")

    assert amounts(draft) == before


def test_a_stale_edit_is_refused(draft, company):
    edit(seat_of(draft, company.ann), "2000", revision=1)

    with pytest.raises(StaleVersion):
        edit(seat_of(draft, company.bob), "1000", revision=1)

    assert seat_of(draft, company.bob).amount == D("2320")


def test_a_released_figure_returns_to_the_method(draft, company):
    edit(seat_of(draft, company.ann), "2000")

    with transaction.atomic():
        services.release_node(target_id=seat_of(draft, company.ann).pk, by_id=company.planner.pk, at=AT)

    assert seat_of(draft, company.ann).amount == D("1440")
    assert not seat_of(draft, company.ann).is_fixed


def test_a_typed_month_is_kept_and_the_others_make_room(draft, company):
    seat = seat_of(draft, company.ann)

    with transaction.atomic():
        services.edit_months(target_id=seat.pk, months={0: D("340")}, by_id=company.planner.pk, at=AT)

    assert seat_of(draft, company.ann).months == [D("340")] + [D("100")] * 11
    assert unit_of(draft, company.east).months[0] == D("580")


def test_limits_hold_in_the_next_split(draft, company):
    with transaction.atomic():
        services.set_limits(
            target_id=seat_of(draft, company.dee).pk,
            low=D("500"),
            high=None,
            by_id=company.planner.pk,
            at=AT,
        )

    assert seat_of(draft, company.dee).amount == D("500")
    assert seat_of(draft, company.cho).amount == D("3820")


def test_another_method_keeps_what_was_set_by_hand(draft, company):
    edit(seat_of(draft, company.ann), "2000")

    with transaction.atomic():
        services.cascade(
            **by(company), plan_id=draft.pk, levels={0: Level(Method.EQUAL)}, amount=D("9000"), on=TODAY
        )

    assert seat_of(draft, company.ann).amount == D("2000")
    assert seat_of(draft, company.bob).amount == D("1250")
    assert [seat_of(draft, one).amount for one in (company.cho, company.dee)] == [D("2250"), D("2250")]
    draft.refresh_from_db()
    assert draft.growth == D("0.25")


def test_months_follow_another_season(draft, company):
    weights = (D(2), *[D(1)] * 10, D(0))

    with transaction.atomic():
        services.cascade(
            **by(company), plan_id=draft.pk, season=Season.CUSTOM, custom_season=weights, on=TODAY
        )

    months = unit_of(draft, company.top).months
    assert (months[0], months[1], months[11]) == (D("1440"), D("720"), D("0"))


def test_the_season_is_learned_from_two_years(company):
    plan = make_plan(company, season=Season.LEARNED)

    assert plan.season == Season.LEARNED


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        (
            lambda plan: Target.objects.filter(plan=plan, depth=2).update(amount=12, months=[D(1)] * 12),
            "targets_target_children_sum",
        ),
        (
            lambda plan: Target.objects.filter(plan=plan, depth=2).update(amount=1),
            "targets_target_months_sum",
        ),
        (
            lambda plan: Target.objects.filter(plan=plan, depth=2).update(months=[]),
            "targets_target_months_sum",
        ),
    ],
)
def test_the_database_refuses_figures_that_do_not_add_up(draft, change, constraint):
    def break_it():
        with transaction.atomic():
            change(draft)
            connection.check_constraints()

    with pytest.raises(IntegrityError) as refusal:
        break_it()

    assert refusal.value.__cause__.diag.constraint_name == constraint


def submit(plan, by):
    with transaction.atomic():
        return services.submit_plan(plan_id=plan.pk, by_id=by.pk, at=AT, on=TODAY)


def approve(plan, by):
    with transaction.atomic():
        return services.approve_plan(plan_id=plan.pk, by_id=by.pk, at=AT, on=TODAY)


def test_submitting_judges_every_target(draft, company):
    submit(draft, company.planner)

    cho = seat_of(draft, company.cho)
    assert [one["letter"] for one in cho.smart] == ["S", "M", "A", "R", "T"]
    assert cho.checked_at == AT


def test_a_submitted_plan_cannot_be_edited(draft, company):
    submit(draft, company.planner)

    with pytest.raises(services.PlanNotOpen):
        edit(seat_of(draft, company.ann), "2000")


def test_whoever_planned_cannot_approve(draft, company):
    submit(draft, company.planner)

    with pytest.raises(services.SamePerson):
        approve(draft, company.planner)

    draft.refresh_from_db()
    assert draft.status == PlanStatus.SUBMITTED


def test_a_second_approval_is_refused(in_force, company):
    with pytest.raises(services.NotWaiting):
        approve(in_force, company.chief)


def test_a_target_that_fails_its_check_needs_a_waiver(company):
    plan = make_plan(company, growth=D("2"))
    submit(plan, company.planner)
    failing = list(plan.targets.filter(smart_grade="failed").values_list("pk", flat=True))
    with pytest.raises(services.NeedsWaiver):
        approve(plan, company.chief)

    with transaction.atomic():
        services.waive(target_ids=failing, by_id=company.chief.pk, at=AT, reason="Board decision of May")

    assert approve(plan, company.chief).status == PlanStatus.APPROVED


def test_a_returned_plan_is_a_draft_again_with_the_reason(draft, company):
    submit(draft, company.planner)

    with transaction.atomic():
        services.return_plan(plan_id=draft.pk, by_id=company.chief.pk, at=AT, reason="West is too high")

    draft.refresh_from_db()
    assert (draft.status, draft.reason, draft.submitted_by) == (PlanStatus.DRAFT, "West is too high", None)


def test_a_new_version_replaces_the_one_in_force_only_when_approved(in_force, company):
    with transaction.atomic():
        new = services.new_version(
            plan_id=in_force.pk, by_id=company.planner.pk, at=AT, reason="Acquisition in the west"
        )
    edit(unit_of(new, company.west), "5000", Balance.UP)
    assert quota(company.cho) == D("4320.00")

    submit(new, company.planner)
    approve(new, company.chief)

    in_force.refresh_from_db()
    assert (in_force.status, new.version) == (PlanStatus.SUPERSEDED, 2)
    assert quota(company.cho) == D("5000.00")


def test_two_versions_in_force_are_refused_by_the_database(in_force, company):
    with transaction.atomic():
        new = services.new_version(plan_id=in_force.pk, by_id=company.planner.pk, at=AT, reason="Test")

    with pytest.raises(IntegrityError, match="targets_plan_one_in_force"), transaction.atomic():
        TargetPlan.objects.filter(pk=new.pk).update(
            status="approved", approved_by=company.chief, approved_at=AT
        )


def quota(person, start=YEAR[0], end=YEAR[1]):
    return selectors.quota(measure="revenue", start=start, end=end, person_id=person.pk)


def test_quotas_of_people_and_units_over_any_range(in_force, company):
    assert quota(company.ann) == D("1440.00")
    assert quota(company.ann, dt.date(2026, 4, 1), dt.date(2026, 7, 1)) == D("360.00")
    assert quota(company.ann, dt.date(2026, 6, 1), dt.date(2026, 6, 16)) == D("60.00")
    assert quota(company.east_lead) is None
    assert selectors.quota(measure="revenue", start=YEAR[0], end=YEAR[1], unit_id=company.east.pk) == D(
        "4320.00"
    )
    assert selectors.quota(measure="activities", start=YEAR[0], end=YEAR[1], unit_id=company.east.pk) is None


def test_a_mover_leaves_the_target_with_the_seat(in_force, company):
    held = Assignment.objects.get(person=company.ann)
    held.valid = span(held.valid.lower, dt.date(2026, 7, 1))
    held.save(update_fields=["valid"])
    Assignment.objects.create(
        position=held.position, person=company.dee, valid=span(dt.date(2026, 7, 1)), is_primary=False
    )

    assert quota(company.ann) == D("720.00")
    assert quota(company.dee) == D("720.00")


def test_attainment_compares_the_ledger_with_the_quota(in_force, company):
    found = selectors.attainment(
        measure="revenue", start=dt.date(2025, 1, 1), end=dt.date(2026, 1, 1), person_id=company.ann.pk
    )
    assert (found.actual, found.quota, found.ratio) == (D("1200"), None, None)

    this_year = selectors.attainment(
        measure="revenue", start=YEAR[0], end=YEAR[1], unit_id=company.top.pk, on=dt.date(2026, 1, 31)
    )
    assert (this_year.actual, this_year.quota, this_year.expected) == (D("0"), D("8640.00"), 720)


def test_a_draft_can_be_thrown_away(draft):
    with transaction.atomic():
        services.discard_plan(plan_id=draft.pk)

    assert (TargetPlan.objects.count(), Target.objects.count()) == (0, 0)
