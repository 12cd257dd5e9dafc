"""Effective quota, slices, tiers: what counts for a person, and parts that sum to their target."""

import datetime as dt
from decimal import Decimal as D
from fractions import Fraction as F

import pytest
from django.db import IntegrityError, transaction

from apps.calendars import selectors as calendars
from apps.customers.tests.factories import AccountFactory
from apps.measures.services import Entry, post
from apps.pipeline.tests.factories import ProductFactory
from apps.targets import selectors, services
from apps.targets.enums import Balance, Method, RampUse
from apps.targets.models import QuotaRelief, TargetSlice
from apps.targets.rules.levels import Level
from apps.targets.rules.pacing import Attainment
from apps.targets.rules.tree import WrongTarget
from apps.targets.selectors.quotas import quotas
from apps.targets.selectors.seasons import choices
from apps.targets.selectors.slices import slice_page
from apps.targets.selectors.tiers import tier_lines
from apps.targets.tests.factories import AT, TODAY, QuotaReliefFactory, make_plan, seat_of, unit_of

YEAR = (dt.date(2026, 1, 1), dt.date(2027, 1, 1))


def months(*numbers):
    return [calendars.period(f"2026-M{number:02d}", "month") for number in numbers]


def grant(company, person, numbers=(3,), **options):
    given = {"share": D("0.5"), "reason": "Parental leave", **options}
    with transaction.atomic():
        return services.grant_relief(
            measure="revenue", person_id=person.pk, months=months(*numbers), by=company.chief, at=AT, **given
        )


def quota(person, start=YEAR[0], end=YEAR[1]):
    return selectors.quota(measure="revenue", start=start, end=end, person_id=person.pk)


def test_relief_lowers_what_counts_and_leaves_the_seat_and_the_unit(in_force, company):
    grant(company, company.ann, (3, 4))

    found = quotas("revenue", *YEAR, person_ids=[company.ann.pk], unit_ids=[company.east.pk])
    assert found.total(person_id=company.ann.pk) == D("1320.00")
    assert found.planned(person_id=company.ann.pk) == D("1440.00")
    assert found.total(unit_id=company.east.pk) == D("4320.00")
    assert seat_of(in_force, company.ann).amount == D("1440")
    march = found.pieces(person_id=company.ann.pk)[2]
    assert (march.full, march.ramp, march.relief, march.amount) == (120, 1, 60, 60)


def test_an_amount_of_relief_counts_by_the_part_of_the_month(in_force, company):
    grant(company, company.ann, (6,), share=None, amount=D(40))

    assert quota(company.ann, dt.date(2026, 6, 1), dt.date(2026, 7, 1)) == D("80.00")
    assert quota(company.ann, dt.date(2026, 6, 1), dt.date(2026, 6, 16)) == D("40.00")


def test_attainment_is_measured_against_the_effective_quota(in_force, company):
    grant(company, company.ann, range(1, 13))

    found = selectors.attainment(measure="revenue", start=YEAR[0], end=YEAR[1], person_id=company.ann.pk)

    assert found.quota == D("720.00")


def test_a_relief_taken_back_counts_no_more_and_stays_on_record(in_force, company):
    [row] = grant(company, company.ann)
    with transaction.atomic():
        services.revoke_relief(relief_id=row.pk, by=company.chief, at=AT)

    assert quota(company.ann) == D("1440.00")
    assert QuotaRelief.objects.get().revoked_by == company.chief
    with pytest.raises(services.AlreadyRevoked), transaction.atomic():
        services.revoke_relief(relief_id=row.pk, by=company.chief, at=AT)


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        ({"reason": " "}, services.ReasonMissing),
        ({"numbers": ()}, WrongTarget),
        ({"share": None}, WrongTarget),
        ({"amount": D(5)}, WrongTarget),
        ({"share": D("1.5")}, WrongTarget),
        ({"share": None, "amount": D(0)}, WrongTarget),
        ({"share": None, "amount": D("NaN")}, (WrongTarget, ArithmeticError)),
    ],
)
def test_relief_without_a_clear_amount_or_reason_is_refused(in_force, company, options, refusal):
    with pytest.raises(refusal):
        grant(company, company.ann, **options)

    assert QuotaRelief.objects.count() == 0


def test_nobody_relieves_themselves(in_force, company):
    with pytest.raises(services.OwnRelief):
        grant(company, company.head)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"share": None, "amount": None}, "targets_relief_amount_or_share"),
        ({"share": D("0.5"), "amount": D(1)}, "targets_relief_amount_or_share"),
        ({"reason": ""}, "targets_relief_says_why"),
        ({"revoked_at": AT}, "targets_relief_revoked_pair"),
        ({"share": D("1.1")}, "targets_relief_share"),
    ],
)
def test_the_database_refuses_half_a_relief(company, values, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        QuotaReliefFactory(person=company.ann, **values)


def test_a_newcomers_quota_rises_with_the_ramp(company):
    company.dee.hired_on = dt.date(2026, 5, 1)
    company.dee.save(update_fields=["hired_on"])
    plan = make_plan(company, levels={0: Level(Method.EQUAL)})
    with transaction.atomic():
        services.cascade(
            plan_id=plan.pk,
            ramp=services.Ramp((D(0), D("0.25"), D("0.5")), RampUse.RELIEF),
            by_id=company.planner.pk,
            at=AT,
            on=TODAY,
        )

    found = quotas("revenue", *YEAR, person_ids=[company.dee.pk], plan_id=plan.pk)
    ramps = [piece.ramp for piece in found.pieces(person_id=company.dee.pk)]
    assert ramps[3:8] == [0, 0, F(1, 4), F(1, 2), 1]
    assert found.planned(person_id=company.dee.pk) == D("2160.00")
    assert found.total(person_id=company.dee.pk) == D("1035.00")


def test_quotas_cost_the_same_with_relief_for_everybody(in_force, company, django_assert_max_num_queries):
    for person in (company.ann, company.bob, company.cho):
        grant(company, person, range(1, 13))

    people = [company.ann.pk, company.bob.pk, company.cho.pk, company.dee.pk]
    with django_assert_max_num_queries(8):
        quotas("revenue", *YEAR, person_ids=people)


def test_the_season_is_offered_in_every_way_it_can_be_had(draft, company):
    found = choices(measure="revenue", unit_id=company.top.pk, year=draft.period, before=TODAY)

    assert [choice.season for choice in found] == ["learned", "learned_plain", "working_days", "even"]
    assert found[1].weights == [1] * 12
    assert all(sum(choice.weights) == 12 for choice in found)


def test_each_tier_has_its_own_attainment(draft):
    standing = Attainment(D(1150), D(1000), F(115, 100))

    lines = tier_lines(draft, standing)

    assert [(line.code, line.quota, line.is_reached) for line in lines] == [
        ("base", D("1000.00"), True), ("stretch", D("1100.00"), True), ("challenge", D("1200.00"), False)
    ]  # fmt: skip
    assert lines[2].ratio == F(1150, 1200)


@pytest.fixture
def products(company):
    """Two products, of which Ann sold last year 900 and 300, and this year 90 of the first."""
    one, two = ProductFactory(name="Chroma"), ProductFactory(name="Spectra")
    rows = [(one, 2025, 900), (two, 2025, 300), (one, 2026, 90)]
    with transaction.atomic():
        post(
            [
                Entry(
                    measure="revenue",
                    key=f"product:{product.pk}:{year}",
                    credited_on=dt.date(year, 1, 12),
                    value=D(value),
                    person_id=company.ann.pk,
                    product_id=product.pk,
                    source_type="test.product",
                    source_id=product.pk * 10000 + year,
                )
                for product, year, value in rows
            ]
        )
    return one, two


def slice_target(company, target, dimension, amounts, **options):
    with transaction.atomic():
        return services.set_slices(
            target_id=target.pk,
            dimension=dimension,
            amounts=amounts,
            by_id=company.planner.pk,
            at=AT,
            **options,
        )


def test_a_target_is_sliced_by_product_with_the_attainment_of_each(draft, company, products):
    one, two = products
    ann = seat_of(draft, company.ann)
    proposed = slice_page(ann, "product", TODAY)
    assert {line.label: line.amount for line in proposed.lines} == {
        "Chroma": D("1080.00"),
        "Spectra": D("360.00"),
    }

    slice_target(company, ann, "product", {str(one.pk): D(900), str(two.pk): D(540)})

    found = slice_page(seat_of(draft, company.ann), "product", TODAY)
    assert [(line.label, line.amount, line.actual, line.ratio) for line in found.lines] == [
        ("Chroma", D(900), D(90), F(1, 10)), ("Spectra", D(540), D(0), 0)
    ]  # fmt: skip


def test_slices_follow_their_target_and_come_back(draft, company, products):
    one, two = products
    ann = seat_of(draft, company.ann)
    slice_target(company, ann, "product", {str(one.pk): D(1000), str(two.pk): D(440)})
    for amount in ("7.77", "1440"):
        with transaction.atomic():
            services.edit_node(
                target_id=ann.pk, amount=D(amount), balance=Balance.SIBLINGS, by_id=company.planner.pk, at=AT
            )
        total = sum(TargetSlice.objects.filter(target=ann).values_list("amount", flat=True))
        assert total == D(amount)

    amounts = TargetSlice.objects.filter(target=ann).order_by("-amount").values_list("amount", flat=True)
    assert list(amounts) == [D(1000), D(440)]


def test_a_mix_is_handed_down_and_copied_to_the_next_version(draft, company):
    for sector in ("bank", "retail"):
        AccountFactory(sector=sector)
    east = unit_of(draft, company.east)

    slice_target(company, east, "segment", {"bank": D(1080), "retail": D(3240)}, below=True)

    shares = TargetSlice.objects.filter(target=seat_of(draft, company.bob)).order_by("member")
    assert [row.amount for row in shares] == [D(720), D(2160)]
    with transaction.atomic():
        services.submit_plan(plan_id=draft.pk, by_id=company.planner.pk, at=AT, on=TODAY)
        services.approve_plan(plan_id=draft.pk, by_id=company.chief.pk, at=AT, on=TODAY)
        new = services.new_version(plan_id=draft.pk, by_id=company.planner.pk, at=AT, reason="Next")
    assert (
        TargetSlice.objects.filter(target__plan=new).count()
        == 2 * new.targets.filter(slices__isnull=False).distinct().count()
    )


@pytest.mark.parametrize(
    ("dimension", "amounts", "refusal"),
    [
        ("segment", {"retail": D(1)}, services.SlicesDoNotFit),
        ("segment", {"moon": D(4320)}, WrongTarget),
        ("channel", {"web": D(4320)}, WrongTarget),
        ("segment", {"retail": D("4320.001")}, WrongTarget),
        ("segment", {"retail": D(-1)}, WrongTarget),
    ],
)
def test_slices_that_do_not_fit_are_refused(draft, company, dimension, amounts, refusal):
    AccountFactory(sector="retail")

    with pytest.raises(refusal):
        slice_target(company, unit_of(draft, company.east), dimension, amounts)

    assert TargetSlice.objects.count() == 0
